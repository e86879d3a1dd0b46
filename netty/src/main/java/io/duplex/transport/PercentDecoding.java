package io.duplex.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Percent-decoding that takes whatever comes (URL Standard §1.3). */
public final class PercentDecoding {
    private PercentDecoding() {}

    /** The bytes of {@code text} in UTF-8, decoded; a percent sign that encodes nothing stands for itself. */
    public static byte[] decode(String text) {
        byte[] encoded = text.getBytes(UTF_8);
        byte[] decoded = new byte[encoded.length];
        String latin = new String(encoded, ISO_8859_1);
        int length = 0;
        for (int at = 0; at < encoded.length; at++) {
            int value = byteAt(latin, at);
            decoded[length++] = value < 0 ? encoded[at] : (byte) value;
            at += value < 0 ? 0 : 2;
        }
        return Arrays.copyOf(decoded, length);
    }

    /** The byte that is encoded at {@code at}; -1 if none is. */
    public static int byteAt(String text, int at) {
        if (text.charAt(at) != '%' || at + 2 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at + 1), 16);
        int low = Character.digit(text.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
