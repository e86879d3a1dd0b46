package io.duplex.jakarta;

import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends on one connection, and waits while the peer does not read. Many threads may send at a time: messages go one behind the
 * other, and let one that is sent in parts come to its end. Thread-safe.
 */
final class Outlet {
    private final WebSocket socket;
    private final long timeoutNanos;
    private final Turns turns;

    /** The message in parts that is under way; {@code null} if none is. Written by who has the turn. */
    private volatile @Nullable Parts parts;
    /** The first half of a character of that message, if it is a text; 0 if there is none. */
    private char halfCharacter;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private long drains;
    private boolean ended;

    /**
     * A message in parts.
     *
     * @param writer whose message it is: no part of another writer becomes a part of it
     * @param caller who sent the last part, and must not wait for the end
     */
    private record Parts(Object writer, Object caller) {}

    Outlet(WebSocket socket, Duration timeout) {
        this.socket = socket;
        this.timeoutNanos = timeout.toNanos();
        this.turns = new Turns(timeoutNanos);
    }

    WebSocket socket() {
        return socket;
    }

    void drained() {
        signal(false);
    }

    void ended() {
        signal(true);
        turns.endAll();
    }

    private void signal(boolean isEnd) {
        lock.lock();
        try {
            drains++;
            ended |= isEnd;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // Without waiting

    CompletableFuture<Void> textLater(String text) {
        if (turns.tryTake()) {
            try {
                return socket.sendAsync(text);
            } finally {
                turns.end();
            }
        }
        return turns.afterwards(() -> socket.sendAsync(text));
    }

    CompletableFuture<Void> binaryLater(ByteBuffer payload) {
        if (turns.tryTake()) {
            try {
                return socket.sendAsync(payload);
            } finally {
                turns.end();
            }
        }
        ByteBuffer own = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
        return turns.afterwards(() -> socket.sendAsync(own));
    }

    void ping(ByteBuffer payload) throws IOException {
        requireAccepted(socket.ping(payload));
    }

    void pong(ByteBuffer payload) throws IOException {
        requireAccepted(socket.pong(payload));
    }

    private static void requireAccepted(SendStatus status) throws IOException {
        if (status == SendStatus.REFUSED) {
            throw closed();
        }
    }

    private static IOException closed() {
        return new IOException("the session is closed");
    }

    // Waiting

    void text(String text) throws IOException {
        if (isInParts(Callbacks.caller())) {
            requireKept(textLater(text));
        } else {
            whole(() -> socket.send(text));
        }
    }

    void binary(ByteBuffer payload) throws IOException {
        if (isInParts(Callbacks.caller())) {
            requireKept(binaryLater(payload));
        } else {
            whole(() -> socket.send(payload));
        }
    }

    /** Whether the caller is in the middle of a message, for whose end it cannot wait. */
    private boolean isInParts(Object caller) {
        Parts present = parts;
        return present != null && present.caller().equals(caller);
    }

    private static void requireKept(CompletableFuture<Void> sent) throws IOException {
        if (sent.isCompletedExceptionally()) {
            try {
                sent.join();
            } catch (CompletionException e) {
                throw new IOException("the message is not sent", e.getCause());
            }
        }
    }

    private void whole(Supplier<SendStatus> send) throws IOException {
        try {
            turns.take();
            try {
                transmit(send);
            } finally {
                turns.end();
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Sends a part of a text; a pair of surrogates may be torn apart. As long as the message goes on, other writers wait.
     *
     * @throws IllegalStateException if the caller is in the middle of another writer's message
     */
    void textPart(Object writer, CharSequence part, boolean last) throws IOException {
        part(writer, last, () -> {
            String text = halfCharacter == 0 ? part.toString() : halfCharacter + part.toString();
            halfCharacter = 0;
            int end = text.length();
            if (!last && end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
                halfCharacter = text.charAt(--end);
            }
            return socket.sendTextPart(ByteBuffer.wrap(text.substring(0, end).getBytes(StandardCharsets.UTF_8)), last);
        });
    }

    /** Sends a part of a binary message, as {@link #textPart} does of a text. */
    void binaryPart(Object writer, ByteBuffer part, boolean last) throws IOException {
        part(writer, last, () -> socket.sendBinaryPart(part, last));
    }

    private void part(Object writer, boolean last, Supplier<SendStatus> send) throws IOException {
        try {
            boolean first = begin(writer);
            boolean ends = true;
            try {
                transmit(send);
                ends = last;
            } catch (IllegalStateException | IllegalArgumentException refused) {
                ends = first;
                throw refused;
            } catch (InterruptedException waiting) {
                ends = last; // the part itself has been taken
                throw waiting;
            } finally {
                if (ends) {
                    parts = null;
                    halfCharacter = 0;
                    turns.end();
                }
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Goes on with the message of that writer, or waits until it can begin; whether it begins. */
    private boolean begin(Object writer) throws IOException, InterruptedException {
        Object caller = Callbacks.caller();
        Parts present = parts;
        boolean first = present == null || !present.writer().equals(writer);
        if (first) {
            if (isInParts(caller)) {
                throw new IllegalStateException("another message in parts has not ended");
            }
            turns.take();
        }
        parts = new Parts(writer, caller);
        return first;
    }

    private static InterruptedIOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted while the peer does not read");
        interrupted.initCause(cause);
        return interrupted;
    }

    private void transmit(Supplier<SendStatus> send) throws IOException, InterruptedException {
        SendStatus status;
        do {
            long before = drains();
            status = send.get();
            if (status == SendStatus.REFUSED && socket.readyState() != ReadyState.OPEN) {
                throw closed();
            }
            if (status != SendStatus.SENT) {
                awaitDrain(before);
            }
        } while (status == SendStatus.REFUSED);
    }

    private long drains() {
        lock.lock();
        try {
            return drains;
        } finally {
            lock.unlock();
        }
    }

    private void awaitDrain(long before) throws InterruptedException, IOException {
        long left = timeoutNanos;
        lock.lock();
        try {
            while (drains == before && left > 0) {
                left = moved.awaitNanos(left);
            }
            if (ended) {
                throw closed();
            }
        } finally {
            lock.unlock();
        }
        if (left <= 0) {
            socket.abort();
            throw new SocketTimeoutException("peer has not read for " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos)
                    + " ms; the session is aborted");
        }
    }
}
