package io.duplex.codec;

import io.duplex.CloseOutcome;
import io.duplex.WebSocketException;

/**
 * What an application does with one connection of typed messages: a {@link io.duplex.WebSocketHandler} behind a {@link Codec}.
 * Make one object a connection. The same holds for order, threads and exceptions.
 *
 * @param <T> what the messages carry
 */
public interface TypedHandler<T> {
    /** The connection is open; messages can be sent. */
    default void onOpen(TypedWebSocket<T> socket) {}

    /** A message. */
    void onMessage(TypedWebSocket<T> socket, T message);

    /** See {@link io.duplex.WebSocketHandler#onDrain}. */
    default void onDrain(TypedWebSocket<T> socket) {}

    /** See {@link io.duplex.WebSocketHandler#onDropped}. */
    default void onDropped(TypedWebSocket<T> socket, long messages) {}

    /**
     * The connection has failed; {@link #onClose} follows. A {@link io.duplex.DecodeException} names what was wrong with a
     * message.
     */
    default void onError(TypedWebSocket<T> socket, WebSocketException error) {}

    /** The connection has ended. Nothing comes after it. */
    default void onClose(TypedWebSocket<T> socket, CloseOutcome outcome) {}
}
