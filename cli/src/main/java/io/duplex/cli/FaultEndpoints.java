package io.duplex.cli;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.HandshakeException;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Endpoints that misbehave on purpose, to see that it is their own connections alone that suffer. What they take is bounded all
 * the same: who has them served may want to let strangers at them.
 */
final class FaultEndpoints {
    /** For the help of the option that adds them. */
    static final String DESCRIPTION = "Adds endpoints that misbehave on purpose, at each message that they get:"
            + " /throw, /throw/open and /throw/ping throw an exception, /throw/error an Error, /throw/make fails before there is a"
            + " connection;"
            + " /refuse refuses the handshake with 403;"
            + " /block echoes after 2 s on a thread of its own, /stall after 2 s on the event loop (once in 10 s, else at once);"
            + " /close closes and sends after that, /abort cuts;"
            + " /big sends 8 MiB, /flood sends until its queue is full, both whether the peer reads or not;"
            + " /never-read reads nothing, /reentrant publishes to itself from within its callbacks.";

    private static final String TOPIC = "reentrant";
    private static final int MAX_DEPTH = 100;

    private FaultEndpoints() {}

    /** Adds them all. */
    static void addTo(WebSocketServer.Builder builder) {
        Staller staller = new Staller();
        Runnable exception = FaultEndpoints::fail;
        builder.route("/throw", handshake -> new OnMessage(socket -> fail()))
                .route("/throw/open", handshake -> new OnOpen(socket -> fail()))
                .route("/throw/ping", handshake -> new OnPing(exception))
                .route("/throw/error", handshake -> new OnMessage(socket -> overflow(0)))
                .route("/throw/make", handshake -> {
                    throw new IllegalStateException("thrown on purpose");
                })
                .route("/refuse", handshake -> {
                    throw new HandshakeException(403, "refused on purpose");
                })
                .route("/block", handshake -> new BlockingEcho())
                .route("/stall", handshake -> new OnMessage(staller))
                .route("/close", handshake -> new OnMessage(FaultEndpoints::closeAndSend))
                .route("/abort", handshake -> new OnMessage(WebSocket::abort))
                .route("/big", handshake -> new OnMessage(FaultEndpoints::sendMuch))
                .route("/flood", handshake -> new OnMessage(FaultEndpoints::flood))
                .route("/never-read", handshake -> new OnOpen(WebSocket::pause))
                .route("/reentrant", handshake -> new Reentrant());
    }

    private static void fail() {
        throw new IllegalStateException("thrown on purpose");
    }

    /** A stack overflow, like that of a parser that follows what a peer has nested. */
    private static int overflow(int depth) {
        return depth < 0 ? depth : overflow(depth + 1) + 1;
    }

    private static void closeAndSend(WebSocket socket) {
        socket.close(CloseCode.NORMAL, "closed on purpose");
        if (socket.send("too late") != SendStatus.REFUSED) {
            throw new AssertionError("accepted after the close");
        }
    }

    private static void sendMuch(WebSocket socket) {
        socket.send(ByteBuffer.wrap(Zeros.MUCH));
    }

    /** Takes no notice of a backlog, but of the end only. */
    private static void flood(WebSocket socket) {
        for (int i = 0; i < Zeros.FLOOD_MESSAGES; i++) {
            if (socket.send(ByteBuffer.wrap(Zeros.SOME)) == SendStatus.REFUSED) {
                return;
            }
        }
    }

    /** What is sent, once for all. */
    private static final class Zeros {
        static final int FLOOD_MESSAGES = 1024;
        static final byte[] SOME = new byte[16 << 10];
        static final byte[] MUCH = new byte[8 << 20];

        private Zeros() {}
    }

    private record OnMessage(Consumer<? super WebSocket> fault) implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            fault.accept(socket);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            fault.accept(socket);
        }
    }

    private record OnOpen(Consumer<? super WebSocket> fault) implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            fault.accept(socket);
        }
    }

    private record OnPing(Runnable fault) implements WebSocketHandler {
        @Override
        public void onPing(WebSocket socket, ByteBuffer payload) {
            fault.run();
        }
    }

    /** Blocks the event loop, as the watchdog then says; not so often that others get no turn. */
    private static final class Staller implements Consumer<WebSocket> {
        private static final long STALL_MILLIS = 2000;
        private static final long PAUSE_NANOS = 10_000_000_000L;

        private final AtomicLong stalledNanos = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

        @Override
        public void accept(WebSocket socket) {
            long before = stalledNanos.get();
            long now = System.nanoTime();
            if (now - before >= PAUSE_NANOS && stalledNanos.compareAndSet(before, now)) {
                try {
                    Thread.sleep(STALL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            socket.send("stalled");
        }
    }

    /** Publishes to itself from within each message, and from its end. */
    private static final class Reentrant implements WebSocketHandler {
        private int depth;

        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe(TOPIC);
        }

        @Override
        public void onText(WebSocket socket, String text) {
            if (depth < MAX_DEPTH) {
                depth++;
                socket.broadcast(TOPIC, text);
                socket.unsubscribe(TOPIC);
                socket.subscribe(TOPIC);
            } else {
                socket.close();
            }
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            socket.broadcast(TOPIC, "gone");
            socket.close();
            socket.abort();
        }
    }
}
