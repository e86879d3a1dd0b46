package io.duplex.conformance.w3c;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** What the scripts talk to: each path does one thing. Thread-safe. */
final class ScriptServer {
    static final String PAGE_ORIGIN = "http://page.example";

    private static final int TOO_BIG_BYTES = 2 << 20;
    private static final String CLOSE_ORDER = "close when you have ";

    /** What the last connection to {@code /remember} was closed with. */
    private volatile CompletableFuture<CloseStatus> remembered = new CompletableFuture<>();

    WebSocketServer.Builder builder() {
        return WebSocketServer.builder()
                .port(0)
                .allowedOrigins(PAGE_ORIGIN)
                .subprotocols("superchat", "chat")
                .route("/echo", handshake -> new Echo())
                .route("/subprotocol", handshake -> new Echo())
                .route("/basic-auth", saying(handshake -> String.valueOf(handshake.header("Authorization"))))
                .route("/query", saying(handshake -> String.valueOf(handshake.query())))
                .route(
                        "/headers",
                        saying(handshake -> "origin=" + handshake.origin() + " referer=" + handshake.header("Referer")))
                .route("/greeting", saying(handshake -> "hello"))
                .route("/forbidden", handshake -> {
                    throw new HandshakeException(403, "not for you");
                })
                .route("/close", onOpen(ScriptServer::close))
                .route("/remember", handshake -> new Remembering())
                .route(
                        "/remembered",
                        onOpen((handshake, socket) -> remembered.thenAccept(status -> socket.send(status.toString()))))
                .route("/two", onOpen((handshake, socket) -> {
                    socket.send("1");
                    socket.send("2");
                    socket.close();
                }))
                .route("/too-big", onOpen((handshake, socket) -> {
                    socket.send("small");
                    socket.send(ByteBuffer.allocate(TOO_BIG_BYTES));
                }))
                .route("/abort", handshake -> new WebSocketHandler() {
                    @Override
                    public void onText(WebSocket socket, String text) {
                        socket.abort();
                    }
                })
                .route("/count", handshake -> new Counter());
    }

    private static void close(Handshake handshake, WebSocket socket) {
        String code = handshake.queryParameter("code");
        String reason = handshake.queryParameter("reason");
        if (code == null) {
            socket.closeWithoutStatus();
        } else {
            socket.close(Integer.parseInt(code), reason == null ? "" : reason);
        }
    }

    private static Function<Handshake, WebSocketHandler> saying(Function<Handshake, String> words) {
        return onOpen((handshake, socket) -> socket.send(words.apply(handshake)));
    }

    private static Function<Handshake, WebSocketHandler> onOpen(BiConsumer<Handshake, WebSocket> action) {
        return handshake -> new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                action.accept(handshake, socket);
            }
        };
    }

    /** Sends back what comes, and closes after a goodbye. */
    private static final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text);
            if (text.equals("Goodbye")) {
                socket.close();
            }
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    /** Remembers what it is closed with. */
    private final class Remembering implements WebSocketHandler {
        private final CompletableFuture<CloseStatus> status = new CompletableFuture<>();

        Remembering() {
            remembered = status;
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            status.complete(outcome.status());
        }
    }

    /** Tells how many bytes have come. */
    private static final class Counter implements WebSocketHandler {
        private long bytes;

        @Override
        public void onText(WebSocket socket, String text) {
            if (text.equals("how many")) {
                socket.send(Long.toString(bytes));
            } else if (text.equals(CLOSE_ORDER + bytes)) {
                socket.close(CloseCode.NORMAL, Long.toString(bytes));
            } else {
                bytes += text.getBytes(StandardCharsets.UTF_8).length;
            }
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            bytes += payload.remaining();
        }
    }
}
