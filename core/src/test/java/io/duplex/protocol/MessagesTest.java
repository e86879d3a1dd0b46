package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Vectors;
import io.duplex.Violation;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 6455 §5.6, §6 and §8.1. */
class MessagesTest {
    @Nested
    class Data { // §5.6
        @Test
        void onlyWhatTheLastEventLentIsKnownToBeText() {
            WebSocketProtocol engine = server().protocol();
            String text = "81 82 00000000 6869";
            ByteBuffer in = Hex.parse(text + "89 82 00000000 6869" + text + "82 82 00000000 6869" + text);
            for (Event expected : new Event[] {Event.TEXT, Event.PING, Event.TEXT, Event.BINARY, Event.TEXT}) {
                assertThat(engine.receive(in)).isEqualTo(expected);
                assertThat(engine.payload()).isEqualTo(Hex.parse("6869"));
                assertThat(engine.isLentText(engine.payload())).isEqualTo(expected == Event.TEXT);
            }
            ByteBuffer last = engine.payload();
            engine.keepInput();
            assertThat(engine.isLentText(last)).as("the loan is over").isFalse();
            assertThat(engine.payload().hasRemaining()).isFalse();
            assertThat(engine.receive(in)).isNull();
        }

        @Test
        void nothingIsLentOfMemoryThatWasGivenBack() {
            Script script = server();
            WebSocketProtocol engine = script.protocol();
            for (String frames : new String[] {"01 81 00000000 61 80 81 00000000 62", "89 82 00000000 61"}) {
                script.receive(frames);
            }
            script.receive("62"); // the Ping came in two pieces
            assertThat(script.events()).containsExactly("TEXT ab", "PING 6162");
            assertThat(engine.payload().hasRemaining()).isFalse();
            script.receiveEof();
            assertThat(engine.payload().hasRemaining()).isFalse();
        }

        @Test
        @Covers("WS-5.6-4")
        void binaryIsPassedUnchecked() {
            assertThat(client().receive("8203 c0afff")).tells("BINARY c0afff");
        }

        @Test
        @Covers({"WS-5.6-1", "WS-6.1-7"})
        void loneSurrogatesAreSentAsReplacementCharacters() {
            assertThat(server().act(engine -> engine.sendText("a\uD800?"))).sends("8105 61efbfbd3f");
        }

