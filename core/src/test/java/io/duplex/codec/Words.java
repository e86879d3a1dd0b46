package io.duplex.codec;

import io.duplex.CloseCode;
import io.duplex.DecodeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Words, as text in quotes; those that begin with # as binary. */
final class Words implements Codec<String> {
    static final Words CODEC = new Words();

    /** Takes text only. */
    static final Codec<String> TEXT_ONLY = new Codec<>() {
        @Override
        public EncodedMessage encode(String value) {
            return EncodedMessage.text(value);
        }

        @Override
        public String decodeText(ByteBuffer utf8) {
            return string(utf8);
        }
    };

    /** Takes binary only. */
    static final Codec<String> BINARY_ONLY = new Codec<>() {
        @Override
        public EncodedMessage encode(String value) {
            return EncodedMessage.binary(StandardCharsets.UTF_8.encode(value));
        }

        @Override
        public String decodeBinary(ByteBuffer payload) {
            return string(payload);
        }
    };

    @Override
    public EncodedMessage encode(String value) {
        if (value.contains("'")) {
            throw new IllegalArgumentException("a word has no quotes");
        }
        return value.startsWith("#")
                ? EncodedMessage.binary(StandardCharsets.UTF_8.encode(value))
                : EncodedMessage.text("'" + value + "'");
    }

    @Override
    public String decodeText(ByteBuffer utf8) {
        String text = string(utf8);
        if (text.isEmpty()) {
            throw new IllegalStateException("a fault of the codec");
        }
        if (text.length() < 2 || !text.startsWith("'") || !text.endsWith("'")) {
            throw new DecodeException(CloseCode.INVALID_PAYLOAD, "no quotes: " + text, null);
        }
        return text.substring(1, text.length() - 1);
    }

    @Override
    public String decodeBinary(ByteBuffer payload) {
        return string(payload);
    }

    private static String string(ByteBuffer utf8) {
        return StandardCharsets.UTF_8.decode(utf8).toString();
    }
}
