package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.CloseStatus;
import io.duplex.Violation;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.Script;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** RFC 6455 §5.4. */
class FragmentationTest {
    private static final byte[] NOTHING = {};

    @Nested
    class Receiving {
        @Test
        @Covers({"WS-5.4-1", "WS-6.2-3"})
        void oneFrameWithFinIsAMessage() {
            assertThat(client().receive("8202 0102")).tells("BINARY 0102").isOpen();
        }

        @Test
        @Covers("WS-5.4-1")
        void aContinuationWithoutAMessageFailsTheConnection() {
            assertThat(client().receive("8001 61")).failsWith(Violation.UNEXPECTED_CONTINUATION);
            assertThat(client().receive("0000")).failsWith(Violation.UNEXPECTED_CONTINUATION);
            assertThat(client().receive("8101 61 8001 62")).failsWith(Violation.UNEXPECTED_CONTINUATION);
        }

        @Test
        @Covers({"WS-5.4-2", "WS-5.4-9", "WS-5.4-13", "WS-6.2-4"})
        void fragmentsAreJoinedUnderTheKindOfTheFirst() {
            assertThat(client().receive("0201 01 0002 0203 8001 04")).tells("BINARY 01020304");
            assertThat(client().receiveBytewise("0101 61 0002 6263 8001 64")).tells("TEXT abcd");
        }

        @Test
        @Covers({"WS-5.4-3", "WS-5.4-7"})
        void controlFramesMayStandBetweenFragments() {
            Script script = client().receive("0101 61 8901 01 0001 62 8a01 02 8001 63");
            assertThat(script).tells("PING 01", "PONG 02", "TEXT abc").sends("8a81 00000000 01");
        }

        @Test
        @Covers("WS-5.4-7")
        void aCloseFrameInsideAMessageEndsTheConnectionAndDropsTheMessage() {
            assertThat(client().receive("0101 61 8802 03e8 8001 62"))
                    .tells("CLOSE_RECEIVED 1000")
                    .sends("8882 00000000 03e8")
                    .givesBackAllMemory();
        }

        @Test
        @Covers("WS-5.4-6")
        void aNewMessageInsideAFragmentedOneFailsTheConnection() {
            assertThat(client().receive("0101 61 8101 62")).failsWith(Violation.INTERLEAVED_MESSAGE);
            assertThat(client().receive("0101 61 0201 62")).failsWith(Violation.INTERLEAVED_MESSAGE);
            assertThat(client().receive("0100 8200")).failsWith(Violation.INTERLEAVED_MESSAGE);
        }

        @Test
        @Covers("WS-5.4-8")
        void fragmentsMayBeEmpty() {
            assertThat(client().receive("0100 0000 8000")).tells("TEXT").givesBackAllMemory();
            assertThat(client().receive("0100 0002 6869 0000 8000")).tells("TEXT hi");
            assertThat(client().receive("0201 01 8000")).tells("BINARY 01");
            assertThat(client().receive("0200 8001 01")).tells("BINARY 01");
        }

        @Test
        @Covers({"WS-5.4-14", "WS-6.2-6"})
        void partsComeAsTheBytesCome() {
            Script script = server().inParts();
            script.receive(Wire.ofClient(7).frame(0x01, "ab".getBytes(UTF_8)).buffer());
            assertThat(script).tells("TEXT_PART 6162");
            script.receive(Wire.ofClient(7).frame(0x80, NOTHING).buffer());
            script.receive(Wire.ofClient(7).frame(0x82, new byte[] {1, 2}).buffer());
            assertThat(script).tells("TEXT_PART 6162", "TEXT_PART last", "BINARY_PART 0102 last");
        }

        @Test
        void partsOfAFrameThatComesInPiecesAreHandedOutAndNotKept() {
            Script script = client().inParts();
            script.receive("8204").receive("01").receive("0203").receive("04");
            assertThat(script).tells("BINARY_PART 01", "BINARY_PART 0203", "BINARY_PART 04 last");
            assertThat(script.buffers().loans()).isZero();
        }
    }

