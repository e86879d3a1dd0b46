package io.duplex.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameDecoderTest {
    private static final int MAX_FRAME_BYTES = 100_000;

    private static FrameDecoder client() {
        return new FrameDecoder(Role.CLIENT, true, MAX_FRAME_BYTES);
    }

    private static FrameDecoder server() {
        return new FrameDecoder(Role.SERVER, false, MAX_FRAME_BYTES);
    }

    @Nested
    class BaseFraming { // RFC 6455 §5.2
        @ParameterizedTest
        @CsvSource({"SERVER, false", "SERVER, true", "CLIENT, false", "CLIENT, true"})
        void aHeaderIsReadTheSameWholeAndByteByByteWhateverItsFirstTwo(Role role, boolean rsv1Allowed) {
            for (int start = 0; start <= 0xFFFF; start++) {
                ByteBuffer in = Hex.parse("0000 0000000000010000 01020304").putShort(0, (short) start);
                FrameDecoder whole = new FrameDecoder(role, rsv1Allowed, 100);
                boolean complete = whole.readHeader(in);
                FrameDecoder pieces = new FrameDecoder(role, rsv1Allowed, 100);
                int length = 1;
                while (!pieces.readHeader(in.slice(length - 1, 1)) && pieces.violation() == null) {
                    length++;
                }
                assertThat(fields(whole, role)).as("%04x", start).isEqualTo(fields(pieces, role));
                assertThat(in.position()).as("%04x", start).isEqualTo(complete ? length : 0);
                assertThat(complete).as("%04x", start).isEqualTo(whole.violation() == null);
            }
        }

        private static List<Object> fields(FrameDecoder decoder, Role role) {
            return Arrays.asList(
                    decoder.violation(),
                    decoder.opcode(),
                    decoder.isFin(),
                    decoder.isCompressed(),
                    role == Role.SERVER ? decoder.maskingKey() : 0,
                    decoder.payloadLength(),
                    decoder.payloadRemaining());
        }

        @ParameterizedTest
        @Covers({"WS-5.2-1", "WS-5.2-6", "WS-5.2-8"})
        @CsvSource({
            "81 80 01020304, 0, TEXT, true",
            "02 fd 01020304, 125, BINARY, false",
            "80 fe 007e 01020304, 126, CONTINUATION, true",
            "02 fe ffff 01020304, 65535, BINARY, false",
            "82 ff 0000000000010000 01020304, 65536, BINARY, true",
            "8a fd 01020304, 125, PONG, true"
        })
        void everyFieldIsRead(String hex, int length, Opcode opcode, boolean fin) {
            for (int extra : new int[] {0, 1, 20}) {
                FrameDecoder decoder = server();
                ByteBuffer in = Hex.parse(hex + "ff".repeat(extra));
                assertThat(decoder.readHeader(in)).isTrue();
                assertThat(in.remaining()).isEqualTo(extra);
                assertThat(decoder.opcode()).isEqualTo(opcode);
                assertThat(decoder.isFin()).isEqualTo(fin);
                assertThat(decoder.isCompressed()).isFalse();
                assertThat(decoder.maskingKey()).isEqualTo(0x01020304);
                assertThat(decoder.payloadLength()).isEqualTo(length);
                assertThat(decoder.payloadRemaining()).isEqualTo(length);
                assertThat(decoder.payloadConsumed()).isZero();
                assertThat(decoder.violation()).isNull();
            }
        }

        @Test
        @Covers("WS-6.2-1")
        void aHeaderMayComeByteByByteAndAnotherAfterIt() {
            FrameDecoder decoder = server();
            for (int round = 0; round < 2; round++) {
                ByteBuffer header = Hex.parse("82 ff 0000000000010000 01020304");
                while (header.remaining() > 1) {
                    assertThat(decoder.readHeader(header.slice(header.position(), 1)))
                            .isFalse();
                    header.position(header.position() + 1);
                }
                assertThat(decoder.readHeader(header)).isTrue();
                assertThat(decoder.maskingKey()).isEqualTo(0x01020304);
                assertThat(decoder.payloadLength()).isEqualTo(65536);
            }
        }

        @Test
        void thePayloadIsCounted() {
            FrameDecoder decoder = client();
            decoder.readHeader(Hex.parse("820a"));
            decoder.consumed(3);
            assertThat(decoder.payloadConsumed()).isEqualTo(3);
            assertThat(decoder.payloadRemaining()).isEqualTo(7);
            assertThat(decoder.payloadLength()).isEqualTo(10);
        }

        @ParameterizedTest
        @Covers({"WS-5.2-3", "WS-5.2-4", "WS-5.2-10", "WS-5.2-11", "WS-5.5-2", "WS-5.5-3"})
        @CsvSource({
            "83, RESERVED_OPCODE",
            "91, RESERVED_BIT",
            "a1, RESERVED_BIT",
            "d1, RESERVED_BIT",
            "c0, MISPLACED_COMPRESSION_BIT",
            "c9, MISPLACED_COMPRESSION_BIT",
            "09, FRAGMENTED_CONTROL_FRAME",
            "81 80, MASKED_SERVER_FRAME",
            "89 7e, CONTROL_FRAME_TOO_LONG",
            "82 7e 007d, NON_MINIMAL_LENGTH",
            "82 7f 000000000000, NON_MINIMAL_LENGTH",
            "82 7f 80, LENGTH_HIGH_BIT",
            "82 7f 01, FRAME_TOO_BIG",
            "82 7f 00000000000186a1, FRAME_TOO_BIG"
        })
        void aRuleIsBrokenByTheByteThatDecidesItAndNoSooner(String hex, Violation violation) {
            ByteBuffer in = Hex.parse(hex);
            int last = in.limit() - 1;
            FrameDecoder pieces = client();
            assertThat(pieces.readHeader(in.slice(0, last))).isFalse();
            assertThat(pieces.violation()).isNull();
            assertThat(pieces.readHeader(in.slice(last, 1))).isFalse();
            assertThat(pieces.violation()).isEqualTo(violation);
            FrameDecoder whole = client();
            assertThat(whole.readHeader(Hex.parse(hex + "00".repeat(14)))).isFalse();
            assertThat(whole.violation()).isEqualTo(violation);
        }

        @Test
        @Covers("WS-5.1-2")
        void aServerTakesMaskedFramesOnly() {
            FrameDecoder decoder = server();
            assertThat(decoder.readHeader(Hex.parse("8100"))).isFalse();
            assertThat(decoder.violation()).isEqualTo(Violation.UNMASKED_CLIENT_FRAME);
        }

        @Test
        @Covers("WS-10.4-2")
        void theLimitItselfIsTakenAndControlFramesHaveNone() {
            assertThat(client().readHeader(Hex.parse("82 7f 00000000000186a0"))).isTrue();
            assertThat(new FrameDecoder(Role.CLIENT, false, 1).readHeader(Hex.parse("897d")))
                    .isTrue();
            FrameDecoder decoder = new FrameDecoder(Role.CLIENT, false, 1);
            assertThat(decoder.readHeader(Hex.parse("8202"))).isFalse();
            assertThat(decoder.violation()).isEqualTo(Violation.FRAME_TOO_BIG);
        }
    }

    @Nested
    class Compression { // RFC 7692 §6
        @Test
        @Covers({"PMD-6-2", "PMD-6.1-4"})
        void theFirstBitMarksAMessageOnItsFirstFrame() {
            FrameDecoder decoder = client();
            assertThat(decoder.readHeader(Hex.parse("c100"))).isTrue();
            assertThat(decoder.isCompressed()).isTrue();
            assertThat(decoder.readHeader(Hex.parse("4200"))).isTrue();
            assertThat(decoder.isCompressed()).isTrue();
            assertThat(decoder.readHeader(Hex.parse("8100"))).isTrue();
            assertThat(decoder.isCompressed()).isFalse();
        }
    }

    @Nested
    class Opcodes { // RFC 6455 §5.2
        @Test
        @Covers({"WS-5.2-4", "WS-5.2-5", "WS-5.5-1"})
        void sixOfSixteenAreKnown() {
            for (int bits = 0; bits < 16; bits++) {
                Opcode opcode = Opcode.of(0xF0 | bits);
                if (bits <= 2 || bits >= 8 && bits <= 10) {
                    assertThat(opcode).isNotNull();
                    assertThat(opcode.code()).isEqualTo(bits);
                    assertThat(opcode.isControl()).isEqualTo(bits >= 8);
                } else {
                    assertThat(opcode).isNull();
                }
            }
        }
    }
}
