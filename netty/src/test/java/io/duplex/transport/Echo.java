package io.duplex.transport;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;

/** Sends back what comes. */
public final class Echo implements WebSocketHandler {
    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        socket.sendText(utf8);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        socket.send(payload);
    }
}
