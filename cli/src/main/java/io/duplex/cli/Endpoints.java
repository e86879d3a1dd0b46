package io.duplex.cli;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;

/** The WebSocket endpoints of the command's servers. */
final class Endpoints {
    private Endpoints() {}

    /**
     * Adds them all.
     *
     * @param route what they have otherwise than the server
     * @param faults whether those that misbehave are wanted too
     */
    static void addTo(WebSocketServer.Builder builder, RouteOptions route, boolean faults) {
        PushClock clock = new PushClock();
        Echo echo = new Echo();
        FanOut fanOut = new FanOut();
        ChatRooms rooms = new ChatRooms();
        builder.route("/echo", route, handshake -> echo)
                .route("/fanout", route, handshake -> fanOut)
                .route("/push", route, handshake -> clock)
                .route("/chat/{room}", route, handshake -> new ChatHandler(rooms, handshake));
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
