package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.Message;
import io.duplex.MessageStream;
import io.duplex.ReadyState;
import io.duplex.Violation;
import io.duplex.WebSocketException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one socket has received and nobody has asked for yet: pieces of messages, which are handed out as streams or joined to
 * whole messages. It is bounded: a full one pauses the connection, so that the peer is slowed down. Thread-safe.
 *
 * <p>Only the event loop pauses, and nothing comes from then on; only other threads resume, and they do so under the lock: it
 * leaves the loop a task and does not wait for it. So the two never cross.
 */
final class Inbox {
    /** Pieces that wait before the peer is slowed down. */
    static final int MAX_PIECES = 256;

    /** Their bytes before the peer is slowed down. */
    static final int MAX_BYTES = 256 << 10;

    private final Connection socket;
    private final int maxMessageBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>(4);
    private long bytes;
    /** How many of the pieces end a message. */
    private int ends;
    /** Threads that wait for a whole message: there is room for one, then. */
    private int gathering;
    /** Threads that wait for any piece. */
    private int reading;
    /** The stream that was handed out last; {@code null} if it is closed. */
    private @Nullable ReceivedStream stream;
    /** Whether the first pieces are of its message; if not, they are of one that nobody reads yet. */
    private boolean streaming;
    /** Whether the message that is coming is not wanted any more. */
    private boolean skipping;

    private boolean paused;
    private @Nullable CloseOutcome outcome;

    /**
     * Creates an empty inbox.
     *
     * @param maxMessageBytes the longest message that is handed out whole
     */
    Inbox(Connection socket, int maxMessageBytes) {
        this.socket = socket;
        this.maxMessageBytes = maxMessageBytes;
    }

    // The event loop's side

    /** Takes in a part of a message; drops it if this side has begun to close. */
    void offer(boolean text, ByteBuffer content, boolean last) {
        if (socket.readyState() != ReadyState.OPEN) {
            return;
        }
        boolean full;
        lock.lock();
        try {
            if (skipping) {
                skipping = !last;
                return;
            }
            add(text, content, last);
            if (last || reading > 0 || isTooLong()) {
                arrived.signalAll();
            }
            full = !paused && isFull();
            paused |= full;
        } finally {
            lock.unlock();
        }
        if (full) {
            socket.pause();
        }
    }

    private void add(boolean text, ByteBuffer content, boolean last) {
        bytes += content.remaining();
        Piece tail = pieces.peekLast();
        if (tail == null || !tail.append(content, last)) {
            pieces.add(new Piece(text, content, last));
        }
        if (last) {
            ends++;
        }
    }

