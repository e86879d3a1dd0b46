package io.duplex.benchmarks.peer;

import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;

/**
 * Duplex: bytes are taken and sent at {@code /echo}, strings at {@code /string}, parts at {@code /streamed}; the fan-out is a
 * topic. Everything else is as it comes: UTF-8 checked, limits, time-outs and keepalive on.
 */
final class DuplexEcho {
    private DuplexEcho() {}

    public static void main(String[] arguments) throws Exception {
        PeerOptions options = PeerOptions.parse(arguments);
        WebSocketServer.Builder builder = WebSocketServer.builder()
                .host(PeerOptions.HOST)
                .port(options.port())
                .io(options.io())
                .threads(1)
                .limits(Limits.builder()
                        .maxMessageBytes(PeerOptions.MAX_MESSAGE_BYTES)
                        .build())
                .route("/echo", handshake -> new Bytes())
                .route("/string", handshake -> new Strings())
                .route("/streamed", handshake -> new Parts())
                .route(PeerOptions.FANOUT, handshake -> new FanOut());
        if (options.tls()) {
            PeerCertificate certificate = PeerCertificate.create();
            builder.tls(certificate.chain(), certificate.key());
        }
        try (WebSocketServer server = builder.start()) {
            options.listening(server.port());
            server.awaitClose();
        }
    }

    private static final class Bytes implements WebSocketHandler {
        @Override
        public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
            socket.sendText(utf8);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    private static final class Strings implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    private static final class Parts implements WebSocketHandler {
        @Override
        public Delivery delivery() {
            return Delivery.PARTS;
        }

        @Override
        public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
            socket.sendTextPart(utf8, last);
        }

        @Override
        public void onBinaryPart(WebSocket socket, ByteBuffer payload, boolean last) {
            socket.sendBinaryPart(payload, last);
        }
    }

    private static final class FanOut implements WebSocketHandler {
        private static final String TOPIC = "fanout";

        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe(TOPIC);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.publish(TOPIC, payload.duplicate());
            socket.send(payload);
        }
    }
}
