/** Socket.IO's protocol, version 5: namespaces, events and acknowledgements over the messages of one WebSocket session. */
@NullMarked
package io.duplex.socketio;

import org.jspecify.annotations.NullMarked;
