package io.duplex.codec;

import io.duplex.BlockingWebSocket;
import io.duplex.DecodeException;
import io.duplex.Handshake;
import io.duplex.Message;
import io.duplex.message.Utf8Encoder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A {@link BlockingWebSocket} of typed messages: iteration hands out values until the connection is closed cleanly. A value that
 * its {@link Codec} cannot write makes {@link #send} throw an {@link IllegalArgumentException}, and is not sent. Thread-safe.
 *
 * @param <T> what the messages carry
 */
public final class TypedBlockingWebSocket<T> implements Iterable<T>, AutoCloseable {
    private final BlockingWebSocket socket;
    private final Codec<T> codec;
    private volatile @Nullable DecodeException failure;

    TypedBlockingWebSocket(BlockingWebSocket socket, Codec<T> codec) {
        this.socket = socket;
        this.codec = codec;
    }

    /** The same connection, for all that is not about values. */
    public BlockingWebSocket socket() {
        return socket;
    }

    /** The opening handshake that this connection came from. */
    public Handshake handshake() {
        return socket.handshake();
    }

    /** Sends a value, and waits as {@link BlockingWebSocket#send(String)} does. */
    public void send(T value) {
        EncodedMessage message = codec.encode(value);
        if (message.isText()) {
            socket.sendText(message.payload());
        } else {
            socket.send(message.payload());
        }
    }

    /**
     * Waits for the next message, as {@link BlockingWebSocket#receive()} does.
     *
     * @return {@code null} if the connection has been closed cleanly and no message is left
     * @throws DecodeException if a message came that cannot be decoded: the connection closes, and every further call throws
     *     the same
     */
    public @Nullable T receive() {
        requireSound();
        Message message = socket.receive();
        return message == null ? null : decode(message);
    }

    /**
     * As {@link #receive()}, but waits no longer than {@code timeout}.
     *
     * @param timeout zero or less to take only what is there
     * @throws TimeoutException if it passes without a message; the connection is as before
     */
    public @Nullable T receive(Duration timeout) throws TimeoutException {
        requireSound();
        Message message = socket.receive(timeout);
        return message == null ? null : decode(message);
    }

    private void requireSound() {
        DecodeException before = failure;
        if (before != null) {
            throw before;
        }
    }

    private T decode(Message message) {
        try {
            return message instanceof Message.Text text
                    ? codec.decodeText(ByteBuffer.wrap(Utf8Encoder.encode(text.data())))
                    : codec.decodeBinary(((Message.Binary) message).payload());
        } catch (DecodeException fault) {
            failure = fault;
            TypedWebSocket.refuse(socket.socket(), fault);
            throw fault;
        }
    }

    /** Whether {@code fault} is what a message from the peer made this socket throw. */
    @SuppressWarnings("ReferenceEquality") // this very failure, not one like it
    boolean isFailedBy(DecodeException fault) {
        return fault == failure;
    }

    /** The messages to come: {@link #receive()} as an iterator, which ends where that returns {@code null}. */
    @Override
    public Iterator<T> iterator() {
        return new Iterator<>() {
            private @Nullable T next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    next = receive();
                }
                return next != null;
            }

            @Override
            public T next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the connection is closed");
                }
                T message = Objects.requireNonNull(next);
                next = null;
                return message;
            }
        };
    }

    /** As {@link BlockingWebSocket#close()}. */
    @Override
    public void close() {
        socket.close();
    }

    /** As {@link BlockingWebSocket#close(int, String)}. */
    public void close(int code, String reason) {
        socket.close(code, reason);
    }
}
