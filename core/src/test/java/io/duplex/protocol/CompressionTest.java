package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.Vectors;
import io.duplex.Violation;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692 §6 and §7.2 as far as the engine decides. */
class CompressionTest {
    private static final DeflateParameters TAKEOVER = new DeflateParameters(false, false, 15, 15);
    private static final DeflateParameters NO_TAKEOVER = new DeflateParameters(true, true, 15, 15);
    private static final PermessageDeflate ALWAYS =
            PermessageDeflate.builder().thresholdBytes(0).build();
    private static final Limits LARGE =
            Limits.builder().maxMessageBytes(1 << 22).build();

    private static Script receiver() {
        return client().compression(TAKEOVER, ALWAYS);
    }

    private static byte[] bytes(JsonNode vector, String field) {
        return Hex.parse(vector.required(field).asText()).array();
    }

    private static int firstByte(JsonNode vector) {
        return vector.path("opcode").asText("binary").equals("text") ? 0xC1 : 0xC2;
    }

    @Nested
    class Receiving { // RFC 7692 §6.2, §7.2.2
        static Stream<Arguments> messages() {
            return Vectors.read("deflate.json", "messages")
                    .filter(vector -> vector.has("plain"))
                    .map(vector -> Arguments.of(vector.required("id").asText(), vector));
        }

        static Stream<Arguments> invalid() {
            return Vectors.read("deflate.json", "invalid")
                    .map(vector -> Arguments.of(vector.required("id").asText(), vector));
        }

        private static Wire wire(JsonNode vector) {
            Map<String, JsonNode> byId = new HashMap<>();
            Vectors.read("deflate.json", "messages")
                    .forEach(message -> byId.put(message.required("id").asText(), message));
            Wire wire = Wire.ofServer();
            addWithWhatComesBefore(vector, byId, wire);
            return wire;
        }

