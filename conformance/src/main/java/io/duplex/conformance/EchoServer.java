package io.duplex.conformance;

import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;

/** A server that sends every message back: as text what came as text, and without decoding it. */
final class EchoServer {
    private EchoServer() {}

    /** Starts it on a port of the system's choice. */
    static WebSocketServer start(int maxMessageBytes) {
        Limits limits = Limits.builder().maxMessageBytes(maxMessageBytes).build();
        return WebSocketServer.builder()
                .port(0)
                .limits(limits)
                .route("/", handshake -> new Echo())
                .start();
    }

    private static final class Echo implements WebSocketHandler {
        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.sendText(utf8);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }
}
