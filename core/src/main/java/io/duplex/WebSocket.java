package io.duplex;

import java.nio.ByteBuffer;
import java.security.Principal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An established connection, as a handler sees it. Thread-safe: every method may be called from any thread. Messages leave
 * in the order of the calls and are never mixed with one another; calls that happen before others go out before them.
 *
 * <p>A connection may be one that carries whole text messages and nothing else, where the server lets clients of old in: there
 * the methods that send binary messages, parts of messages, Ping or Pong throw {@link UnsupportedOperationException}.
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
     * Bytes that were accepted but that the operating system has yet to take. Framing counts; what is not a frame yet, as it
     * waits or another thread has just sent it, counts as it will be without masking and compression. What the event loop has
     * written in its current turn counts on the loop itself only, what a topic brought from the end of the turn on. With TLS a
     * write counts whole until all of it is gone, framing of TLS excluded.
     */
    long bufferedAmount();

    /** Messages to this socket that were left out so far, as its queue was full ({@link SendPolicy}). */
    long droppedMessages();

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
     * As {@link #send(String)}, with a future: it completes when the operating system has all bytes of the message, which does
     * not mean that the peer has them. It fails with {@link ConnectionClosedException} at the end of the connection, if that
     * comes first, and with {@link WebSocketException} if the message is dropped ({@link SendPolicy}). What depends on it runs
     * on the event loop and must not block. Completing or cancelling it has no effect on the message.
     */
    CompletableFuture<Void> sendAsync(String text);

    /** As {@link #send(ByteBuffer)}, with a future as {@link #sendAsync(String)} has. The payload is copied. */
    CompletableFuture<Void> sendAsync(ByteBuffer payload);

    /** As {@link #sendText(ByteBuffer)}, with a future as {@link #sendAsync(String)} has. The text is copied. */
    CompletableFuture<Void> sendTextAsync(ByteBuffer utf8);

    /**
     * Sends a text message that makes the one before it with the same key worthless, such as a price: if that still waits for
     * the peer to read, this one takes its place, and it counts as dropped. So a slow peer gets less, and never what is
     * outdated. The messages of one key stay in order; they may overtake what was sent between them. Apart from that as
     * {@link #send(String)}.
     *
     * @param key any string; keys and topics are not related
     */
    SendStatus sendLatest(String key, String text);

    /** Sends a binary message, which is copied and consumed, as {@link #sendLatest(String, String)} does text. */
    SendStatus sendLatest(String key, ByteBuffer payload);

    /** Sends a text message that stands as UTF-8, as {@link #sendText}, with a key as {@link #sendLatest(String, String)}. */
    SendStatus sendLatestText(String key, ByteBuffer utf8);

    /**
     * Sends one part of a text message, as a frame of its own. A message of parts is one message to the peer; messages sent
     * meanwhile wait for its end. Parts are never dropped: {@link Limits#maxQueueBytes} closes the connection with 1013, whatever
     * the {@link SendPolicy}.
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

    /**
     * Begins the closing handshake with a Close frame that is empty, so that the peer is told 1005. Otherwise as {@link
     * #close(int, String)}.
     */
    void closeWithoutStatus();

    /** Ends the connection at once, without a closing handshake. What has not left is dropped. */
    void abort();

    /**
     * Takes nothing more from TCP, so that the peer is slowed down, until {@link #resume}. On the event loop no further message
     * comes after this, nor a further part of one. What has been read already, at most 256 KiB, is kept. Pings that come are
     * not answered either; a peer is not held to be dead meanwhile. Whether a peer that leaves is noticed before that depends
     * on the transport: epoll without TLS tells at once, the others when it resumes. So whoever pauses for long should have a
     * time of its own after which to resume or {@link #abort}.
     */
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
     * @param topic any string, taken literally
     */
    void subscribe(String topic);

    /** Leaves a topic. Does nothing if it has not joined. */
    void unsubscribe(String topic);

    /**
     * Joins all topics that a pattern stands for, those to come included. Topics consist of segments with dots between them;
     * {@code *} stands for any one segment, and {@code >}, which must be the last, for one or more: {@code orders.*.eu},
     * {@code orders.>}. A message comes once, however many patterns and topics it matches. Never build a pattern from what a
     * peer sent: it could join anything.
     *
     * @throws IllegalArgumentException if {@code *} or {@code >} stands inside a segment, or {@code >} before others
     */
    void subscribePattern(String pattern);

    /** Leaves a pattern, which is compared as a string. Does nothing if it has not joined. */
    void unsubscribePattern(String pattern);

    /**
     * Sends a text message to every socket of the topic but this one. It is encoded once, and compressed once, for all of
     * them. What one thread publishes arrives in the order of its calls.
     *
     * @param topic any string, taken literally
     * @param text any length
     * @return {@code SENT}; {@code QUEUED} if the event loops or the bus are behind and the caller should slow down; {@code
     *     REFUSED} if they are so far behind that some or all subscribers do not get the message. It says nothing about
     *     single subscribers: each has its queue and its {@link SendPolicy}
     */
    SendStatus publish(String topic, String text);

    /** Sends a binary message, which is consumed, to every socket of the topic but this one, as the other form does text. */
    SendStatus publish(String topic, ByteBuffer payload);

    /**
     * Sends a text message that stands as UTF-8, which is consumed, as {@link #publish(String, String)}.
     *
     * @throws IllegalArgumentException if the bytes are not valid UTF-8
     */
    SendStatus publishText(String topic, ByteBuffer utf8);

    /** As {@link #publish(String, String)}, to this socket too if it has joined. */
    SendStatus broadcast(String topic, String text);

    /** As {@link #publish(String, ByteBuffer)}, to this socket too if it has joined. */
    SendStatus broadcast(String topic, ByteBuffer payload);

    /** As {@link #publishText}, to this socket too if it has joined. */
    SendStatus broadcastText(String topic, ByteBuffer utf8);
}
