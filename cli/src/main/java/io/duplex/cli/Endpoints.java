package io.duplex.cli;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;

/** The WebSocket endpoints of the command's servers. */
final class Endpoints {
    private Endpoints() {}

    /**
     * Adds them all.
     *
     * @param faults whether those that misbehave are wanted too
     */
    static void addTo(WebSocketServer.Builder builder, boolean faults) {
        PushClock clock = new PushClock();
        Echo echo = new Echo();
        FanOut fanOut = new FanOut();
        ChatRooms rooms = new ChatRooms();
        builder.route("/echo", handshake -> echo)
                .route("/fanout", handshake -> fanOut)
                .route("/push", handshake -> clock)
                .route("/chat/{room}", handshake -> new ChatHandler(rooms, handshake));
        if (faults) {
            FaultEndpoints.addTo(builder);
        }
    }

    /** Sends each message back. */
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

    /** Sends each message to all. */
    private static final class FanOut implements WebSocketHandler {
        private static final String TOPIC = "fanout";

        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe(TOPIC);
        }

        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.broadcastText(TOPIC, utf8);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.broadcast(TOPIC, payload);
        }
    }
}
