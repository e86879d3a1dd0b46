/** Typed messages: codecs, sockets and handlers that use them, and handlers by subprotocol. */
@NullMarked
package io.duplex.codec;

import org.jspecify.annotations.NullMarked;
