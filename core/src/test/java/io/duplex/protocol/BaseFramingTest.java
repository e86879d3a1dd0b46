package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.Violation;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 §5.1 to §5.3, §5.7 and §5.8. */
class BaseFramingTest {
    private static byte[] zeros(int length) {
        return new byte[length];
    }

    @Nested
    class Overview { // §5.1
        @Test
        @Covers({"WS-5.1-1", "WS-5.5.1-3b", "WS-6.1-5"})
        void clientMasksEveryFrame() {
            Script script = client().act(engine -> {
                engine.sendText("a");
                engine.sendBinary(Hex.parse("62"));
                engine.sendTextPart(Hex.parse("63"), false);
                engine.sendPing(Hex.parse("64"));
                engine.sendPong(Hex.parse("65"));
                engine.sendTextPart(Hex.parse("66"), true);
                engine.close(CloseStatus.of(1000));
            });
            assertThat(script)
                    .sends("8181 00000000 61  8281 00000000 62  0181 00000000 63  8981 00000000 64 "
                            + "8a81 00000000 65  8081 00000000 66  8882 00000000 03e8");
        }

        @Test
        @Covers({"WS-5.1-2", "WS-5.1-2a", "WS-7.1.7-3"})
        void serverClosesOnAFrameThatIsNotMasked() {
            assertThat(server().receive("81 05 48656c6c6f")).tells("FAILED UNMASKED_CLIENT_FRAME");
            assertThat(server().receive("81 05")).failsWith(Violation.UNMASKED_CLIENT_FRAME);
            assertThat(server().receive("89 00")).failsWith(Violation.UNMASKED_CLIENT_FRAME);
        }

        @Test
        @Covers("WS-5.1-3")
        void serverNeverMasks() {
            Script script = server().act(engine -> {
                engine.sendText("a");
                engine.sendBinary(Hex.parse("62"));
                engine.sendPing(Hex.parse("64"));
                engine.close(CloseStatus.NO_STATUS);
            });
            assertThat(script).sends("8101 61  8201 62  8901 64  8800");
        }

        @Test
        @Covers({"WS-5.1-4", "WS-5.1-4a"})
        void clientClosesOnAMaskedFrame() {
            assertThat(client().receive("81 85 37fa213d 7f9f4d5158")).failsWith(Violation.MASKED_SERVER_FRAME);
            assertThat(client().receive("81 80")).failsWith(Violation.MASKED_SERVER_FRAME);
        }

        @Test
        @Covers("WS-5.1-5")
        void dataMayBeSentBeforeAnythingIsReceived() {
            assertThat(server().act(engine -> engine.sendText("Hello")))
                    .sends("8105 48656c6c6f")
                    .isOpen();
        }
    }

    @Nested
    class BaseFramingProtocol { // §5.2
        @ParameterizedTest
        @Covers({"WS-5.2-1", "WS-5.2-7", "WS-5.2-8", "WS-5.2-9", "WS-5.3-4"})
        @CsvSource({
            "0, 82 00, 82 80 00000000",
            "125, 82 7d, 82 fd 00000000",
            "126, 82 7e 007e, 82 fe 007e 00000000",
            "65535, 82 7e ffff, 82 fe ffff 00000000",
            "65536, 82 7f 0000000000010000, 82 ff 0000000000010000 00000000"
        })
        void lengthsAreSentInTheirShortestForm(int length, String unmaskedHeader, String maskedHeader) {
            String payload = "00".repeat(length);
            assertThat(server().act(engine -> engine.sendBinary(ByteBuffer.wrap(zeros(length)))))
                    .sends(unmaskedHeader + payload);
            assertThat(client().act(engine -> engine.sendBinary(ByteBuffer.wrap(zeros(length)))))
                    .sends(maskedHeader + payload);
        }

        @ParameterizedTest
        @Covers({"WS-5.2-8", "WS-10.4-1"})
        @ValueSource(ints = {0, 125, 126, 65535, 65536, 1 << 20})
        void everyLengthUpToTheLimitIsReceived(int length) {
            assertThat(client().receive(
                                    Wire.ofServer().frame(0x82, zeros(length)).buffer()))
                    .tells(length == 0 ? "BINARY" : "BINARY " + "00".repeat(length))
                    .isOpen();
        }

