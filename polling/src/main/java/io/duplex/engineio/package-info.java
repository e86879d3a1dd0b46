/** Engine.IO's protocol, version 4: sessions over long polling and WebSocket, as the clients of Socket.IO speak it. */
@NullMarked
package io.duplex.engineio;

import org.jspecify.annotations.NullMarked;
