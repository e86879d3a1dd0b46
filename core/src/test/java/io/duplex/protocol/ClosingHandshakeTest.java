package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Vectors;
import io.duplex.Violation;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Script;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 6455 §7. */
class ClosingHandshakeTest {
    @Nested
    class CloseTheConnection { // §7.1.1
        @Test
        @Covers({"WS-7.1.1-3", "WS-7.1.1-4", "WS-5.5.1-8", "WS-5.5.1-9"})
        void theServerClosesTcpOnceBothCloseFramesWent() {
            Script server = server().act(engine -> engine.close(CloseStatus.of(1000)));
            assertThat(server.protocol().transportIntent()).isEqualTo(TransportIntent.AWAIT_PEER_CLOSE);
            server.receive("8880 00000000");
            assertThat(server.protocol().transportIntent()).isEqualTo(TransportIntent.CLOSE);
            Script client = client().act(engine -> engine.close(CloseStatus.of(1000)));
            assertThat(client.protocol().transportIntent()).isEqualTo(TransportIntent.AWAIT_PEER_CLOSE);
            client.receive("8800");
            assertThat(client.protocol().transportIntent()).isEqualTo(TransportIntent.AWAIT_PEER_CLOSE);
            client.receiveEof();
            assertThat(client.protocol().transportIntent()).isEqualTo(TransportIntent.CLOSE);
        }

        @Test
        @Covers("WS-7.1.1-2")
        void whoFailsTheConnectionClosesTcpInEitherRole() {
            assertThat(server().receive("ff").protocol().transportIntent()).isEqualTo(TransportIntent.CLOSE);
            assertThat(client().receive("ff").protocol().transportIntent()).isEqualTo(TransportIntent.CLOSE);
        }
    }

    @Nested
    class StartTheClosingHandshake { // §7.1.2
        @Test
        @Covers({"WS-7.1.2-1", "WS-7.3-3"})
        void sendsACloseFrameWithCodeAndReason() {
            assertThat(server().act(engine -> engine.close(new CloseStatus(4999, "b\u00e9"))))
                    .sends("8805 1387 62c3a9")
                    .sendsCloseLast(new CloseStatus(4999, "b\u00e9"));
        }

        @Test
        @Covers({"WS-7.4-1", "WS-5.5.1-1"})
        void sendsNoBodyWithoutACode() {
            assertThat(server().act(engine -> engine.close(CloseStatus.NO_STATUS)))
                    .sends("8800")
                    .sendsCloseLast(CloseStatus.NO_STATUS);
        }

        @Test
        void aSecondTimeDoesNothing() {
            Script script = server().act(engine -> engine.close(CloseStatus.of(1000)))
                    .act(engine -> engine.close(CloseStatus.of(1001)));
            assertThat(script).sends("8802 03e8");
            assertThat(script.protocol().closeSent()).isEqualTo(CloseStatus.of(1000));
        }

        @Test
        void afterThePeersCloseDoesNothing() {
            assertThat(server().receive("8880 00000000").act(engine -> engine.close(CloseStatus.of(1001))))
                    .sends("8800");
        }

        @Test
        void afterAFailureDoesNothing() {
            assertThat(client().receive("83").act(engine -> engine.close(CloseStatus.of(1001))))
                    .failsWith(Violation.RESERVED_OPCODE);
        }
    }

    @Nested
    class States { // §7.1.3, §7.1.4
        @Test
        @Covers("WS-7.1.3-1")
        void closingBeginsWithACloseFrameSentOrReceived() {
            assertThat(server().act(engine -> engine.close(CloseStatus.of(1000)))
                            .protocol()
                            .state())
                    .isEqualTo(ReadyState.CLOSING);
            assertThat(client().receive("8800").protocol().state()).isEqualTo(ReadyState.CLOSING);
            assertThat(client().receive("83").protocol().state()).isEqualTo(ReadyState.CLOSING);
        }

        @Test
        @Covers("WS-7.1.4-1")
        void closedBeginsWithTheEndOfTheTransport() {
            Script script = client().receiveEof();
            assertThat(script.protocol().state()).isEqualTo(ReadyState.CLOSED);
            assertThatIllegalStateException()
                    .isThrownBy(() -> script.protocol().sendText("a"))
                    .withMessage("connection is CLOSED");
            script.receiveEof().act(engine -> engine.close(CloseStatus.of(1000)));
            assertThat(script).sendsNothing();
        }

