package io.duplex.conformance.interop;

import io.duplex.CloseStatus;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What one end of a connection has received, ready to be waited for. Thread-safe. */
final class Transcript {
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<Object> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<ByteBuffer> pongs = new LinkedBlockingQueue<>();
    private final CompletableFuture<CloseStatus> closed = new CompletableFuture<>();

    void text(String text) {
        messages.add(text);
    }

    void binary(ByteBuffer payload) {
        messages.add(copy(payload));
    }

    void pong(ByteBuffer payload) {
        pongs.add(copy(payload));
    }

    void closed(int code, String reason) {
        CloseStatus status = new CloseStatus(code, reason);
        closed.complete(status);
        ended(status);
    }

    /** Whoever waits for a message sees that none will come. */
    void ended(Object outcome) {
        messages.add(outcome);
    }

    /** The next message: a {@link String} or a {@link ByteBuffer}. */
    Object nextMessage() throws InterruptedException {
        return arrived(messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "message");
    }

    ByteBuffer nextPong() throws InterruptedException {
        return arrived(pongs.poll(PATIENCE_SECONDS, TimeUnit.SECONDS), "Pong");
    }

    CloseStatus awaitClose() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static <T> T arrived(T thing, String what) {
        if (thing == null) {
            throw new AssertionError("no " + what + " within " + PATIENCE_SECONDS + " s");
        }
        return thing;
    }

    static ByteBuffer copy(ByteBuffer payload) {
        return ByteBuffer.allocate(payload.remaining()).put(payload.duplicate()).flip();
    }
}
