package io.duplex.codec;

import io.duplex.CloseCode;
import io.duplex.DecodeException;
import io.duplex.Handshake;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import java.util.concurrent.CompletableFuture;

/**
 * An established connection that values are sent over. A value that its {@link Codec} cannot write makes the call throw an {@link
 * IllegalArgumentException}, and is not sent. Thread-safe.
 *
 * @param <T> what the messages carry
 */
public final class TypedWebSocket<T> {
    private final WebSocket socket;
    private final Codec<T> codec;

    TypedWebSocket(WebSocket socket, Codec<T> codec) {
        this.socket = socket;
        this.codec = codec;
    }

    /** The same connection, for all that is not about values: Pings, topics to join, its state. */
    public WebSocket socket() {
        return socket;
    }

    /** The opening handshake that this connection came from. */
    public Handshake handshake() {
        return socket.handshake();
    }

    /** Sends a value, as {@link WebSocket#send(String)} sends a text. */
    public SendStatus send(T value) {
        EncodedMessage message = codec.encode(value);
        return message.isText() ? socket.sendText(message.payload()) : socket.send(message.payload());
    }

    /** Sends a value, as {@link WebSocket#sendAsync(String)} sends a text. */
    public CompletableFuture<Void> sendAsync(T value) {
        EncodedMessage message = codec.encode(value);
        return message.isText() ? socket.sendTextAsync(message.payload()) : socket.sendAsync(message.payload());
    }

    /** Sends a value that replaces the one before it, as {@link WebSocket#sendLatest(String, String)} does with text. */
    public SendStatus sendLatest(String key, T value) {
        EncodedMessage message = codec.encode(value);
        return message.isText()
                ? socket.sendLatestText(key, message.payload())
                : socket.sendLatest(key, message.payload());
    }

    /**
     * Sends a value to every socket of a topic but this one, as {@link WebSocket#publish(String, String)} does with text. It is
     * encoded once.
     */
    public SendStatus publish(String topic, T value) {
        EncodedMessage message = codec.encode(value);
        return message.isText()
                ? socket.publishText(topic, message.payload())
                : socket.publish(topic, message.payload());
    }

    /** As {@link #publish}, to this socket too if it has joined. */
    public SendStatus broadcast(String topic, T value) {
        EncodedMessage message = codec.encode(value);
        return message.isText()
                ? socket.broadcastText(topic, message.payload())
                : socket.broadcast(topic, message.payload());
    }

    /** As {@link WebSocket#close()}. */
    public void close() {
        socket.close();
    }

    /** As {@link WebSocket#close(int, String)}. */
    public void close(int code, String reason) {
        socket.close(code, reason);
    }

    /** Closes {@code socket} as its peer sent what cannot be decoded. The peer learns no more than the reason. */
    static void refuse(WebSocket socket, DecodeException fault) {
        boolean wrongKind = fault.closeCode() == CloseCode.UNSUPPORTED_DATA;
        socket.close(fault.closeCode(), wrongKind ? "kind of message not supported" : "message not understood");
    }
}
