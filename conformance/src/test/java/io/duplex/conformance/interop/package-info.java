/** Our client against servers of others, and our server against their clients, over real sockets. */
@NullMarked
package io.duplex.conformance.interop;

import org.jspecify.annotations.NullMarked;
