package io.duplex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.testkit.Covers;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloseStatusTest {
    @Nested
    class Codes { // RFC 6455 §7.4
        static Stream<Arguments> ranges() {
            return Vectors.read("close_codes.json", "ranges")
                    .map(vector -> Arguments.of(vector.required("name").asText(), vector));
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("ranges")
        @Covers({"WS-7.4.1-1", "WS-7.4.1-9", "WS-7.4.1-10", "WS-7.4.1-11", "WS-7.4.2-1", "WS-7.4.2-2"})
        void areValidInAFrameAsTheTableSays(String name, JsonNode range) {
            boolean valid = range.required("receive").asText().equals("valid");
            assertThat(range.required("send").asBoolean()).isEqualTo(valid);
            IntStream codes = IntStream.rangeClosed(
                    range.required("from").intValue(), range.required("to").intValue());
            assertThat(codes).allMatch(code -> CloseCode.isValidInFrame(code) == valid);
        }

        @Test
        void haveSixteenBits() {
            assertThat(CloseStatus.of(0).code()).isZero();
            assertThat(CloseStatus.of(65535).code()).isEqualTo(65535);
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 65536})
        void haveNoMoreThanSixteenBits(int code) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CloseStatus.of(code))
                    .withMessage("close code is " + code + ", range 0 to 65535");
        }
    }

    @Nested
    class Reasons { // RFC 6455 §5.5.1
        @Test
        @Covers("WS-5.5.1-3")
        void haveAtMost123BytesOfUtf8() {
            assertThat(new CloseStatus(1000, "a".repeat(123)).reason()).hasSize(123);
            assertThat(new CloseStatus(1000, "\u20ac".repeat(41)).reason()).hasSize(41);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new CloseStatus(1000, "a".repeat(124)))
                    .withMessage("close reason is 124 bytes, limit 123");
            assertThatIllegalArgumentException().isThrownBy(() -> new CloseStatus(1000, "\u20ac".repeat(41) + "a"));
        }

        @Test
        void areShownBehindTheCode() {
            assertThat(new CloseStatus(1000, "bye")).hasToString("1000 bye");
            assertThat(CloseStatus.NO_STATUS).hasToString("1005");
            assertThat(CloseStatus.ABNORMAL).isEqualTo(CloseStatus.of(1006));
        }
    }
}
