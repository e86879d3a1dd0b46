package io.duplex;

import java.nio.ByteBuffer;

/**
 * A whole message, as the blocking face hands it out. It owns its content and can be kept. A text is thread-safe, a binary
 * message is not.
 */
public sealed interface Message {
    /**
     * A text message. Thread-safe.
     *
     * @param data the text
     */
    record Text(String data) implements Message {}

    /**
     * A binary message. Confined to one thread at a time, as the buffer has a position.
     *
     * @param payload the bytes from position to limit
     */
    record Binary(ByteBuffer payload) implements Message {}
}
