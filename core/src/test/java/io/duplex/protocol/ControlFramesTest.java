package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Violation;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6455 §5.5. */
class ControlFramesTest {
    @Nested
    class AllOfThem { // §5.5
        @ParameterizedTest
        @Covers({"WS-5.5-1", "WS-5.5-3", "WS-5.4-4", "WS-5.5.3-1"})
        @ValueSource(strings = {"08", "09", "0a"})
        void mustNotBeFragmented(String firstByte) {
            assertThat(server().receive(firstByte)).failsWith(Violation.FRAGMENTED_CONTROL_FRAME);
            assertThat(server().receive(firstByte + "80 00000000")).failsWith(Violation.FRAGMENTED_CONTROL_FRAME);
        }

        @ParameterizedTest
        @Covers({"WS-5.5-2", "WS-5.5.3-1"})
        @ValueSource(strings = {"88", "89", "8a"})
        void haveAtMost125Bytes(String firstByte) {
            assertThat(server().receive(firstByte + "fe")).failsWith(Violation.CONTROL_FRAME_TOO_LONG);
            assertThat(server().receive(firstByte + "ff")).failsWith(Violation.CONTROL_FRAME_TOO_LONG);
        }

        @Test
        @Covers("WS-5.5-2")
        void areSentWithAtMost125Bytes() {
            WebSocketProtocol engine = server().protocol();
            engine.sendPing(ByteBuffer.allocate(125));
            engine.sendPong(ByteBuffer.allocate(125));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> engine.sendPing(ByteBuffer.allocate(126)))
                    .withMessage("control frame payload is 126 bytes, limit 125");
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendPong(ByteBuffer.allocate(126)));
        }

        @Test
        void areNotBoundByTheLimitsOfMessages() {
            Limits tiny = Limits.builder().maxMessageBytes(1).build();
            assertThat(client().limits(tiny).receive("8902 0102 8805 03e8 627965"))
                    .tells("PING 0102", "CLOSE_RECEIVED 1000 bye");
        }

        @Test
        @Covers("WS-5.5.1-3a")
        void comeInPiecesWithoutHoldingMemoryAfterwards() {
            Script script = server().direct().receiveBytewise("89 83 01010101 000102 8a 82 00000000 0809");
            assertThat(script).tells("PING 010003", "PONG 0809").sends("8a03 010003");
            assertThat(script.buffers().outstanding()).isZero();
            assertThat(script.buffers().loans()).isEqualTo(2);
        }

        @Test
        @Covers("WS-10.4-1")
        void takeNoMemoryBeforeTheirPayloadComes() {
            Script script = server().receive("89 fd 00000000");
            assertThat(script.buffers().loans()).isZero();
            script.receive("01");
            assertThat(script.buffers().outstandingBytes()).isEqualTo(125);
            assertThat(script).givesBackAllMemory();
        }
    }

    @Nested
    class Close { // §5.5.1
        @Test
        @Covers({"WS-5.5.1-1", "WS-7.1.5-2", "WS-7.4-1"})
        void mayHaveNoBody() {
            assertThat(client().receive("8800"))
                    .tells("CLOSE_RECEIVED 1005")
                    .isClosed(CloseStatus.NO_STATUS, CloseStatus.NO_STATUS)
                    .sends("8880 00000000");
        }

        @Test
        @Covers("WS-5.5.1-2")
        void mustNotHaveABodyOfOneByte() {
            assertThat(client().receive("8801 03")).failsWith(Violation.CLOSE_BODY_TOO_SHORT);
        }

        @Test
        @Covers({"WS-5.5.1-3", "WS-7.1.6-1", "WS-5.5.1-6", "WS-5.5.1-6a"})
        void carriesACodeAndAReasonAndIsAnsweredWithTheCode() {
            assertThat(client().receive("8806 0fa0 6be28280"))
                    .tells("CLOSE_RECEIVED 4000 k\u2080")
                    .isClosed(CloseStatus.of(4000), new CloseStatus(4000, "k\u2080"))
                    .sends("8882 00000000 0fa0");
        }

        @Test
        @Covers("WS-5.5.1-3")
        void carriesAReasonOfAtMost123Bytes() {
            String reason = "61".repeat(123);
            assertThat(client().receive("887d 03e8" + reason)).tells("CLOSE_RECEIVED 1000 " + "a".repeat(123));
            assertThat(client().receive("887e 007e 03e8 61" + reason)).failsWith(Violation.CONTROL_FRAME_TOO_LONG);
            assertThat(server().act(engine -> engine.close(new CloseStatus(1000, "a".repeat(123)))))
                    .sends("887d 03e8" + reason);
            assertThatIllegalArgumentException().isThrownBy(() -> new CloseStatus(1000, "a".repeat(124)));
        }

        @ParameterizedTest
        @Covers({"WS-8.1-3", "WS-7.4.1-4"})
        @ValueSource(strings = {"ff", "c3", "eda080", "c080", "f4908080"})
        void carriesNoReasonThatIsNotUtf8(String reason) {
            String length = String.format("%02x", 2 + reason.length() / 2);
            assertThat(client().receive("88" + length + "03e8" + reason)).failsWith(Violation.INVALID_CLOSE_REASON);
            assertThat(client().receiveBytewise("88" + length + "03e8" + reason))
                    .failsWith(Violation.INVALID_CLOSE_REASON);
        }

        @Test
        @Covers({"WS-5.5.1-4", "WS-6.1-1", "WS-1.4-1"})
        void isTheLastFrameThatIsSent() {
            Script script = server().act(engine -> engine.close(CloseStatus.of(1000)));
            WebSocketProtocol engine = script.protocol();
            assertThatIllegalStateException()
                    .isThrownBy(() -> engine.sendText("a"))
                    .withMessage("connection is CLOSING");
            assertThatIllegalStateException().isThrownBy(() -> engine.sendText(Hex.parse("61")));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendValidText(Hex.parse("61")));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendBinary(Hex.parse("61")));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendBinaryPart(Hex.parse("61"), true));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendPing(Hex.parse("61")));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendPong(Hex.parse("61")));
            assertThat(script).sends("8802 03e8");
        }

        @Test
        @Covers({"WS-5.5.1-5", "WS-7.1.5-1", "WS-1.4-1", "WS-7.1.1-1"})
        void endsWhatIsReceived() {
            assertThat(client().receive("8802 03e8 8101 61 8900 8802 03e9 ffff").receive("8101 61"))
                    .tells("CLOSE_RECEIVED 1000")
                    .sends("8882 00000000 03e8");
        }

        @Test
        @Covers({"WS-5.5.1-5", "WS-6.2-3"})
        void doesNotEndWhatIsReceivedBeforeThePeerAnswers() {
            assertThat(server().act(engine -> engine.close(CloseStatus.of(1000)))
                            .receive("8181 00000000 61 8880 00000000 8181 00000000 62"))
                    .tells("TEXT a", "CLOSE_RECEIVED 1005")
                    .sends("8802 03e8")
                    .isClosed(CloseStatus.of(1000), CloseStatus.NO_STATUS);
        }

        @Test
        @Covers("WS-5.5.1-10")
        void fromBothSidesAtTheSameTimeIsANormalEnd() {
            Script server = server().act(engine -> engine.close(CloseStatus.of(1001)));
            Script client = client().act(engine -> engine.close(CloseStatus.of(1000)));
            server.receive(client.takeSent());
            client.receive(server.takeSent());
            assertThat(server)
                    .isClosed(CloseStatus.of(1001), CloseStatus.of(1000))
                    .sendsNothing();
            assertThat(client)
                    .isClosed(CloseStatus.of(1000), CloseStatus.of(1001))
                    .sendsNothing();
        }

        @Test
        @Covers({"WS-5.5.1-7", "WS-5.5.1-8", "WS-5.5.1-9", "WS-7.1.1-3", "WS-7.1.1-4", "WS-7.1.2-2"})
        void makesTheServerCloseTcpAndTheClientWaitForIt() {
            assertThat(server().receive("8880 00000000").protocol().transportIntent())
                    .isEqualTo(TransportIntent.CLOSE);
            assertThat(client().receive("8800").protocol().transportIntent())
                    .isEqualTo(TransportIntent.AWAIT_PEER_CLOSE);
        }
    }

    @Nested
    class Ping { // §5.5.2
        @Test
        @Covers({"WS-5.5.2-1", "WS-5.5.2-3", "WS-5.5.3-2"})
        void isAnsweredWithItsPayload() {
            assertThat(server().receive("8983 01010101 000102"))
                    .tells("PING 010003")
                    .sends("8a03 010003");
            assertThat(client().receive("8900")).tells("PING").sends("8a80 00000000");
            assertThat(client().receive("897d" + "fe".repeat(125))).sends("8afd 00000000" + "fe".repeat(125));
        }

        @Test
        @Covers({"WS-5.5.2-2", "WS-5.5.3-3"})
        void afterPingIsAnsweredInOrder() {
            assertThat(client().receive("8901 01 8901 02")).sends("8a81 00000000 01 8a81 00000000 02");
        }

        @Test
        @Covers("WS-5.5.2-3")
        void isAnsweredInTheClosingHandshakeUntilThePeersClose() {
            Script script = server().act(engine -> engine.close(CloseStatus.of(1000)))
                    .receive("8981 00000000 01 8880 00000000 8981 00000000 02");
            assertThat(script).tells("PING 01", "CLOSE_RECEIVED 1005").sends("8802 03e8 8a01 01");
        }

        @Test
        @Covers("WS-5.5.2-3")
        void isNotAnsweredAfterThePeersClose() {
            assertThat(server().receive("8880 00000000 8981 00000000 02")).sends("8800");
        }
    }

    @Nested
    class Pong { // §5.5.3
        @Test
        @Covers({"WS-5.5.3-4", "WS-5.5.3-5"})
        void thatNobodyAskedForIsToldAndNotAnswered() {
            assertThat(client().receive("8a02 0102"))
                    .tells("PONG 0102")
                    .sendsNothing()
                    .isOpen();
        }

        @Test
        @Covers("WS-5.5.3-4")
        void canBeSentUnasked() {
            assertThat(server().act(engine -> engine.sendPong(Hex.parse("0102"))))
                    .sends("8a02 0102");
        }
    }

    @Test
    void anEngineStartsOpen() {
        WebSocketProtocol engine = server().protocol();
        assertThat(engine.state()).isEqualTo(ReadyState.OPEN);
        assertThat(engine.transportIntent()).isEqualTo(TransportIntent.KEEP_OPEN);
        assertThat(engine.closeSent()).isNull();
        assertThat(engine.closeReceived()).isNull();
        assertThat(engine.violation()).isNull();
        assertThat(engine.payload().hasRemaining()).isFalse();
    }
}
