package io.duplex.client.w3c;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message has come. What it adds to {@link Event} does not change, and may be read on any thread; but a {@link
 * java.nio.ByteBuffer} as {@link #data()} is confined to one thread at a time.
 */
public final class MessageEvent extends Event {
    private final @Nullable Object data;
    private final String origin;

    /**
     * An event of one's own.
     *
     * @param data as {@link #data()}
     * @param origin as {@link #origin()}
     */
    public MessageEvent(String type, @Nullable Object data, String origin) {
        super(type);
        this.data = data;
        this.origin = origin;
    }

    /**
     * The message: a {@code String} if it is text, a {@link Blob} or a {@link java.nio.ByteBuffer} if it is binary ({@link
     * BrowserWebSocket#binaryType()}). Of the buffer, which is the listeners' own, position to limit is the message.
     */
    public @Nullable Object data() {
        return data;
    }

    /** Where the message is from: scheme, host and, unless it is the scheme's own, port, such as {@code wss://chat.example}. */
    public String origin() {
        return origin;
    }

    /** Always empty: for server-sent events. */
    public String lastEventId() {
        return "";
    }

    /** Always {@code null}: for messages between windows. */
    public @Nullable Object source() {
        return null;
    }

    /** Always empty: for messages between windows. */
    public List<Object> ports() {
        return List.of();
    }
}
