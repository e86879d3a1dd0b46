package io.duplex.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

@Covers({"WS-5.6-1", "WS-5.6-2", "WS-8.1-1"})
class Utf8ValidatorProperties {
    private static final int NEVER = -1;

    /** Where the JDK's decoder finds the bad sequence begin, or {@link #NEVER}; a sequence cut off at the end is not bad. */
    private static int badSequence(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean isError = UTF_8.newDecoder()
                .decode(in, CharBuffer.allocate(bytes.length), false)
                .isError();
        return isError ? in.position() : NEVER;
    }

    private static boolean isWhole(byte[] bytes) {
        return !UTF_8.newDecoder()
                .decode(ByteBuffer.wrap(bytes), CharBuffer.allocate(bytes.length), true)
                .isError();
    }

    private static byte[] damaged(String text, int at, int value) {
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length > 0) {
            bytes[at % bytes.length] = (byte) value;
        }
        return bytes;
    }

    @Property
    void textIsValid(@ForAll("texts") String text, @ForAll @IntRange(max = 15) int offset) {
        byte[] bytes = text.getBytes(UTF_8);
        ByteBuffer direct = ByteBuffer.allocateDirect(offset + bytes.length).put(offset, bytes);
        assertThat(Utf8Validator.isValid(direct, offset, offset + bytes.length)).isTrue();
        assertThat(Utf8Validator.isValid(ByteBuffer.wrap(bytes), 0, bytes.length))
                .isTrue();
    }

    @Property
    void damagedTextIsJudgedAsTheJdkJudgesIt(
            @ForAll("texts") String text,
            @ForAll @IntRange(max = 5000) int at,
            @ForAll @IntRange(max = 255) int value) {
        byte[] bytes = damaged(text, at, value);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        Utf8Validator validator = new Utf8Validator();
        assertThat(Utf8Validator.isValid(buffer, 0, bytes.length)).isEqualTo(isWhole(bytes));
        assertThat(validator.accept(buffer, 0, bytes.length)).isEqualTo(badSequence(bytes) == NEVER);
        assertThat(validator.isComplete()).isEqualTo(isWhole(bytes));
    }

    @Property
    void anySplitGivesWhatTheWholeGives(
            @ForAll("texts") String text,
            @ForAll @IntRange(max = 5000) int at,
            @ForAll @IntRange(max = 255) int value,
            @ForAll @IntRange(min = 1, max = 70) int step) {
        byte[] bytes = damaged(text, at, value);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        Utf8Validator validator = new Utf8Validator();
        int bad = badSequence(bytes);
        for (int from = 0; from < bytes.length; from += step) {
            int to = Math.min(bytes.length, from + step);
            boolean isAccepted = validator.accept(buffer, from, to);
            if (bad == NEVER || to <= bad) {
                assertThat(isAccepted).isTrue();
            } else if (to > bad + 3) { // the bad byte is one of the four
                assertThat(isAccepted).isFalse();
            }
        }
        assertThat(validator.isComplete()).isEqualTo(isWhole(bytes));
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> ascii = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(80);
        Arbitrary<String> cyrillic =
                Arbitraries.strings().withCharRange('А', 'я').withChars(' ').ofMaxLength(30);
        Arbitrary<String> han = Arbitraries.strings().withCharRange('一', '龥').ofMaxLength(30);
        Arbitrary<String> emoji =
                Arbitraries.integers().between(0x1F600, 0x1F64F).map(Character::toString);
        return Arbitraries.oneOf(ascii, cyrillic, han, emoji)
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }
}