    void ended(CloseOutcome how) {
        lock.lock();
        try {
            outcome = how;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether enough waits. Not so where it is less than the message that somebody waits for. */
    private boolean isFull() {
        return (pieces.size() >= MAX_PIECES || bytes >= MAX_BYTES) && !isGatheringOn();
    }

    private boolean isGatheringOn() {
        return gathering > 0 && ends == 0 && !isTooLong();
    }

    /** Whether what is there of the first message is more than is handed out whole. */
    private boolean isTooLong() {
        if (streaming || bytes <= maxMessageBytes) {
            return false;
        }
        long length = 0;
        for (Iterator<Piece> all = pieces.iterator(); all.hasNext() && length <= maxMessageBytes; ) {
            Piece next = all.next();
            length += next.length();
            if (next.isLast()) {
                break;
            }
        }
        return length > maxMessageBytes;
    }

    // Other threads

    /**
     * Waits for the next message; skips what was not read of the one before.
     *
     * @return {@code null} if the connection has been closed cleanly and no message is left
     */
    @Nullable Message receive(long nanos) throws TimeoutException {
        socket.requireThreadThatMayWait();
        List<Piece> whole;
        lock.lock();
        try {
            skipStream();
            awaitMessage(nanos);
            if (ends == 0) {
                requireCleanEnd();
                return null;
            }
            whole = pollMessage();
            resumeIfRoom();
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
        return join(whole);
    }

    private void awaitMessage(long nanos) throws InterruptedException, TimeoutException {
        long left = nanos;
        gathering++;
        try {
            resumeIfRoom();
            while (ends == 0 && outcome == null && !isTooLong()) {
                left = await(left, nanos);
            }
            if (isTooLong()) {
                skipMessage();
                socket.fail(Violation.MESSAGE_TOO_BIG);
                while (outcome == null) {
                    left = await(left, nanos);
                }
                throw new ConnectionClosedException(outcome);
            }
        } finally {
            gathering--;
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the callers loop
    private long await(long left, long nanos) throws InterruptedException, TimeoutException {
        if (left <= 0) {
            throw new TimeoutException("no message within " + Duration.ofNanos(nanos));
        }
        return arrived.awaitNanos(left);
    }

    /** Nothing more comes; what there is of an unfinished message does not count. */
    private void requireCleanEnd() {
        if (outcome != null && !outcome.clean()) {
            throw new ConnectionClosedException(outcome);
        }
    }

    private List<Piece> pollMessage() {
        List<Piece> whole = new ArrayList<>(1);
        Piece next;
        do {
            next = poll();
            whole.add(next);
        } while (!next.isLast());
        return whole;
    }

    private Piece poll() {
        Piece first = pieces.remove();
        bytes -= first.length();
        if (first.isLast()) {
            ends--;
        }
        return first;
    }

    private static Message join(List<Piece> whole) {
        Piece first = whole.get(0);
        if (whole.size() == 1) {
            return first.message();
        }
        byte[] joined = new byte[whole.stream().mapToInt(Piece::length).sum()];
        int length = 0;
        for (Piece piece : whole) {
            length += piece.take(joined, length, joined.length - length);
        }
        return first.isText()
                ? new Message.Text(new String(joined, StandardCharsets.UTF_8))
                : new Message.Binary(ByteBuffer.wrap(joined));
    }

    /**
     * Waits for the next message to begin; skips what was not read of the one before.
     *
     * @return {@code null} if the connection has been closed cleanly and no message is left
     */
    @Nullable MessageStream receiveStream(long nanos) throws TimeoutException {
        socket.requireThreadThatMayWait();
        lock.lock();
        try {
            skipStream();
            long left = nanos;
            reading++;
            try {
                while (pieces.isEmpty() && outcome == null) {
                    left = await(left, nanos);
                }
            } finally {
                reading--;
            }
            Piece first = pieces.peek();
            if (first == null || ends == 0 && outcome != null) {
                requireCleanEnd();
                return null;
            }
            stream = new ReceivedStream(this, first.isText());
            streaming = true;
            return stream;
        } catch (InterruptedException e) {
            throw interrupted(e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next piece of the message that {@code reader} reads. */
    @SuppressWarnings("ReferenceEquality") // one stream, not an equal one
    Piece next(ReceivedStream reader) throws IOException {
        socket.requireThreadThatMayWait();
        lock.lock();
        try {
            reading++;
            while (stream == reader && pieces.isEmpty() && outcome == null) {
                arrived.await();
            }
            if (stream != reader) {
                throw new IOException("stream is closed");
            }
            if (pieces.isEmpty()) {
                throw BlockingSocket.broken(new ConnectionClosedException(Objects.requireNonNull(outcome)));
            }
            Piece next = poll();
            streaming = !next.isLast();
            resumeIfRoom();
            return next;
        } catch (InterruptedException e) {
            throw BlockingSocket.interrupted(e);
        } finally {
            reading--;
            lock.unlock();
        }
    }

    /** Drops what {@code reader} has not read, as it comes. */
    @SuppressWarnings("ReferenceEquality") // one stream, not an equal one
    void close(ReceivedStream reader) {
        lock.lock();
        try {
            if (stream == reader) {
                skipStream();
            }
        } finally {
            lock.unlock();
        }
    }

    private void skipStream() {
        if (stream != null) {
            stream.end();
            stream = null;
        }
        if (streaming) {
            streaming = false;
            skipMessage();
            arrived.signalAll();
            resumeIfRoom();
        }
    }

    private void skipMessage() {
        skipping = ends == 0;
        while (!pieces.isEmpty() && !poll().isLast()) {}
    }

    private void resumeIfRoom() {
        if (paused && (isGatheringOn() || pieces.size() <= MAX_PIECES / 2 && bytes <= MAX_BYTES / 2)) {
            paused = false;
            socket.resume();
        }
    }

    private static WebSocketException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new WebSocketException("receive was interrupted", cause);
    }
}
