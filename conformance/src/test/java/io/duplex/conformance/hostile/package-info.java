/** What strangers may do to a server and to a client, and must not achieve. */
@NullMarked
package io.duplex.conformance.hostile;

import org.jspecify.annotations.NullMarked;
