package io.duplex.codec;

import io.duplex.message.Utf8Encoder;
import java.nio.ByteBuffer;

/**
 * A message that is ready to be sent, once: sending consumes its payload.
 *
 * @param isText whether the payload is UTF-8 text; else it is binary
 * @param payload the content, from position to limit
 */
public record EncodedMessage(boolean isText, ByteBuffer payload) {
    /** A text message. Lone surrogates become U+FFFD. */
    public static EncodedMessage text(String text) {
        return text(ByteBuffer.wrap(Utf8Encoder.encode(text)));
    }

    /** A text message that stands as UTF-8. Sending it throws an {@link IllegalArgumentException} if it is none. */
    public static EncodedMessage text(ByteBuffer utf8) {
        return new EncodedMessage(true, utf8);
    }

    /** A binary message. */
    public static EncodedMessage binary(ByteBuffer payload) {
        return new EncodedMessage(false, payload);
    }
}
