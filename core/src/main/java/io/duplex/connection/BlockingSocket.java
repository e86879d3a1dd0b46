package io.duplex.connection;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.Handshake;
import io.duplex.Message;
import io.duplex.MessageBody;
import io.duplex.MessageStream;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The blocking face of one socket: an {@link Inbox}, and waits for what the event loop reports. Thread-safe.
 *
 * <p>Two locks: {@link #sending} is held over a whole send, waits included, so that one message at most stands behind a
 * backlog however many threads send; {@link #lock} guards the state and is never held while waiting or calling the socket, as
 * the event loop takes it, too.
 */
final class BlockingSocket implements BlockingWebSocket {
    private final Connection socket;
    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Inbox inbox;
    private long drains;
    private @Nullable CloseOutcome outcome;
    /** Whether nothing will be received any more, either. */
    private boolean ended;

    BlockingSocket(Connection socket) {
        this.socket = socket;
        this.inbox = new Inbox(socket, socket.limits().maxMessageBytes());
    }

    // The event loop's side

    /** Where what is received waits. */
    Inbox inbox() {
        return inbox;
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
        } finally {
            lock.unlock();
        }
        // Whoever is told of the end by the one finds it in the other.
        inbox.ended(how);
        lock.lock();
        try {
            ended = true;
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
        try {
            return inbox.receive(Long.MAX_VALUE);
        } catch (TimeoutException never) {
            throw new AssertionError(never);
        }
    }

    @Override
    public @Nullable Message receive(Duration timeout) throws TimeoutException {
        return inbox.receive(TimeUnit.NANOSECONDS.convert(timeout));
    }

    @Override
    public @Nullable MessageStream receiveStream() {
        try {
            return inbox.receiveStream(Long.MAX_VALUE);
        } catch (TimeoutException never) {
            throw new AssertionError(never);
        }
    }

    @Override
    public @Nullable MessageStream receiveStream(Duration timeout) throws TimeoutException {
        return inbox.receiveStream(TimeUnit.NANOSECONDS.convert(timeout));
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
        beginSending();
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
        } catch (InterruptedException e) {
            throw interruptedSend(e);
        } finally {
            sending.unlock();
        }
    }

    private void beginSending() {
        socket.requireThreadThatMayWait();
        if (sending.isHeldByCurrentThread()) {
            throw new IllegalStateException("a message is being written by this thread");
        }
        try {
            sending.lockInterruptibly();
        } catch (InterruptedException e) {
            throw interruptedSend(e);
        }
    }

    private static WebSocketException interruptedSend(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new WebSocketException("send was interrupted", cause);
    }

    @Override
    public void sendBinaryStream(MessageBody<OutputStream> body) throws IOException {
        sendStream(false, body::writeTo);
    }

    @Override
    public void sendTextStream(MessageBody<Writer> body) throws IOException {
        sendStream(true, bytes -> {
            // Unlike the charset's own, this encoder makes U+FFFD of what is no character.
            Writer writer = new OutputStreamWriter(
                    bytes,
                    StandardCharsets.UTF_8
                            .newEncoder()
                            .onMalformedInput(CodingErrorAction.REPLACE)
                            .replaceWith("\uFFFD".getBytes(StandardCharsets.UTF_8)));
            body.writeTo(writer);
            bytes.beginEnd();
            writer.close();
        });
    }

    private void sendStream(boolean text, MessageBody<SentStream> body) throws IOException {
        beginSending();
        SentStream stream = new SentStream(this, text);
        boolean whole = false;
        try {
            body.writeTo(stream);
            stream.finish();
            whole = true;
        } finally {
            if (!whole && stream.hasBegun()) {
                // Before others send: theirs would go on where this one stopped.
                socket.close(CloseCode.INTERNAL_ERROR, "message was not finished");
            }
            sending.unlock();
        }
    }

    /** Sends a part of the message that this thread writes, and waits until no backlog is left if it met one. */
    void sendPart(boolean text, ByteBuffer part, boolean last) throws IOException {
        socket.requireThreadThatMayWait();
        long drainsBefore = drains();
        SendStatus status = text ? socket.sendTextPart(part, last) : socket.sendBinaryPart(part, last);
        try {
            if (status == SendStatus.REFUSED) {
                throw new ConnectionClosedException(awaitEnd());
            }
            if (status == SendStatus.QUEUED) {
                awaitDrain(drainsBefore);
            }
        } catch (ConnectionClosedException e) {
            throw broken(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** What a stream throws at the end of its connection. */
    static IOException broken(ConnectionClosedException end) {
        return new IOException(end.getMessage(), end);
    }

    /** What a stream throws if a wait is interrupted. */
    static InterruptedIOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("stream was interrupted");
        interrupted.initCause(cause);
        return interrupted;
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
                if (ended) {
                    throw new ConnectionClosedException(Objects.requireNonNull(outcome));
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
            while (!ended) {
                moved.await();
            }
            return Objects.requireNonNull(outcome);
        } finally {
            lock.unlock();
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