        @Test
        @Covers("WS-5.6-1")
        void bytesThatAreNotUtf8AreNotSentAsText() {
            WebSocketProtocol engine = server().protocol();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> engine.sendText(Hex.parse("61ff")))
                    .withMessage("text is not valid UTF-8");
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendText(Hex.parse("c3")));
        }

        @Test
        @Covers("WS-6.1-6")
        void bytesThatAreUtf8AreSentAsText() {
            assertThat(server().act(engine -> engine.sendText(Hex.parse("e282ac"))))
                    .sends("8103 e282ac");
            assertThat(server().act(engine -> engine.sendValidText(Hex.parse("e282ac"))))
                    .sends("8103 e282ac");
        }

        @Test
        void whatAnEventLendsCanBeSentAsItIs() {
            WebSocketProtocol engine = server().protocol();
            ByteBuffer in = Wire.ofClient(99).text("h\u00e9llo").buffer();
            assertThat(engine.receive(in)).isEqualTo(Event.TEXT);
            engine.sendText(engine.payload());
            assertThat(engine.payload().hasRemaining()).isFalse();
            assertThat(engine.receive(in)).isNull();
        }

        @Test
        void whatAnEventLendsIsCheckedIfItsBoundsWereMoved() {
            WebSocketProtocol engine = server().protocol();
            ByteBuffer in = Wire.ofClient(99).text("\u00e9\u00e9").buffer();
            engine.receive(in);
            ByteBuffer lent = engine.payload();
            lent.position(lent.position() + 1);
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendText(lent));
            lent.position(lent.position() - 1).limit(lent.limit() - 1);
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendText(lent));
        }

        @Test
        void whatAnEventLendsAsBinaryIsCheckedBeforeItIsSentAsText() {
            WebSocketProtocol engine = server().protocol();
            engine.receive(Wire.ofClient(99).frame(0x82, new byte[] {-1}).buffer());
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendText(engine.payload()));
        }
    }

    @Nested
    class Receiving { // §6.2
        @Test
        @Covers({"WS-6.2-1", "WS-6.2-2", "WS-2-2"})
        void framesOfOneReadAreAllTaken() {
            assertThat(client().receive("8101 61 8201 62 8901 63 8a01 64 8100"))
                    .tells("TEXT a", "BINARY 62", "PING 63", "PONG 64", "TEXT")
                    .sends("8a81 00000000 63");
        }

        @Test
        @Covers("WS-6.2-3")
        void aWholeMessageBeforeABadFrameIsDelivered() {
            assertThat(client().receive("8101 61 83"))
                    .tells("TEXT a", "FAILED RESERVED_OPCODE")
                    .failsWith(Violation.RESERVED_OPCODE);
        }

        @Test
        @Covers("WS-7.1.7-5")
        void nothingIsTakenAfterAFailure() {
            assertThat(client().receive("83 8900 8802 03e8").receive("8101 61"))
                    .tells("FAILED RESERVED_OPCODE")
                    .failsWith(Violation.RESERVED_OPCODE);
        }

        @Test
        void nothingIsTakenAfterTheTransportEnded() {
            assertThat(client().receive("81").receiveEof().receive("01 61 8900"))
                    .tellsNothing()
                    .sendsNothing();
        }
    }

    @Nested
    class Utf8 { // §8.1
        static Stream<Arguments> valid() {
            return vectors("valid");
        }

        static Stream<Arguments> invalid() {
            return vectors("invalid");
        }

        static Stream<Arguments> truncated() {
            return vectors("truncated");
        }

        static Stream<Arguments> split() {
            return vectors("split");
        }

        private static Stream<Arguments> vectors(String name) {
            return Vectors.read("utf8.json", name)
                    .map(vector -> Arguments.of(vector.required("id").asText(), vector));
        }

        private static byte[] bytes(JsonNode hex) {
            return Hex.parse(hex.asText()).array();
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("valid")
        @Covers({"WS-5.6-1", "WS-5.6-2"})
        void validTextIsDelivered(String id, JsonNode vector) {
            byte[] utf8 = bytes(vector.required("hex"));
            ByteBuffer wire = Wire.ofClient(0x5ac31e77).frame(0x81, utf8).buffer();
            String text = new String(utf8, StandardCharsets.UTF_8);
            String line = text.isEmpty() ? "TEXT" : "TEXT " + text;
            assertThat(server().receive(wire)).tells(line);
            assertThat(server().receiveIn(1, wire)).tells(line);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("invalid")
        @Covers({"WS-5.6-3", "WS-8.1-1", "WS-8.1-2", "WS-7.4.1-4"})
        void invalidTextFailsAtItsFirstBadByte(String id, JsonNode vector) {
            byte[] utf8 = bytes(vector.required("hex"));
            ByteBuffer wire = Wire.ofClient(0x5ac31e77).frame(0x81, utf8).buffer();
            assertThat(server().receive(wire)).failsWith(Violation.INVALID_UTF8);
            // Header and all before the bad byte; then the bad byte.
            int good = wire.limit() - utf8.length + vector.required("fail_at").intValue();
            Script script = server().receive(wire.duplicate().limit(good));
            assertThat(script).tellsNothing().isOpen();
            assertThat(script.receive(wire.slice(good, 1))).failsWith(Violation.INVALID_UTF8);
            Script fragments = server().inParts();
            for (byte octet : utf8) {
                fragments.receive(Wire.ofClient(1)
                        .frame(fragments.events().isEmpty() ? 0x01 : 0x00, new byte[] {octet})
                        .buffer());
            }
            assertThat(fragments).failsWith(Violation.INVALID_UTF8).givesBackAllMemory();
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("truncated")
        @Covers({"WS-5.6-2", "WS-8.1-1"})
        void textThatEndsInsideACharacterFailsAtItsEndAndNoSooner(String id, JsonNode vector) {
            byte[] utf8 = bytes(vector.required("hex"));
            assertThat(server().receive(Wire.ofClient(5).frame(0x81, utf8).buffer()))
                    .failsWith(Violation.INVALID_UTF8);
            Script script = server().receive(Wire.ofClient(5).frame(0x01, utf8).buffer());
            assertThat(script).isOpen();
            assertThat(script.receive(Wire.ofClient(5).frame(0x80, new byte[0]).buffer()))
                    .failsWith(Violation.INVALID_UTF8);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("split")
        @Covers({"WS-5.6-2", "WS-8.1-2"})
        void charactersMaySpanFragments(String id, JsonNode vector) {
            List<byte[]> fragments = new ArrayList<>();
            vector.required("fragments").forEach(fragment -> fragments.add(bytes(fragment)));
            Script script = server();
            for (int i = 0; i < fragments.size(); i++) {
                if (vector.path("fail_fragment").asInt(-1) == i) {
                    assertThat(script).tellsNothing().isOpen();
                }
                int fin = i == fragments.size() - 1 ? 0x80 : 0;
                script.receive(Wire.ofClient(i)
                        .frame(fin | (i == 0 ? 1 : 0), fragments.get(i))
                        .buffer());
                if (vector.path("fail_fragment").asInt(-1) == i) {
                    assertThat(script).failsWith(Violation.INVALID_UTF8);
                }
            }
            if (vector.required("valid").asBoolean()) {
                assertThat(script.events()).hasSize(1).allMatch(event -> event.startsWith("TEXT "));
            } else {
                assertThat(script).failsWith(Violation.INVALID_UTF8);
            }
        }
    }
}
