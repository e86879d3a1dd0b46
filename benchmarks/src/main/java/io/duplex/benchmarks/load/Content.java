package io.duplex.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/** What the messages of a case hold. */
public enum Content {
    /** Random bytes, sent as binary. */
    BINARY,
    /** Words of ASCII, sent as text. */
    ASCII,
    /** Words of several scripts, of one to four bytes a character, sent as text. */
    MULTILINGUAL,
    /** Small JSON objects, which compress well, sent as text. */
    JSON;

    private static final String[] ENGLISH = {
        "the ", "quick ", "brown ", "fox ", "jumps ", "over ", "42 ", "lazy ", "dogs. "
    };
    private static final String[] SCRIPTS = {
        "hello ", "Grüße ", "привет ", "κόσμε ", "こんにちは ", "你好 ", "שלום ", "नमस्ते ", "naïve ", "😀 ", "x = 1; "
    };

    /** Whether it is sent as text. */
    public boolean isText() {
        return this != BINARY;
    }

    /** The name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Exactly as many bytes; text is valid UTF-8. */
    byte[] make(int bytes, Random random) {
        byte[] result = new byte[bytes];
        if (this == BINARY) {
            random.nextBytes(result);
            return result;
        }
        Arrays.fill(result, (byte) '.');
        int at = 0;
        while (at < bytes) {
            byte[] next = next(random).getBytes(StandardCharsets.UTF_8);
            if (next.length > bytes - at) {
                break;
            }
            System.arraycopy(next, 0, result, at, next.length);
            at += next.length;
        }
        return result;
    }

    private String next(Random random) {
        return switch (this) {
            case MULTILINGUAL -> SCRIPTS[random.nextInt(SCRIPTS.length)];
            case JSON ->
                "{\"id\":" + random.nextInt(100_000_000) + ",\"type\":\"trade\",\"symbol\":\"EUR-"
                        + ENGLISH[random.nextInt(ENGLISH.length)].strip() + "\",\"price\":" + random.nextInt(1_000_000)
                        + ",\"side\":\"" + (random.nextBoolean() ? "buy" : "sell") + "\"},";
            case ASCII, BINARY -> ENGLISH[random.nextInt(ENGLISH.length)];
        };
    }
}