        @Test
        @Covers({"WS-7.1.4-2", "WS-7.1.5-3", "WS-7.2.1-1"})
        void withoutThePeersCloseFrameTheEndIsNotClean() {
            WebSocketProtocol engine = client().act(e -> e.close(CloseStatus.of(1000)))
                    .receiveEof()
                    .protocol();
            assertThat(engine.closeSent()).isEqualTo(CloseStatus.of(1000));
            assertThat(engine.closeReceived()).isNull();
        }
    }

    @Nested
    class CodeAndReason { // §7.1.5, §7.1.6
        @Test
        @Covers({"WS-7.1.5-1", "WS-7.1.6-1"})
        void areThoseOfTheFirstCloseFrame() {
            assertThat(client().receive("8803 03e8 61 8803 03e9 62"))
                    .isClosed(CloseStatus.of(1000), new CloseStatus(1000, "a"));
        }
    }

    @Nested
    class FailTheConnection { // §7.1.7
        @Test
        @Covers({"WS-7.1.7-1", "WS-7.1.7-2", "WS-7.1.7-3", "WS-10.7-2", "WS-10.7-3"})
        void sendsACloseFrameThatNamesTheRule() {
            assertThat(client().receive("83")).sends("8894 00000000 03ea" + "6f70636f6465206973207265736572766564");
        }

        @Test
        @Covers("WS-7.1.7-4")
        void sendsNoSecondCloseFrame() {
            Script script =
                    client().act(engine -> engine.close(CloseStatus.of(1000))).receive("83");
            assertThat(script).tells("FAILED RESERVED_OPCODE").sends("8882 00000000 03e8");
            assertThat(script.protocol().transportIntent()).isEqualTo(TransportIntent.CLOSE);
            assertThat(script.protocol().violation()).isEqualTo(Violation.RESERVED_OPCODE);
        }

        @Test
        @Covers("WS-7.1.7-5")
        void takesNoMoreBytesNotEvenThePeersClose() {
            Script script = client().receive("83 8802 03e8").receive("8802 03e8");
            assertThat(script).tells("FAILED RESERVED_OPCODE");
            assertThat(script.protocol().closeReceived()).isNull();
        }
    }

    @Nested
    class Codes { // §7.4
        static Stream<Arguments> ranges() {
            return Vectors.read("close_codes.json", "ranges")
                    .map(vector -> Arguments.of(vector.required("name").asText(), vector));
        }

        /** Every code of a short range; of a long one its ends and a few between. */
        private static IntStream codes(JsonNode range) {
            int from = range.required("from").intValue();
            int to = range.required("to").intValue();
            return to - from < 2000
                    ? IntStream.rangeClosed(from, to)
                    : IntStream.of(from, from + 1, from + (to - from) / 3, to - 1, to);
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("ranges")
        @Covers({"WS-7.4.1-1", "WS-7.4.1-9", "WS-7.4.1-10", "WS-7.4.1-11", "WS-7.4.2-1", "WS-7.4.2-2", "WS-7.4.1-2"})
        void thatMayBeReceived(String name, JsonNode range) {
            codes(range).forEach(code -> {
                String hex = String.format("%04x", code);
                if (range.required("receive").asText().equals("valid")) {
                    assertThat(client().receive("8802" + hex))
                            .tells("CLOSE_RECEIVED " + code)
                            .sends("8882 00000000" + hex);
                } else {
                    assertThat(client().receive("8802" + hex)).failsWith(Violation.INVALID_CLOSE_CODE);
                    assertThat(client().receive("8803" + hex + "61")).failsWith(Violation.INVALID_CLOSE_CODE);
                }
            });
        }

        @ParameterizedTest(name = "{0}")
        @MethodSource("ranges")
        @Covers({"WS-7.4.1-9", "WS-7.4.1-10", "WS-7.4.2-1"})
        void thatMayBeSent(String name, JsonNode range) {
            codes(range).forEach(code -> {
                if (range.required("send").asBoolean()) {
                    assertThat(server().act(engine -> engine.close(CloseStatus.of(code))))
                            .sends("8802" + String.format("%04x", code));
                } else if (code != CloseStatus.NO_STATUS.code()) {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> server().protocol().close(CloseStatus.of(code)))
                            .withMessage("close code " + code + " must not be sent");
                }
            });
        }

        @Test
        @Covers("WS-7.4.1-9")
        void ofNoStatusIsNeverSentWithAReason() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> server().protocol().close(new CloseStatus(1005, "a")));
        }
    }
}
