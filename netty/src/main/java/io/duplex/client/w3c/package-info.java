/** The {@code WebSocket} interface of browsers (WHATWG WebSockets Standard), with its names and meanings. */
@NullMarked
package io.duplex.client.w3c;

import org.jspecify.annotations.NullMarked;
