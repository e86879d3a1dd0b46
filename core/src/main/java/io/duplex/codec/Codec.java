package io.duplex.codec;

import io.duplex.BlockingWebSocket;
import io.duplex.BlockingWebSocketHandler;
import io.duplex.CloseCode;
import io.duplex.DecodeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;

/**
 * How values of one type stand in messages, and what makes handlers and sockets of them. An application implements {@link
 * #encode} and one of the two that decode, or both; a kind of message that has none is refused. Implementations are
 * thread-safe: one codec serves all connections.
 *
 * <pre>{@code
 * builder.route("/chat", handshake -> CODEC.handler(new Chat()))
 *         .blockingRoute("/dice", CODEC.blocking(socket -> ...));
 * try (var socket = CODEC.over(client.connect("wss://chat.example/chat"))) { ... }
 * }</pre>
 *
 * <p>A message that cannot be decoded ends the connection: it is closed with {@link DecodeException#closeCode()} and a reason
 * that tells nothing of this side or the message; {@code onError} is told the {@link DecodeException}, a blocking {@code
 * receive} throws it; no message after it is handed out. What else a codec throws while it decodes is its own fault, and closes
 * with 1011 as a handler that throws does.
 *
 * @param <T> what peers talk in; where the two directions differ, a sealed type over both
 */
public interface Codec<T> {
    /**
     * The message that carries {@code value}.
     *
     * @throws IllegalArgumentException if the value cannot be written; whoever sends it gets that
     */
    EncodedMessage encode(T value);

    /**
     * What a text message carries. Refuses it with 1003 unless overridden.
     *
     * @param utf8 valid UTF-8 from position to limit, lent for the time of the call
     * @throws DecodeException if it is none of this codec's
     */
    default T decodeText(ByteBuffer utf8) {
        throw new DecodeException(CloseCode.UNSUPPORTED_DATA, "a text message, where only binary is understood", null);
    }

    /**
     * What a binary message carries. Refuses it with 1003 unless overridden.
     *
     * @param payload the bytes from position to limit, lent for the time of the call
     * @throws DecodeException if it is none of this codec's
     */
    default T decodeBinary(ByteBuffer payload) {
        throw new DecodeException(CloseCode.UNSUPPORTED_DATA, "a binary message, where only text is understood", null);
    }

    /**
     * A handler that decodes for {@code handler}.
     *
     * @param handler of one connection
     */
    default WebSocketHandler handler(TypedHandler<T> handler) {
        return new DecodingHandler<>(this, handler);
    }

    /**
     * Straight-line code with typed messages. A message that cannot be decoded is no fault of the code's: it may let the {@link
     * DecodeException} through.
     */
    default BlockingWebSocketHandler blocking(TypedBlockingHandler<T> code) {
        return socket -> {
            TypedBlockingWebSocket<T> typed = over(socket);
            try {
                code.handle(typed);
            } catch (DecodeException e) {
                if (!typed.isFailedBy(e)) {
                    throw e;
                }
            }
        };
    }

    /** The same connection for sending values. What comes from the peer goes to its handler as before. */
    default TypedWebSocket<T> over(WebSocket socket) {
        return new TypedWebSocket<>(socket, this);
    }

    /** The same connection with typed messages. */
    default TypedBlockingWebSocket<T> over(BlockingWebSocket socket) {
        return new TypedBlockingWebSocket<>(socket, this);
    }
}
