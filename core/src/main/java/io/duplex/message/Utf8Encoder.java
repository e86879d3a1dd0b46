package io.duplex.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Encodes text that is sent (RFC 6455 §5.6). */
public final class Utf8Encoder {
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long QUESTION_MARKS = 0x3F3F3F3F3F3F3F3FL;
    private static final long LOW_SEVEN_BITS = 0x7F7F7F7F7F7F7F7FL;

    private Utf8Encoder() {}

    /**
     * The UTF-8 of {@code text}, with U+FFFD in place of lone surrogates.
     *
     * <p>The JDK's encoder is the fastest there is, but writes '?' for a lone surrogate. So a text has one if its bytes have
     * more question marks than its chars, which is cheap to tell.
     */
    public static byte[] encode(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int questionMarks = questionMarks(utf8);
        if (questionMarks > 0 && questionMarks > questionMarks(text)) {
            return replaceLoneSurrogates(text).getBytes(StandardCharsets.UTF_8);
        }
        return utf8;
    }

    private static int questionMarks(byte[] utf8) {
        int count = 0;
        int i = 0;
        for (; i <= utf8.length - Long.BYTES; i += Long.BYTES) {
            long difference = (long) WORD.get(utf8, i) ^ QUESTION_MARKS;
            long zeroBytes = ~(((difference & LOW_SEVEN_BITS) + LOW_SEVEN_BITS) | difference | LOW_SEVEN_BITS);
            count += Long.bitCount(zeroBytes);
        }
        for (; i < utf8.length; i++) {
            count += utf8[i] == '?' ? 1 : 0;
        }
        return count;
    }

    private static int questionMarks(String text) {
        int count = 0;
        for (int at = text.indexOf('?'); at >= 0; at = text.indexOf('?', at + 1)) {
            count++;
        }
        return count;
    }

    private static String replaceLoneSurrogates(String text) {
        StringBuilder replaced = new StringBuilder(text.length());
        text.codePoints().forEach(point -> replaced.appendCodePoint(isSurrogate(point) ? 0xFFFD : point));
        return replaced.toString();
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }
}
