package io.duplex;

import java.nio.ByteBuffer;

/** A whole message, as the blocking face hands it out. It owns its content and can be kept. */
public sealed interface Message {
    /**
     * A text message.
     *
     * @param data the text
     */
    record Text(String data) implements Message {}

    /**
     * A binary message.
     *
     * @param payload the bytes from position to limit
     */
    record Binary(ByteBuffer payload) implements Message {}
}