        @ParameterizedTest
        @Covers({"WS-5.2-3", "WS-5.8-1"})
        @ValueSource(strings = {"c1", "a1", "91", "f1", "c2", "c0", "c8", "a9", "9a", "41"})
        void aReservedBitWithoutMeaningFailsTheConnection(String firstByte) {
            assertThat(server().receive(firstByte)).failsWith(Violation.RESERVED_BIT);
        }

        @ParameterizedTest
        @Covers("WS-5.2-4")
        @ValueSource(strings = {"83", "84", "85", "86", "87", "8b", "8c", "8d", "8e", "8f", "03", "0f", "f3"})
        void anUnknownOpcodeFailsTheConnectionAtOnce(String firstByte) {
            assertThat(server().receive(firstByte)).failsWith(Violation.RESERVED_OPCODE);
            assertThat(client().receive(firstByte)).failsWith(Violation.RESERVED_OPCODE);
        }

        @Test
        @Covers({"WS-5.2-2", "WS-5.2-5", "WS-5.2-12"})
        void reservedBitsAreSentAsZero() {
            String sent = server().act(engine -> {
                        engine.sendText("");
                        engine.sendBinary(Hex.parse(""));
                        engine.sendPing(Hex.parse(""));
                        engine.sendPong(Hex.parse(""));
                    })
                    .sent();
            assertThat(sent).isEqualTo("8100 8200 8900 8a00".replace(" ", ""));
        }

        @ParameterizedTest
        @Covers("WS-5.2-11")
        @ValueSource(strings = {"82 7e 0000", "82 7e 007d", "82 7f 000000000000", "02 7f 000000000000"})
        void aLengthThatFitsAShorterFormFailsTheConnectionAsSoonAsItShows(String header) {
            assertThat(client().receive(header)).failsWith(Violation.NON_MINIMAL_LENGTH);
            assertThat(client().receiveBytewise(header)).failsWith(Violation.NON_MINIMAL_LENGTH);
            assertThat(client().receive(header + "00".repeat(20))).failsWith(Violation.NON_MINIMAL_LENGTH);
        }

        @ParameterizedTest
        @Covers("WS-5.2-10")
        @ValueSource(strings = {"82 ff 80", "82 ff ffffffffffffffff 00000000 00", "82 ff 8000000000000000 00000000"})
        void theHighestBitOfALengthFailsTheConnectionAtOnce(String header) {
            assertThat(server().receive(header)).failsWith(Violation.LENGTH_HIGH_BIT);
            assertThat(server().receiveBytewise(header)).failsWith(Violation.LENGTH_HIGH_BIT);
        }

        @ParameterizedTest
        @Covers({"WS-10.4-1", "WS-10.4-2"})
        @ValueSource(strings = {"82 ff 01", "82 ff 0000000100", "82 ff 7fffffffffffffff 00000000"})
        void aLengthBeyondTheLimitFailsTheConnectionAsSoonAsItShows(String header) {
            assertThat(server().receive(header)).failsWith(Violation.FRAME_TOO_BIG);
        }

        @Test
        @Covers("WS-5.2-6")
        void aHeaderIsReadInWhateverOrderTheBufferStands() {
            WebSocketProtocol engine = client().protocol();
            ByteBuffer in = Wire.ofServer().text("a text of some length").buffer();
            assertThat(engine.receive(in.order(ByteOrder.LITTLE_ENDIAN))).isEqualTo(Event.TEXT);
            assertThat(engine.payload().remaining()).isEqualTo(21);
            assertThat(engine.payload().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
        }
    }

    @Nested
    class Masking { // §5.3
        @Test
        @Covers({"WS-5.3-1", "WS-5.3-5"})
        void theKeyStandsInTheFrameAndMasksThePayload() {
            assertThat(client().maskingKeys(() -> 0x37fa213d).act(engine -> engine.sendText("Hello")))
                    .sends("8185 37fa213d 7f9f4d5158");
        }

        @Test
        @Covers({"WS-5.3-2", "WS-5.3-3", "WS-10.3-1", "WS-10.3-3"})
        void everyFrameTakesAKeyOfItsOwn() {
            Iterator<Integer> keys = List.of(0x01020304, 0x05060708, 0x090a0b0c).iterator();
            Script script = client().maskingKeys(keys::next).act(engine -> {
                engine.sendText("");
                engine.sendPing(Hex.parse(""));
                engine.close(CloseStatus.NO_STATUS);
            });
            assertThat(script).sends("8180 01020304 8980 05060708 8880 090a0b0c");
        }

