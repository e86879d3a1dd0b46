package io.duplex.conformance.interop;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Message contents, the same in every run. */
final class Payloads {
    /** Around every border of the length encoding (RFC 6455 §5.2), and 1 MiB. */
    static final int[] SIZES = {1, 2, 125, 126, 127, 1000, 65_535, 65_536, 100_000, 1 << 20};

    private static final String[] LETTERS = {"a", "é", "ж", "語", "😀", "{\"price\":", "1234.5", "}, "};

    private Payloads() {}

    /** Text of at most so many bytes of UTF-8, with characters of one to four bytes. */
    static String text(int maxBytes) {
        Random random = new Random(maxBytes);
        StringBuilder text = new StringBuilder(maxBytes);
        // The longest piece takes nine bytes.
        for (int bytes = 0; bytes <= maxBytes - 9; ) {
            String letter = LETTERS[random.nextInt(LETTERS.length)];
            bytes += letter.getBytes(StandardCharsets.UTF_8).length;
            text.append(letter);
        }
        return text.isEmpty() ? "x".repeat(maxBytes) : text.toString();
    }

    /** Bytes that hardly shrink. */
    static ByteBuffer binary(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
