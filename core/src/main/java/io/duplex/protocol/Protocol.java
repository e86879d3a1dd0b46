package io.duplex.protocol;

import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Violation;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How messages, control frames and the closing handshake of one connection stand in bytes, from the end of the opening
 * handshake on: {@link WebSocketProtocol} or one that stands in for it on a path that RFC 6455 cannot take. Bytes in, at most
 * one event out; what it sends goes to an {@link Outgoing}. It does no I/O, knows no time and never throws for what a peer
 * sent. Confined to one thread at a time.
 *
 * <p>The host calls {@link #receive} until it returns {@code null}, then acts on {@link #transportIntent}. Not calling it is
 * back-pressure. Control frames have been answered, text has been validated and limits have been held before the host sees an
 * event.
 */
public interface Protocol {
    /**
     * Whether it carries whole text messages and nothing else: no binary message, no parts, no Ping and no Pong. Then the
     * methods that send those throw {@link UnsupportedOperationException}. Thread-safe; always the same.
     */
    default boolean isTextOnly() {
        return false;
    }

    // Receiving

    /**
     * Takes bytes from {@code in}, which may be changed in place, up to the next event.
     *
     * @param in a buffer that may be written to; all of it is taken if there is no event, and nothing of it is kept
     * @return {@code null} if more bytes are needed
     */
    @Nullable Event receive(ByteBuffer in);

    /**
     * Fails the connection, as the host could not keep what was read.
     *
     * @return whether it had not failed or ended before
     */
    boolean loseInput();

    /**
     * Counts one more look at the message that is being received, if it takes memory.
     *
     * @param shortage which shortage of memory it is, by any number
     * @return how many looks there have been at it in that shortage; 0 if there is no such message
     */
    default int growOlder(int shortage) {
        return 0;
    }

    /**
     * Tells that the transport connection has ended: no more bytes will come, and none can be sent. Gives back all that is
     * held, what the last event lent included.
     */
    void receiveEof();

    /**
     * What the last event is about: its content stands from position to limit, until the next {@link #receive} or
     * {@link #keepInput}. It may be
     * read and given to a method that sends; its bytes must not be changed.
     */
    ByteBuffer payload();

    /** Whether the part that was lent ends its message. */
    boolean isLastPart();

    /** Whether {@code utf8} is what {@link #payload()} lends as text, untouched, and so known to be valid. */
    default boolean isLentText(ByteBuffer utf8) {
        return false;
    }

    /**
     * Whether {@code utf8} is what {@link #payload()} lends as a part of a text, untouched. The text is known to be valid from
     * {@link #textStateBefore} to {@link #textStateAfter} it.
     */
    default boolean isLentTextPart(ByteBuffer utf8) {
        return false;
    }

    /** Where in a character the text stood before the part that is lent, as {@link io.duplex.message.Utf8Validator#state} tells. */
    default long textStateBefore() {
        return 0;
    }

    /** Where in a character the text stands behind the part that is lent. */
    default long textStateAfter() {
        return 0;
    }

    /**
     * Whether the last input has more to give: {@link #receive} must be called until {@code null} while it is unchanged, or
     * {@link #keepInput} before it changes.
     */
    default boolean isInflating() {
        return false;
    }

    /** Ends what was lent, and copies what is still to be read of the last input, so that the host may go on with it later. */
    default void keepInput() {}

    /** Whether messages are compressed. */
    default boolean isCompressed() {
        return false;
    }

    // Sending. All but the last few throw IllegalStateException once the connection is not open.

    /** Sends a text message. */
    void sendText(String text);

    /**
     * Sends a text message given as UTF-8, which is consumed. What {@link #payload()} lends is known to be valid and not
     * looked at again.
     *
     * @throws IllegalArgumentException if it is not valid
     */
    void sendText(ByteBuffer utf8);

    /** Sends a text message that the caller knows to be valid UTF-8, which is consumed. */
    void sendValidText(ByteBuffer utf8);

    /** Sends a message that others get, too. */
    void sendShared(SharedMessage message);

    /** Sends a binary message, which is consumed. */
    void sendBinary(ByteBuffer message);

    /**
     * Sends a part of a text message, which is consumed, for a caller that has checked that the parts are UTF-8 together.
     *
     * @throws IllegalStateException if a binary message of parts is under way
     */
    void sendValidTextPart(ByteBuffer utf8, boolean last);

    /**
     * Sends a part of a binary message, which is consumed.
     *
     * @throws IllegalStateException if a text message of parts is under way
     */
    void sendBinaryPart(ByteBuffer part, boolean last);

    /** Whether a message of parts is being sent, so that no other can begin. */
    boolean isSendingParts();

    /**
     * Sends a Ping, whose payload is consumed.
     *
     * @param content at most {@link WebSocketProtocol#MAX_CONTROL_BYTES}
     */
    void sendPing(ByteBuffer content);

    /**
     * Sends a Pong that no Ping asked for; its payload is consumed.
     *
     * @param content at most {@link WebSocketProtocol#MAX_CONTROL_BYTES}
     */
    void sendPong(ByteBuffer content);

    /** Sends the Pong that waits for the peer to read, if there is one and the connection is open. */
    default void sendOwedPong() {}

    /**
     * Begins the closing handshake. Does nothing if it has begun.
     *
     * @param status {@link CloseStatus#NO_STATUS} says nothing
     * @throws IllegalArgumentException if the code may not appear in a Close frame
     */
    void close(CloseStatus status);

    // State

    /** The state; {@code OPEN} at first. */
    ReadyState state();

    /** What was said when this side closed; {@code null} if it has not. */
    @Nullable CloseStatus closeSent();

    /** What the peer said when it closed; {@code null} if it has not. */
    @Nullable CloseStatus closeReceived();

    /** The rule that the peer broke; {@code null} if none. */
    @Nullable Violation violation();

    /** What the transport connection is to do. */
    TransportIntent transportIntent();
}
