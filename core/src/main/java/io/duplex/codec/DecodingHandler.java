package io.duplex.codec;

import io.duplex.CloseOutcome;
import io.duplex.DecodeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decodes one connection's messages for a {@link TypedHandler}. */
final class DecodingHandler<T> implements WebSocketHandler {
    private final Codec<T> codec;
    private final TypedHandler<T> handler;
    private @Nullable TypedWebSocket<T> opened;

    DecodingHandler(Codec<T> codec, TypedHandler<T> handler) {
        this.codec = codec;
        this.handler = handler;
    }

    private TypedWebSocket<T> opened() {
        return Objects.requireNonNull(opened, "onOpen has not come");
    }

    @Override
    public void onOpen(WebSocket socket) {
        TypedWebSocket<T> typed = codec.over(socket);
        opened = typed;
        handler.onOpen(typed);
    }

    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        deliver(socket, utf8, codec::decodeText);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        deliver(socket, payload, codec::decodeBinary);
    }

    /** Not around the handler's call: a DecodeException that the application throws is its own. */
    private void deliver(WebSocket socket, ByteBuffer payload, Function<ByteBuffer, T> decode) {
        T message;
        try {
            message = decode.apply(payload);
        } catch (DecodeException fault) {
            TypedWebSocket.refuse(socket, fault);
            handler.onError(opened(), fault);
            return;
        }
        handler.onMessage(opened(), message);
    }

    @Override
    public void onDrain(WebSocket socket) {
        handler.onDrain(opened());
    }

    @Override
    public void onDropped(WebSocket socket, long messages) {
        handler.onDropped(opened(), messages);
    }

    @Override
    public void onError(WebSocket socket, WebSocketException error) {
        handler.onError(opened(), error);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        handler.onClose(opened(), outcome);
    }
}