        @Test
        @Covers({"WS-5.3-5", "WS-6.2-5"})
        void theMaskBeginsAnewWithEachFrame() {
            Wire wire = Wire.ofClient(0x37fa213d)
                    .frame(0x01, "abc".getBytes(US_ASCII))
                    .frame(0x80, "defgh".getBytes(US_ASCII));
            assertThat(server().receive(wire.buffer())).tells("TEXT abcdefgh");
            assertThat(server().receiveIn(1, wire.buffer())).tells("TEXT abcdefgh");
        }

        @ParameterizedTest
        @Covers({"WS-5.3-4", "WS-5.3-5"})
        @ValueSource(ints = {1, 7, 8, 9, 16384, 16385, 32768, 32769, 100_001})
        void payloadsOfAnyLengthAreMaskedAndUnmasked(int length) {
            byte[] payload = new byte[length];
            new Random(length).nextBytes(payload);
            for (boolean direct : new boolean[] {false, true}) {
                Script from = direct ? client().direct() : client();
                from.maskingKeys(() -> 0xCAFEBABE).act(engine -> engine.sendBinary(ByteBuffer.wrap(payload)));
                assertThat(from.sent())
                        .isEqualTo(Hex.format(
                                Wire.ofClient(0xCAFEBABE).frame(0x82, payload).buffer()));
                Script to = direct ? server().direct() : server();
                assertThat(to.receiveIn(1000, from.takeSent())).tells("BINARY " + Hex.format(ByteBuffer.wrap(payload)));
            }
        }

        @Test
        @Covers("WS-10.3-2")
        void whatWasSentCanBeChangedAtOnce() {
            byte[] payload = zeros(20_000);
            Script script = server().act(engine -> {
                engine.sendBinary(ByteBuffer.wrap(payload));
                Arrays.fill(payload, (byte) 1);
            });
            assertThat(script).sends("827e4e20" + "00".repeat(20_000));
        }

        @Test
        @Covers("WS-10.3-2")
        void theCallersPayloadIsConsumedAndNotChanged() {
            ByteBuffer payload = Hex.parse("01020304");
            assertThat(client().maskingKeys(() -> -1).act(engine -> engine.sendBinary(payload)))
                    .sends("8284 ffffffff fefdfcfb");
            assertThat(payload.hasRemaining()).isFalse();
            assertThat(Hex.format(payload.flip())).isEqualTo("01020304");
            assertThatCode(() -> client().protocol().sendBinary(payload.asReadOnlyBuffer()))
                    .doesNotThrowAnyException();
        }
    }

    @Nested
    class Examples { // §5.7
        @Test
        @Covers({"WS-5.7-1", "WS-5.2-6"})
        void unmaskedText() {
            assertThat(client().receive("81 05 48 65 6c 6c 6f")).tells("TEXT Hello");
        }

        @Test
        @Covers({"WS-5.7-2", "WS-5.2-6"})
        void maskedText() {
            assertThat(server().receive("81 85 37 fa 21 3d 7f 9f 4d 51 58")).tells("TEXT Hello");
        }

        @Test
        @Covers("WS-5.7-3")
        void fragmentedText() {
            assertThat(client().receive("01 03 48 65 6c 80 02 6c 6f")).tells("TEXT Hello");
        }

        @Test
        @Covers("WS-5.7-4")
        void pingAndMaskedPong() {
            assertThat(client().maskingKeys(() -> 0x37fa213d).receive("89 05 48 65 6c 6c 6f"))
                    .tells("PING 48656c6c6f")
                    .sends("8a 85 37 fa 21 3d 7f 9f 4d 51 58");
        }

        @Test
        @Covers("WS-5.7-5")
        void binaryOf256Bytes() {
            assertThat(client().receive("82 7e 0100" + "ab".repeat(256))).tells("BINARY " + "ab".repeat(256));
        }

        @Test
        @Covers("WS-5.7-6")
        void binaryOf64KiB() {
            assertThat(client().receive("82 7f 0000000000010000" + "ab".repeat(65536)))
                    .tells("BINARY " + "ab".repeat(65536));
        }
    }

    @Nested
    class Extensibility { // §5.8
        @Test
        @Covers("WS-5.8-1")
        void withoutNegotiationCompressionIsNotInUse() {
            assertThat(server().protocol().isCompressed()).isFalse();
            assertThat(server().limits(Limits.DEFAULT).receive("c1 81 00000000 00"))
                    .failsWith(Violation.RESERVED_BIT);
        }
    }
}