        private static void addWithWhatComesBefore(JsonNode vector, Map<String, JsonNode> byId, Wire wire) {
            if (vector.has("after")) {
                addWithWhatComesBefore(byId.get(vector.get("after").asText()), byId, wire);
            }
            wire.frame(firstByte(vector), bytes(vector, "payload"));
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("messages")
        @Covers({"PMD-6.2-1", "PMD-7.2.2-1", "PMD-7.2.2-3", "PMD-6.1-6", "WS-6.2-7"})
        void inflatesTheVectorsHoweverTheyCome(String id, JsonNode vector) {
            byte[] plain = bytes(vector, "plain");
            String last = firstByte(vector) == 0xC1
                    ? ("TEXT " + new String(plain, UTF_8)).strip()
                    : ("BINARY " + Hex.format(ByteBuffer.wrap(plain))).strip();
            ByteBuffer wire = wire(vector).buffer();
            for (int piece : new int[] {wire.limit(), 1, 7, 1000}) {
                Script script = receiver().limits(LARGE).receiveIn(piece, wire);
                assertThat(script.events()).last().isEqualTo(last);
                assertThat(script).isOpen().givesBackAllMemory();
                Script parts = receiver().limits(LARGE).direct().inParts().receiveIn(piece, wire);
                assertThat(parts.joinedEvents()).isEqualTo(script.events());
                assertThat(parts).isOpen().givesBackAllMemory();
            }
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("invalid")
        @Covers("PMD-7.2.2-7")
        void failsOnBrokenData(String id, JsonNode vector) {
            ByteBuffer wire =
                    Wire.ofServer().frame(0xC1, bytes(vector, "payload")).buffer();
            Violation fault = id.endsWith("UTF8") ? Violation.INVALID_UTF8 : Violation.INVALID_DEFLATE_DATA;
            assertThat(receiver().receive(wire)).failsWith(fault).givesBackAllMemory();
            assertThat(receiver().receiveIn(1, wire)).failsWith(fault).givesBackAllMemory();
        }

        @Test
        @Covers("PMD-6.1-6")
        void validatesInflatedText() {
            assertThat(receiver().receive(stored(0xC1, "c3a9"))).tells("TEXT \u00e9");
            assertThat(receiver().receive(stored(0xC1, "c3"))).failsWith(Violation.INVALID_UTF8);
            assertThat(receiver().receive(stored(0xC1, "61ff62"))).failsWith(Violation.INVALID_UTF8);
            assertThat(receiver().receive(stored(0xC2, "ff"))).tells("BINARY ff");
        }

        @Test
        void handsOutInflatedPartsBelowABound() {
            Script sender = server().compression(TAKEOVER, ALWAYS)
                    .act(engine -> engine.sendBinary(ByteBuffer.allocate(40_000)));
            Script script = receiver().inParts().receive(sender.takeSent());
            assertThat(script.events())
                    .hasSize(4)
                    .allMatch(event -> event.startsWith("BINARY_PART"))
                    .last()
                    .isEqualTo("BINARY_PART last");
            assertThat(script.joinedEvents()).containsExactly("BINARY " + "00".repeat(40_000));
            assertThat(script.buffers().loans()).isEqualTo(1);
            assertThat(script).givesBackAllMemory();
        }

        @Test
        void saysWhetherTheInputHasMoreToGive() {
            WebSocketProtocol engine = receiver().inParts().protocol();
            ByteBuffer in = stored(0xC2, "0102");
            assertThat(engine.receive(in)).isEqualTo(Event.BINARY_PART);
            assertThat(engine.isLastPart()).isFalse();
            assertThat(engine.isInflating()).isTrue();
            assertThat(engine.receive(in)).isEqualTo(Event.BINARY_PART);
            assertThat(engine.isLastPart()).isTrue();
            assertThat(engine.isInflating()).isFalse();
            assertThat(engine.receive(in)).isNull();
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void goesOnLaterWithAnInputThatItWasToldToKeep(boolean shrinks) {
            byte[] content = new byte[100_000];
            if (!shrinks) {
                new Random(3).nextBytes(content);
            }
            Script sender = server().compression(TAKEOVER, ALWAYS).act(engine -> {
                engine.sendBinaryPart(ByteBuffer.wrap(content), false);
                engine.sendBinaryPart(ByteBuffer.wrap(content), true);
            });
            Script script = receiver().inParts();
            WebSocketProtocol engine = script.protocol();
            ByteBuffer in = sender.takeSent();
            ByteBuffer got = ByteBuffer.allocate(2 * content.length);
            for (Event event; (event = engine.receive(in)) != null; ) {
                assertThat(event).isEqualTo(Event.BINARY_PART);
                got.put(engine.payload());
                engine.keepInput();
                engine.keepInput();
                for (int i = 0; i < in.position(); i++) {
                    in.put(i, (byte) 0xFF);
                }
            }
            assertThat(got.flip())
                    .isEqualTo(ByteBuffer.allocate(2 * content.length)
                            .put(content)
                            .put(content)
                            .flip());
            assertThat(script).givesBackAllMemory();
        }

        @Test
        void givesBackWhatItKeptWhenTheTransportEnds() {
            Script sender = server().compression(TAKEOVER, ALWAYS)
                    .act(engine -> engine.sendBinary(ByteBuffer.allocate(40_000_000)));
            Script script = receiver()
                    .limits(Limits.builder().maxMessageBytes(40_000_000).build())
                    .inParts();
            WebSocketProtocol engine = script.protocol();
            engine.receive(sender.takeSent());
            engine.keepInput();
            assertThat(script.buffers().outstanding()).isEqualTo(2);
            engine.receiveEof();
            engine.keepInput();
            assertThat(script).givesBackAllMemory();
        }

        @Test
        void stopsInflatingWhereTheTransportEnds() {
            WebSocketProtocol engine = receiver().inParts().protocol();
            ByteBuffer in = stored(0xC2, "0102");
            engine.receive(in);
            engine.receiveEof();
            assertThat(engine.isInflating()).isFalse();
            assertThat(engine.receive(in)).isNull();
        }
    }

    @Nested
    class Limiting { // RFC 6455 §10.4
        private final Limits small = Limits.builder().maxMessageBytes(64).build();

        private Script inflated(int bytes, boolean parts, int piece) {
            Script sender = server().compression(NO_TAKEOVER, ALWAYS)
                    .act(engine -> engine.sendBinary(ByteBuffer.allocate(bytes)));
            Script script = client().compression(NO_TAKEOVER, ALWAYS).limits(small);
            return (parts ? script.inParts() : script).receiveIn(piece, sender.takeSent());
        }

        @Test
        @Covers({"PMD-POL-1", "PMD-POL-4", "WS-10.4-3"})
        void stopsAtTheLimitExactly() {
            for (int piece : new int[] {1, 3, 1000}) {
                for (boolean parts : new boolean[] {false, true}) {
                    assertThat(inflated(64, parts, piece)).isOpen().givesBackAllMemory();
                    assertThat(inflated(65, parts, piece))
                            .failsWith(Violation.MESSAGE_TOO_BIG)
                            .givesBackAllMemory();
                }
            }
        }

        @Test
        @Covers("PMD-POL-4")
        void stopsPartsAtTheLimitOfThem() {
            Script sender = server().compression(NO_TAKEOVER, ALWAYS)
                    .act(engine -> engine.sendBinary(ByteBuffer.allocate(200)));
            Limits limits =
                    Limits.builder().maxMessageBytes(64).maxStreamBytes(199).build();
            assertThat(client().compression(NO_TAKEOVER, ALWAYS)
                            .limits(limits)
                            .inParts()
                            .receive(sender.takeSent()))
                    .failsWith(Violation.STREAM_TOO_BIG)
                    .givesBackAllMemory();
        }

        @Test
        @Covers("PMD-POL-1")
        void holdsNoMoreThanTheLimitOfABomb() {
            Script bomb = server().compression(NO_TAKEOVER, ALWAYS)
                    .act(engine -> engine.sendBinary(ByteBuffer.allocate(16 << 20)));
            Script script = client().compression(NO_TAKEOVER, ALWAYS).receiveIn(4096, bomb.takeSent());
            assertThat(script).failsWith(Violation.MESSAGE_TOO_BIG);
            assertThat(script.buffers().peakBytes()).isLessThan(3 << 20);
        }

        @Test
        @Covers("PMD-POL-4")
        void takesDataOfTheLimitThatGrewWhenCompressed() {
            byte[] random = new byte[1 << 16];
            new Random(7).nextBytes(random);
            Limits exact = Limits.builder().maxMessageBytes(random.length).build();
            for (int bits = 8; bits <= 15; bits++) {
                DeflateParameters takeover = new DeflateParameters(false, false, bits, bits);
                Script sender = server().compression(takeover, ALWAYS)
                        .act(engine -> engine.sendBinary(ByteBuffer.wrap(random)));
                ByteBuffer sent = sender.takeSent();
                assertThat(sent.get(0)).isEqualTo((byte) 0xC2);
                assertThat(sent.remaining()).isGreaterThan(random.length + 10);
                assertThat(client().compression(takeover, ALWAYS).limits(exact).receive(sent))
                        .isOpen();
            }
        }

        @Test
        @Covers({"PMD-POL-3", "PMD-6.1-3"})
        void sendsPlainWhatDoesNotShrink() {
            byte[] random = new byte[2000];
            new Random(7).nextBytes(random);
            Script sender =
                    server().compression(NO_TAKEOVER, ALWAYS).act(engine -> engine.sendBinary(ByteBuffer.wrap(random)));
            ByteBuffer sent = sender.takeSent();
            assertThat(sent.get(0)).isEqualTo((byte) 0x82);
            assertThat(sent.slice(4, sent.limit() - 4)).isEqualTo(ByteBuffer.wrap(random));
        }

        @Test
        @Covers("PMD-POL-4")
        void countsWhatIsSentToo() {
            byte[] emptyBlocks = Hex.parse("000000ffff".repeat(14)).array();
            assertThat(client().compression(NO_TAKEOVER, ALWAYS)
                            .limits(small)
                            .receive(Wire.ofServer()
                                    .frame(0x42, emptyBlocks)
                                    .frame(0x00, emptyBlocks)
                                    .buffer()))
                    .failsWith(Violation.MESSAGE_TOO_BIG);
        }

        @Test
        void refusesBadTextBeforeTheLimitAndTheLimitBeforeBadTextBeyondIt() {
            for (int piece : new int[] {1, 1000}) {
                Script script = receiver().limits(small).receiveIn(piece, repeated(0xC1, 0x61, 63, 0xFF));
                assertThat(script).failsWith(Violation.INVALID_UTF8);
                script = receiver().limits(small).receiveIn(piece, repeated(0xC1, 0x61, 64, 0xFF));
                assertThat(script).failsWith(Violation.MESSAGE_TOO_BIG);
            }
        }
    }

    @Nested
    class Sending { // RFC 7692 §6.1, §7.2.1
        @Test
        @Covers({"PMD-6.1-1", "PMD-6.1-2", "PMD-7.2.1-3", "PMD-7.2.3-1", "PMD-7.2.3-3"})
        void compressesAndMarksTheFirstFrame() {
            Script script = server().compression(TAKEOVER, ALWAYS).act(engine -> {
                engine.sendText("Hello");
                engine.sendText("Hello");
            });
            assertThat(script.sent()).startsWith("c107f248cdc9c90700c1");
            assertThat(script.protocol().isCompressed()).isTrue();
        }

        @Test
        @Covers("PMD-6.1-3")
        void leavesShortMessagesAsTheyAre() {
            PermessageDeflate from10 =
                    PermessageDeflate.builder().thresholdBytes(10).build();
            Script script = server().compression(TAKEOVER, from10).act(engine -> {
                engine.sendText("123456789");
                engine.sendTextPart(Hex.parse("313233343536373839"), true);
            });
            assertThat(script).sends("8109 313233343536373839 8109 313233343536373839");
            script = server().compression(TAKEOVER, from10).act(engine -> engine.sendText("1234567890"));
            assertThat(script.sent()).startsWith("c1");
            script = server().compression(TAKEOVER, from10)
                    .act(engine -> engine.sendTextPart(Hex.parse("31323334353637383930"), true));
            assertThat(script.sent()).startsWith("c1");
        }

        @Test
        @Covers({"PMD-6.1-4", "PMD-6.1-5", "PMD-7.2.1-4"})
        void marksOnlyTheFirstFragment() {
            Script script = server().compression(TAKEOVER, ALWAYS).act(engine -> {
                engine.sendTextPart(Hex.parse("61"), false);
                engine.sendPing(Hex.parse("01"));
                engine.sendTextPart(Hex.parse("62"), false);
                engine.sendTextPart(Hex.parse(""), true);
            });
            Script receiver = receiver().receive(script.takeSent());
            assertThat(receiver).tells("PING 01", "TEXT ab").isOpen();
        }

        @Test
        @Covers("PMD-POL-2")
        void givesTheCompressorBackWithTheCloseFrame() {
            Script script = server().compression(TAKEOVER, ALWAYS).act(engine -> {
                engine.sendTextPart(Hex.parse("61"), false);
                engine.close(CloseStatus.of(1000));
            });
            assertThat(script.sent()).endsWith("880203e8");
            assertThat(script).givesBackAllMemory();
        }
    }

    /** A message in one stored block. */
    private static ByteBuffer stored(int firstByte, String hex) {
        int length = hex.length() / 2;
        byte[] payload = Hex.parse("00" + String.format("%02x00%02xff", length, 0xFF - length) + hex + "00")
                .array();
        return Wire.ofServer().frame(firstByte, payload).buffer();
    }

    /** A compressed message of many equal bytes and another one. */
    private static ByteBuffer repeated(int firstByte, int octet, int times, int end) {
        Deflater deflater = new Deflater(9, true);
        byte[] plain = new byte[times + 1];
        Arrays.fill(plain, (byte) octet);
        plain[times] = (byte) end;
        deflater.setInput(plain);
        byte[] out = new byte[1000];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
        deflater.end();
        return Wire.ofServer().frame(firstByte, Arrays.copyOf(out, length)).buffer();
    }
}
