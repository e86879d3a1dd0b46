package io.duplex;

import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An established connection, as a handler sees it. Thread-safe: every method may be called from any thread. Messages leave
 * in the order of the calls and are never mixed with one another; calls that happen before others go out before them.
 */
public interface WebSocket {
    /** The opening handshake that this connection came from. */
    Handshake handshake();

    /** Who the peer is; {@code null} if nobody asked. See {@link Handshake#principal()}. */
    default @Nullable Principal principal() {
        return handshake().principal();
    }

    /** The state, which only moves forward. */
    ReadyState readyState();

    /** The subprotocol in use; {@code null} if none was agreed. */
    default @Nullable String subprotocol() {
        return handshake().subprotocol();
    }

    /**
     * Bytes that were accepted but that the operating system has yet to take. Framing counts; what is not a frame yet, as
     * another thread has just sent it, counts as it will be without masking and compression.
     */
    long bufferedAmount();

    /**
     * Sends a text message. Lone surrogates are sent as U+FFFD. Never blocks.
     *
     * @param text any length
     */
    SendStatus send(String text);

    /**
     * Sends a binary message: the bytes from position to limit, which are consumed. They are written or copied before this
     * returns, so the buffer may be changed at once. Never blocks.
     */
    SendStatus send(ByteBuffer payload);

    /**
     * Sends a text message that stands as UTF-8 from position to limit, which is consumed. As {@link #send(ByteBuffer)}.
     *
     * @throws IllegalArgumentException if the bytes are not valid UTF-8
     */
    SendStatus sendText(ByteBuffer utf8);

    /**
     * Sends one part of a text message, as a frame of its own. A message of parts is one message to the peer; messages sent
     * meanwhile wait for its end.
     *
     * @param utf8 any length; may end inside a character
     * @param last whether the message ends with it
     * @throws IllegalArgumentException if the bytes cannot be part of valid UTF-8, or a last part ends inside a character
     * @throws IllegalStateException if a binary message of parts is under way
     */
    SendStatus sendTextPart(ByteBuffer utf8, boolean last);

    /**
     * Sends one part of a binary message, as a frame of its own, as {@link #sendTextPart} does for text.
     *
     * @throws IllegalStateException if a text message of parts is under way
     */
    SendStatus sendBinaryPart(ByteBuffer payload, boolean last);

    /**
     * Sends a Ping (RFC 6455 §5.5.2). The answer comes as {@link WebSocketHandler#onPong}.
     *
     * @param payload at most 125 bytes, consumed
     * @throws IllegalArgumentException if it is longer
     */
    SendStatus ping(ByteBuffer payload);

    /**
     * Sends an unsolicited Pong (RFC 6455 §5.5.3). Pings are answered without it.
     *
     * @param payload at most 125 bytes, consumed
     * @throws IllegalArgumentException if it is longer
     */
    SendStatus pong(ByteBuffer payload);

    /** Begins the closing handshake with 1000, after all accepted messages. Does nothing on a socket that closes already. */
    default void close() {
        close(CloseCode.NORMAL, "");
    }

    /**
     * Begins the closing handshake (RFC 6455 §7.1.2). Messages accepted before go first, but for those that wait for the end
     * of a message of parts, which is abandoned. Messages that come from the peer afterwards are dropped. Does nothing on a
     * socket that closes already.
     *
     * @param code 1000 to 1003, 1007 to 1014 or 3000 to 4999
     * @param reason at most 123 bytes of UTF-8 (bytes, not chars)
     * @throws IllegalArgumentException if the code may not appear in a Close frame or the reason is too long
     */
    void close(int code, String reason);

    /** Ends the connection at once, without a closing handshake. What has not left is dropped. */
    void abort();

    /** Takes nothing more from TCP, so that the peer is slowed down, until {@link #resume}. A message under way ends first. */
    void pause();

    /** Undoes {@link #pause}. */
    void resume();

    /**
     * How long the peer took to answer the last Ping of the keepalive ({@link Timeouts#pingInterval()}) with its Pong, good to
     * about a millisecond; {@code null} before the first. Such Pings are sent in silences only, so that it may be old.
     */
    @Nullable Duration roundTripTime();

    /** Whether messages are compressed (RFC 7692) when that pays. */
    boolean isCompressed();

    /**
     * Joins a topic: what anybody publishes to it is sent to this socket. Does nothing if it has joined already. A socket
     * leaves all its topics when it closes.
     *
     * @param topic any string
     */
    void subscribe(String topic);

    /** Leaves a topic. Does nothing if it has not joined. */
    void unsubscribe(String topic);

    /**
     * Sends a text message to every socket of the topic but this one. It is encoded once for all of them.
     *
     * @param topic as in {@link #subscribe}
     * @param text any length
     */
    void publish(String topic, String text);

    /** Sends a binary message, which is consumed, to every socket of the topic but this one. */
    void publish(String topic, ByteBuffer payload);
}