    @Nested
    class Sending {
        @Test
        @Covers({"WS-5.4-2", "WS-5.4-5", "WS-6.1-2", "WS-6.1-3", "WS-6.1-4"})
        void onlyTheFirstFragmentHasTheKindAndOnlyTheLastHasFin() {
            Script script = server().act(engine -> {
                engine.sendBinaryPart(Hex.parse("01"), false);
                assertThat(engine.isSendingParts()).isTrue();
                engine.sendBinaryPart(Hex.parse("02"), false);
                engine.sendBinaryPart(Hex.parse("03"), true);
                assertThat(engine.isSendingParts()).isFalse();
            });
            assertThat(script).sends("0201 01 0001 02 8001 03");
        }

        @Test
        void aMessageOfOnePartIsOneFrame() {
            assertThat(server().act(engine -> engine.sendTextPart(Hex.parse("61"), true)))
                    .sends("8101 61");
        }

        @Test
        @Covers({"WS-5.4-3", "WS-5.4-4", "WS-5.5.2-4"})
        void controlFramesGoOutBetweenFragmentsWhole() {
            Script script = client().act(engine -> engine.sendTextPart(Hex.parse("61"), false))
                    .receive("8901 09")
                    .act(engine -> engine.sendPing(Hex.parse("08")))
                    .act(engine -> engine.sendTextPart(Hex.parse("62"), true));
            assertThat(script).sends("0181 00000000 61 8a81 00000000 09 8981 00000000 08 8081 00000000 62");
        }

        @Test
        @Covers("WS-5.4-6")
        void noOtherMessageCanBeSentInsideAMessageOfParts() {
            WebSocketProtocol engine = server().protocol();
            engine.sendTextPart(Hex.parse("61"), false);
            assertThatIllegalStateException().isThrownBy(() -> engine.sendText("b"));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendText(Hex.parse("62")));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendValidText(Hex.parse("62")));
            assertThatIllegalStateException().isThrownBy(() -> engine.sendBinary(Hex.parse("62")));
            assertThatIllegalStateException()
                    .isThrownBy(() -> engine.sendBinaryPart(Hex.parse("62"), true))
                    .withMessage("a message of parts of the other kind is under way");
        }

        @Test
        @Covers("WS-5.6-1")
        void aPartMayEndInsideACharacterButTheMessageMayNot() {
            Script script = server();
            WebSocketProtocol engine = script.protocol();
            engine.sendTextPart(Hex.parse("e2"), false);
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendTextPart(Hex.parse("82"), true));
            engine.sendTextPart(Hex.parse("82ac"), true);
            assertThat(script).sends("0101 e2 8002 82ac");
        }

        @Test
        @Covers("WS-5.6-1")
        void aRefusedPartLeavesTheMessageAsItWas() {
            Script script = server();
            WebSocketProtocol engine = script.protocol();
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendTextPart(Hex.parse("ff"), false));
            assertThat(engine.isSendingParts()).isFalse();
            engine.sendTextPart(Hex.parse("c3"), false);
            assertThatIllegalArgumentException().isThrownBy(() -> engine.sendTextPart(Hex.parse("61"), false));
            engine.sendTextPart(Hex.parse("a9"), true);
            engine.sendText("b");
            assertThat(script).sends("0101 c3 8001 a9 8101 62");
        }

        @Test
        @Covers({"WS-5.5.1-4", "WS-6.1-1"})
        void aMessageOfPartsEndsWithTheConnection() {
            Script script = server().act(engine -> {
                engine.sendTextPart(Hex.parse("61"), false);
                engine.close(CloseStatus.of(1001));
                assertThat(engine.isSendingParts()).isFalse();
            });
            assertThatIllegalStateException().isThrownBy(() -> script.protocol().sendTextPart(Hex.parse("62"), true));
            assertThat(script).sends("0101 61 8802 03e9");
        }
    }
}
