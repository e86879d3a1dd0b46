/** TLS: certificates, whom to trust, and which implementation does it. */
@NullMarked
package io.duplex.tls;

import org.jspecify.annotations.NullMarked;
