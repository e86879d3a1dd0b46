package io.duplex.testkit;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bytes as tests write them: hexadecimal digits, with white space wherever it helps the reader. Thread-safe. */
public final class Hex {
    private static final HexFormat DIGITS = HexFormat.of();

    private Hex() {}

    /**
     * The bytes that the digits stand for, such as {@code "81 05 48656c6c6f"}.
     *
     * @throws IllegalArgumentException if something else than pairs of digits is left without the white space
     */
    public static ByteBuffer parse(String digits) {
        return ByteBuffer.wrap(DIGITS.parseHex(digits.replaceAll("\\s", "")));
    }

    /** The remaining bytes as digits, without white space; the buffer's position stays where it is. */
    public static String format(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return DIGITS.formatHex(copy);
    }
}
