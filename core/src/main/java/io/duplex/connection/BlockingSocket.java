package io.duplex.connection;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.Handshake;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The blocking face of one socket: a bounded inbox, and waits for what the event loop reports. Thread-safe.
 *
 * <p>Two locks: {@link #sending} is held over a whole send, waits included, so that one message at most stands behind a
 * backlog however many threads send; {@link #lock} guards the state and is never held while waiting or calling the socket, as
 * the event loop takes it, too.
 */
final class BlockingSocket implements BlockingWebSocket {
    /** Messages that wait to be received before the peer is slowed down. */
    static final int MAX_WAITING = 256;

    /** Their length in bytes, of text in chars, before the peer is slowed down. */
    static final int MAX_WAITING_LENGTH = 256 << 10;

    private final Connection socket;
    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition moved = lock.newCondition();
    private final Queue<Message> inbox = new ArrayDeque<>(4);
    private long inboxLength;
    private boolean paused;
    private long drains;
    private @Nullable CloseOutcome outcome;

    BlockingSocket(Connection socket) {
        this.socket = socket;
    }

    // The event loop's side

    /** Takes a message in; drops it if this side has begun to close. */
    void offer(Message message, int length) {
        if (socket.readyState() != ReadyState.OPEN) {
            return;
        }
        boolean full;
        lock.lock();
        try {
            inbox.add(message);
            inboxLength += length;
            arrived.signal();
            full = !paused && (inbox.size() >= MAX_WAITING || inboxLength >= MAX_WAITING_LENGTH);
            paused |= full;
        } finally {
            lock.unlock();
        }
        if (full) {
            socket.pause();
        }
    }

    void drained() {
        lock.lock();
        try {
            drains++;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void ended(CloseOutcome how) {
        lock.lock();
        try {
            outcome = how;
            arrived.signalAll();
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the connection: the code that uses this socket threw. */
    void fail(Throwable fault) {
        socket.fail(fault);
    }

    // Receiving

    @Override
    public @Nullable Message receive() {
        requireThreadThatMayWait();
        Message message;
        lock.lock();
        try {
            awaitArrival(Long.MAX_VALUE);
            message = takeFirst();
        } finally {
            lock.unlock();
        }
        resumeIfRoom();
        return message;
    }

    @Override
    public @Nullable Message receive(Duration timeout) throws TimeoutException {
        requireThreadThatMayWait();
        Message message;
        lock.lock();
        try {
            if (!awaitArrival(TimeUnit.NANOSECONDS.convert(timeout))) {
                throw new TimeoutException("no message within " + timeout);
            }
            message = takeFirst();
        } finally {
            lock.unlock();
        }
        resumeIfRoom();
        return message;
    }

    /** Waits for a message or the end; returns whether one of them is there. */
    private boolean awaitArrival(long nanos) {
        long left = nanos;
        while (inbox.isEmpty() && outcome == null) {
            if (left <= 0) {
                return false;
            }
            try {
                left = arrived.awaitNanos(left);
            } catch (InterruptedException e) {
                throw interrupted("receive", e);
            }
        }
        return true;
    }

    private @Nullable Message takeFirst() {
        Message first = inbox.poll();
        if (first != null) {
            inboxLength -= length(first);
        } else if (outcome != null && !outcome.clean()) {
            throw new ConnectionClosedException(outcome);
        }
        return first;
    }

    private void resumeIfRoom() {
        boolean room;
        lock.lock();
        try {
            room = paused && inbox.size() <= MAX_WAITING / 2 && inboxLength <= MAX_WAITING_LENGTH / 2;
            paused &= !room;
        } finally {
            lock.unlock();
        }
        if (room) {
            socket.resume();
        }
    }

    private static int length(Message message) {
        return message instanceof Message.Text text
                ? text.data().length()
                : ((Message.Binary) message).payload().remaining();
    }

    @Override
    public Iterator<Message> iterator() {
        return new Iterator<>() {
            private @Nullable Message next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    next = receive();
                }
                return next != null;
            }

            @Override
            public Message next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the connection is closed");
                }
                Message message = Objects.requireNonNull(next);
                next = null;
                return message;
            }
        };
    }

    // Sending

    @Override
    public void send(String text) {
        transmit(() -> socket.send(text));
    }

    @Override
    public void send(ByteBuffer payload) {
        transmit(() -> socket.send(payload));
    }

    @Override
    public void sendText(ByteBuffer utf8) {
        transmit(() -> socket.sendText(utf8));
    }

    private void transmit(Supplier<SendStatus> send) {
        requireThreadThatMayWait();
        try {
            sending.lockInterruptibly();
            try {
                SendStatus status;
                do {
                    long drainsBefore = drains();
                    status = send.get();
                    if (status == SendStatus.REFUSED && socket.readyState() != ReadyState.OPEN) {
                        throw new ConnectionClosedException(awaitEnd());
                    }
                    if (status != SendStatus.SENT) {
                        awaitDrain(drainsBefore);
                    }
                } while (status == SendStatus.REFUSED);
            } finally {
                sending.unlock();
            }
        } catch (InterruptedException e) {
            throw interrupted("send", e);
        }
    }

    private long drains() {
        lock.lock();
        try {
            return drains;
        } finally {
            lock.unlock();
        }
    }

    private void awaitDrain(long drainsBefore) throws InterruptedException {
        lock.lock();
        try {
            while (drains == drainsBefore) {
                if (outcome != null) {
                    throw new ConnectionClosedException(outcome);
                }
                moved.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private CloseOutcome awaitEnd() throws InterruptedException {
        lock.lock();
        try {
            for (CloseOutcome end; ; moved.await()) {
                end = outcome;
                if (end != null) {
                    return end;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private static WebSocketException interrupted(String call, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new WebSocketException(call + " was interrupted", cause);
    }

    /** What a call would wait for is the loop's to do: waiting there would never end. */
    private void requireThreadThatMayWait() {
        if (socket.isInLoop()) {
            throw new IllegalStateException("a blocking call on the connection's event loop");
        }
    }

    // The rest

    @Override
    public void close(int code, String reason) {
        socket.close(code, reason);
        if (socket.isInLoop()) {
            return;
        }
        try {
            awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public Handshake handshake() {
        return socket.handshake();
    }

    @Override
    public ReadyState readyState() {
        return socket.readyState();
    }

    @Override
    public @Nullable CloseOutcome closeOutcome() {
        lock.lock();
        try {
            return outcome;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public WebSocket socket() {
        return socket;
    }
}
