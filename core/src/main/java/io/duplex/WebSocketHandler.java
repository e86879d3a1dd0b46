package io.duplex;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What an application does with one connection. Make one object a connection, so that its state is plain fields.
 *
 * <p>Callbacks of one socket never overlap: {@link #onOpen} is first, {@link #onClose} is last, and each comes exactly once.
 * On a plain route they run on the connection's event loop and must not block. A callback that throws closes the
 * connection with 1011 ({@link #onError}, then {@link #onClose}).
 *
 * <p>Byte buffers are lent for the time of the call: position to limit is the content. Copy what you keep; do not widen
 * the limits.
 */
public interface WebSocketHandler {
    /** How {@link #delivery()} wants messages. */
    enum Delivery {
        /** Whole: {@link #onText}, {@link #onTextBytes} and {@link #onBinary}. */
        WHOLE,
        /**
         * As they arrive, in constant memory, up to {@link Limits#maxStreamBytes}: {@link #onTextPart} and {@link
         * #onBinaryPart}.
         */
        PARTS
    }

    /** Whether messages come whole, which is the default, or in parts. Asked once, before {@link #onOpen}. */
    default Delivery delivery() {
        return Delivery.WHOLE;
    }

    /** The connection is open; messages can be sent. */
    default void onOpen(WebSocket socket) {}

    /** A text message. */
    default void onText(WebSocket socket, String text) {}

    /**
     * A text message as valid UTF-8. Override it to pass text on without decoding; by default it decodes and calls
     * {@link #onText}.
     */
    default void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        byte[] bytes = new byte[utf8.remaining()];
        utf8.get(bytes);
        onText(socket, new String(bytes, StandardCharsets.UTF_8));
    }

    /** A binary message. */
    default void onBinary(WebSocket socket, ByteBuffer payload) {}

    /**
     * A part of a text message. The bytes are valid UTF-8 as far as they go; a part may end inside a character.
     *
     * @param last whether the message ends here; the last part may be empty
     */
    default void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {}

    /**
     * A part of a binary message.
     *
     * @param last whether the message ends here; the last part may be empty
     */
    default void onBinaryPart(WebSocket socket, ByteBuffer payload, boolean last) {}

    /** A Ping, which has been answered already. */
    default void onPing(WebSocket socket, ByteBuffer payload) {}

    /** A Pong, asked for or not. */
    default void onPong(WebSocket socket, ByteBuffer payload) {}

    /** The backlog that made a send {@link SendStatus#QUEUED}, or a {@link SendPolicy} refuse one, is gone. Once a backlog. */
    default void onDrain(WebSocket socket) {}

    /**
     * Messages to this socket were left out, as its queue was full: those of topics too. Comes soon after, once for all that
     * a turn of the event loop lost.
     *
     * @param messages how many since the last call; {@link WebSocket#droppedMessages} is their sum
     */
    default void onDropped(WebSocket socket, long messages) {}

    /** The connection has failed; {@link #onClose} follows. */
    default void onError(WebSocket socket, WebSocketException error) {}

    /** The connection has ended. Nothing comes after it. */
    default void onClose(WebSocket socket, CloseOutcome outcome) {}
}
