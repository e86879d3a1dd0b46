package io.duplex;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * An established connection for straight-line code: its calls wait. Made for virtual threads, and good on any thread but an
 * event loop's. Iteration hands out messages until the connection is closed cleanly, and throws if it ends otherwise:
 *
 * <pre>{@code
 * for (Message message : socket) {
 *     if (message instanceof Message.Text text) {
 *         socket.send(text.data());
 *     }
 * }
 * }</pre>
 *
 * <p>Back-pressure is waiting: a send waits while the peer does not read, and a peer whose messages nobody receives is slowed
 * down by TCP. A call that waits can be interrupted: it then throws a {@link WebSocketException} whose cause is the {@link
 * InterruptedException}, with the thread's interrupt status set.
 *
 * <p>A message that is too big to be held can be read while it comes ({@link #receiveStream}) and written while it leaves
 * ({@link #sendBinaryStream}, {@link #sendTextStream}).
 *
 * <p>Thread-safe. One thread may send while another receives; each message is received once.
 */
public interface BlockingWebSocket extends Iterable<Message>, AutoCloseable {
    /** The opening handshake that this connection came from. */
    Handshake handshake();

    /** The subprotocol in use; {@code null} if none was agreed. */
    default @Nullable String subprotocol() {
        return handshake().subprotocol();
    }

    /** The state, which only moves forward. */
    ReadyState readyState();

    /** How the connection ended; {@code null} while it has not. Messages may be left to receive. */
    @Nullable CloseOutcome closeOutcome();

    /** The same connection for calls that do not wait: topics, Pings, messages of parts, {@link WebSocket#abort}. */
    WebSocket socket();

    /**
     * Sends a text message, and waits until no backlog is left if it met one. Lone surrogates are sent as U+FFFD.
     *
     * @param text any length
     * @throws ConnectionClosedException if the connection has ended, however it did, or ends before the backlog does
     * @throws WebSocketException if the wait is interrupted
     * @throws IllegalStateException on the connection's event loop
     */
    void send(String text);

    /** Sends a binary message, which is consumed, as {@link #send(String)} does text. */
    void send(ByteBuffer payload);

    /**
     * Sends a text message that stands as UTF-8 from position to limit, which is consumed, as {@link #send(String)} does.
     *
     * @throws IllegalArgumentException if the bytes are not valid UTF-8
     */
    void sendText(ByteBuffer utf8);

    /**
     * Sends a binary message that {@code body} writes. It leaves in parts of at most 32 KiB, as fast as the peer reads: a write
     * waits as {@link #send(String)} does. So a message of any length takes constant memory. What other threads send meanwhile
     * waits for its end.
     *
     * <p>The message ends when {@code body} returns. If it throws, what the exception says is thrown on; the peer is never told
     * that half a message is a whole one: if a part of it has left, the connection is closed with 1011.
     *
     * @param body writes the message, on the calling thread. It must not send anything else over this socket. Writing throws an
     *     {@link IOException} if the connection ends, with a {@link ConnectionClosedException} as its cause, and an {@link
     *     java.io.InterruptedIOException} if it is interrupted, with the thread's interrupt status set. Flushing sends what has
     *     been written so far
     * @throws IOException if {@code body} does, or if the connection ends before the backlog does
     * @throws WebSocketException if the wait for other threads is interrupted
     * @throws IllegalStateException on the connection's event loop, or if the calling thread is writing a message already
     */
    void sendBinaryStream(MessageBody<OutputStream> body) throws IOException;

    /** Sends a text message that {@code body} writes, as {@link #sendBinaryStream} does. Lone surrogates are sent as U+FFFD. */
    void sendTextStream(MessageBody<Writer> body) throws IOException;

    /**
     * Waits for the next message. Those that came before the connection ended are handed out first. A message that is longer
     * than {@link Limits#maxMessageBytes} closes the connection with 1009; it would have to be taken as a stream.
     *
     * @return {@code null} if the connection has been closed cleanly and no message is left
     * @throws ConnectionClosedException if it has ended otherwise and no message is left
     * @throws WebSocketException if the wait is interrupted
     * @throws IllegalStateException on the connection's event loop
     */
    @Nullable Message receive();

    /**
     * As {@link #receive()}, but waits no longer than {@code timeout}.
     *
     * @param timeout zero or less to take only what is there
     * @throws TimeoutException if it passes without a message; the connection is as before
     */
    @Nullable Message receive(Duration timeout) throws TimeoutException;

    /**
     * Waits for the next message to begin, and hands it out to be read while it comes. At most {@link Limits#maxStreamBytes}
     * are taken; less than 1 MiB is held, however long the message is. Whole messages and streams may take turns. What was
     * left unread of the stream before is skipped.
     *
     * @return {@code null} if the connection has been closed cleanly and no message is left
     * @throws ConnectionClosedException if it has ended otherwise and no message is left
     * @throws WebSocketException if the wait is interrupted
     * @throws IllegalStateException on the connection's event loop
     */
    @Nullable MessageStream receiveStream();

    /**
     * As {@link #receiveStream()}, but waits no longer than {@code timeout} for the message to begin.
     *
     * @param timeout zero or less to take only what is there
     * @throws TimeoutException if it passes without a message; the connection is as before
     */
    @Nullable MessageStream receiveStream(Duration timeout) throws TimeoutException;

    /**
     * The messages to come: {@link #receive()} as an iterator, which ends where that returns {@code null} and throws what it
     * throws.
     */
    @Override
    Iterator<Message> iterator();

    /** As {@link #close(int, String)} with 1000. */
    @Override
    default void close() {
        close(CloseCode.NORMAL, "");
    }

    /**
     * Begins the closing handshake (RFC 6455 §7.1.2), after all accepted messages, and waits for the end of the connection,
     * which {@link Timeouts#close} bounds. On the connection's event loop it does not wait. If it is interrupted it returns
     * at once, with the thread's interrupt status set, and the connection closes by itself. Messages that come meanwhile are
     * dropped. Does not begin anything on a connection that closes already.
     *
     * @param code 1000 to 1003, 1007 to 1014 or 3000 to 4999
     * @param reason at most 123 bytes of UTF-8 (bytes, not chars)
     * @throws IllegalArgumentException if the code may not appear in a Close frame or the reason is too long
     */
    void close(int code, String reason);
}
