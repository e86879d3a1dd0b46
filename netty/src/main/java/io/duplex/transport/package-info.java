/** Sockets, event loops and TLS of Netty, as the engine's transport; shared by server and client. Not exported. */
@NullMarked
package io.duplex.transport;

import org.jspecify.annotations.NullMarked;
