package io.duplex.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Vectors;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Utf8ValidatorTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final int NEVER = -1;

    /** Feeds byte by byte. Returns the index of the byte that is refused, or {@link #NEVER}. */
    private static int failure(Utf8Validator validator, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int i = 0; i < bytes.length; i++) {
            if (!validator.accept(buffer, i, i + 1)) {
                return i;
            }
        }
        return NEVER;
    }

    private static byte[] hex(JsonNode vector) {
        return HEX.parseHex(vector.required("hex").textValue());
    }

    private static boolean isValid(byte[] bytes) {
        return Utf8Validator.isValid(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    /** The JDK's strict decoder, whose tables are not ours. */
    private static final class Oracle {
        private final CharsetDecoder decoder = UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        private final CharBuffer chars = CharBuffer.allocate(64);

        boolean isValid(byte[] bytes) {
            chars.clear();
            return !decoder.reset().decode(ByteBuffer.wrap(bytes), chars, true).isError();
        }
    }

    @Test
    void oneBadByteOfALongTextIsFoundWhereverItStands() {
        for (int length : new int[] {4095, 4096, 4127, 4128, 9001}) {
            ByteBuffer direct = ByteBuffer.allocateDirect(length);
            ByteBuffer heap = ByteBuffer.allocate(length);
            assertThat(Utf8Validator.isValid(direct, 0, length)).isTrue();
            assertThat(Utf8Validator.isValid(heap, 0, length)).isTrue();
            for (int at = 0; at < length; at += at < length - 100 ? 31 : 1) {
                direct.put(at, (byte) 0xFF);
                heap.put(at, (byte) 0xFF);
                assertThat(Utf8Validator.isValid(direct, 0, length)).isFalse();
                assertThat(Utf8Validator.isValid(heap, 0, length)).isFalse();
                direct.put(at, (byte) 'a');
                heap.put(at, (byte) 'a');
            }
        }
    }

    @Nested
    class Section8Point1 {
        static Stream<JsonNode> valid() {
            return Vectors.read("utf8.json", "valid");
        }

        static Stream<JsonNode> invalid() {
            return Vectors.read("utf8.json", "invalid");
        }

        static Stream<JsonNode> truncated() {
            return Vectors.read("utf8.json", "truncated");
        }

        @ParameterizedTest
        @MethodSource("valid")
        @Covers("WS-5.6-1")
        void validTextIsAccepted(JsonNode vector) {
            byte[] bytes = hex(vector);
            Utf8Validator validator = new Utf8Validator();
            assertThat(isValid(bytes)).isTrue();
            assertThat(failure(validator, bytes)).isEqualTo(NEVER);
            assertThat(validator.isComplete()).isTrue();
        }

        @ParameterizedTest
        @MethodSource("invalid")
        @Covers({"WS-5.6-3", "WS-8.1-1"})
        void invalidTextFailsAtItsFirstBadByteAndNotEarlier(JsonNode vector) {
            byte[] bytes = hex(vector);
            Utf8Validator validator = new Utf8Validator();
            assertThat(isValid(bytes)).isFalse();
            assertThat(failure(validator, bytes))
                    .isEqualTo(vector.required("fail_at").intValue());
            assertThat(validator.isComplete()).isFalse();
        }

        @ParameterizedTest
        @MethodSource("invalid")
        @Covers({"WS-5.6-3", "WS-8.1-1"})
        void invalidTextFailsWhereverItLies(JsonNode vector) {
            byte[] bytes = hex(vector);
            for (int at = 0; at < 150; at++) {
                byte[] text = new byte[at + bytes.length + 5];
                Arrays.fill(text, (byte) 'a');
                System.arraycopy(bytes, 0, text, at, bytes.length);
                assertThat(isValid(text)).as("at %s", at).isFalse();
            }
        }

        @ParameterizedTest
        @MethodSource("truncated")
        @Covers("WS-8.1-1")
        void truncatedTextIsWrongOnlyAtItsEnd(JsonNode vector) {
            byte[] bytes = hex(vector);
            Utf8Validator validator = new Utf8Validator();
            assertThat(isValid(bytes)).isFalse();
            assertThat(failure(validator, bytes)).isEqualTo(NEVER);
            assertThat(validator.isComplete()).isFalse();
        }
    }

    @Nested
    class Section5Point6 {
        static Stream<JsonNode> split() {
            return Vectors.read("utf8.json", "split");
        }

        @ParameterizedTest
        @MethodSource("split")
        @Covers("WS-5.6-2")
        void aMessageMayBeSplitInsideACharacter(JsonNode vector) {
            Utf8Validator validator = new Utf8Validator();
            JsonNode fragments = vector.required("fragments");
            int refused = NEVER;
            for (int i = 0; i < fragments.size() && refused == NEVER; i++) {
                byte[] bytes = HEX.parseHex(fragments.get(i).textValue());
                boolean isLast = i == fragments.size() - 1;
                boolean isAccepted = validator.accept(ByteBuffer.wrap(bytes), 0, bytes.length);
                refused = isAccepted && (!isLast || validator.isComplete()) ? NEVER : i;
            }
            assertThat(refused).isEqualTo(vector.path("fail_fragment").asInt(NEVER));
            assertThat(validator.isComplete())
                    .isEqualTo(vector.required("valid").booleanValue());
        }
    }

    @Nested
    class AgainstTheJdk {
        private final Oracle oracle = new Oracle();

        @Test
        void everySequenceOfOneOrTwoBytes() {
            for (int first = 0; first < 256; first++) {
                assertSame((byte) first);
                for (int second = 0; second < 256; second++) {
                    assertSame((byte) first, (byte) second);
                }
            }
        }

        @Test
        void everyThreeByteSequenceThatBeginsWell() {
            for (int first = 0xC0; first < 256; first++) {
                for (int second = 0x70; second < 0xD0; second++) {
                    for (int third = 0; third < 256; third++) {
                        assertSame((byte) first, (byte) second, (byte) third);
                    }
                }
            }
        }

        @Test
        void fourByteSequencesAroundEveryBound() {
            int[] bounds = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
            for (int first = 0xE0; first < 256; first++) {
                for (int second = 0; second < 256; second++) {
                    for (int third : bounds) {
                        for (int fourth : bounds) {
                            assertSame((byte) first, (byte) second, (byte) third, (byte) fourth);
                        }
                    }
                }
            }
        }

        @Test
        void everyCodePoint() {
            Utf8Validator validator = new Utf8Validator();
            for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
                if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
                    byte[] bytes = Character.toString(codePoint).getBytes(UTF_8);
                    if (!validator.accept(ByteBuffer.wrap(bytes), 0, bytes.length) || !validator.isComplete()) {
                        throw new AssertionError(Integer.toHexString(codePoint));
                    }
                }
            }
        }

        // As bare as it is because it runs over a million times.
        private void assertSame(byte... bytes) {
            if (isValid(bytes) != oracle.isValid(bytes)) {
                throw new AssertionError(HEX.formatHex(bytes));
            }
        }
    }

    @Nested
    class Runs {
        @Test
        void aBadByteIsSeenAtEveryPositionOfAsciiAndAtEveryAlignment() {
            for (boolean isDirect : new boolean[] {true, false}) {
                ByteBuffer buffer = isDirect ? ByteBuffer.allocateDirect(260) : ByteBuffer.allocate(260);
                for (int offset = 0; offset < 16; offset++) {
                    for (int length : new int[] {1, 7, 8, 31, 32, 33, 63, 64, 65, 127, 200}) {
                        assertEveryBadByteIsSeen(buffer, offset, length);
                    }
                }
            }
        }

        private void assertEveryBadByteIsSeen(ByteBuffer buffer, int from, int length) {
            for (int i = 0; i < buffer.capacity(); i++) {
                buffer.put(i, i >= from && i < from + length ? (byte) 'a' : (byte) 0xFF);
            }
            assertThat(Utf8Validator.isValid(buffer, from, from + length)).isTrue();
            for (int i = from; i < from + length; i++) {
                buffer.put(i, (byte) 0x80);
                assertThat(Utf8Validator.isValid(buffer, from, from + length)).isFalse();
                buffer.put(i, (byte) 'a');
            }
        }

        @Test
        void charactersAreTakenWholeAcrossWordsAndBlocks() {
            for (String text : new String[] {"é", "Я", "天", "😀", "aé天😀", "天".repeat(9) + "a".repeat(90) + "😀"}) {
                for (int before = 0; before < 80; before++) {
                    byte[] bytes = ("a".repeat(before) + text.repeat(40)).getBytes(UTF_8);
                    assertThat(isValid(bytes)).isTrue();
                    assertThat(isValid(Arrays.copyOf(bytes, bytes.length - 1))).isFalse();
                }
            }
        }
    }

    @Nested
    class Contract {
        @Test
        void aFailureLastsUntilReset() {
            Utf8Validator validator = new Utf8Validator();
            ByteBuffer bytes = ByteBuffer.wrap(HEX.parseHex("ff" + "61".repeat(100)));
            assertThat(validator.accept(bytes, 0, 1)).isFalse();
            assertThat(validator.accept(bytes, 1, 101)).isFalse();
            assertThat(validator.accept(bytes, 1, 1)).isFalse();
            assertThat(validator.isComplete()).isFalse();
            validator.reset();
            assertThat(validator.isComplete()).isTrue();
            assertThat(validator.accept(bytes, 1, 101)).isTrue();
        }

        @Test
        void theBufferIsLeftAsItIs() {
            for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
                ByteBuffer bytes =
                        ByteBuffer.allocateDirect(100).order(order).position(3).limit(90);
                bytes.put(0, "é".repeat(45).getBytes(UTF_8));
                assertThat(Utf8Validator.isValid(bytes.asReadOnlyBuffer().order(order), 0, 90))
                        .isTrue();
                assertThat(Utf8Validator.isValid(bytes, 1, 90)).isFalse();
                assertThat(bytes.position()).isEqualTo(3);
                assertThat(bytes.limit()).isEqualTo(90);
                assertThat(bytes.order()).isEqualTo(order);
            }
        }

        @Test
        void aRangeMayNotPassTheLimit() {
            ByteBuffer bytes = ByteBuffer.allocate(20).limit(19);
            Utf8Validator validator = new Utf8Validator();
            assertThatThrownBy(() -> validator.accept(bytes, 3, 20)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> validator.accept(bytes, -1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> validator.accept(bytes, 3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
