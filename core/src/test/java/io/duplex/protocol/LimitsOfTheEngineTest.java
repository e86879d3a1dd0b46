package io.duplex.protocol;

import static io.duplex.testkit.Script.client;
import static io.duplex.testkit.Script.server;
import static io.duplex.testkit.ScriptAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflatePool;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.CountingBuffers;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordedOutgoing;
import io.duplex.testkit.Script;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** RFC 6455 §10.4, and what memory an engine holds. */
class LimitsOfTheEngineTest {
    private static final Limits SMALL = Limits.builder()
            .maxMessageBytes(100)
            .maxFrameBytes(60)
            .maxFragments(3)
            .build();

    private static Wire wire() {
        return Wire.ofServer();
    }

    private static Script small() {
        return client().limits(SMALL);
    }

    @Nested
    class ExactlyAtTheLimit {
        @Test
        @Covers("WS-10.4-2")
        void ofAFrame() {
            assertThat(small().receive(wire().frame(0x82, new byte[60]).buffer()))
                    .isOpen();
            assertThat(small().receive(wire().header(0x82, 61).buffer())).failsWith(Violation.FRAME_TOO_BIG);
        }

        @Test
        @Covers({"WS-10.4-3", "WS-7.4.1-6"})
        void ofAMessage() {
            Wire full = wire().frame(0x02, new byte[60]).frame(0x00, new byte[40]);
            assertThat(small().receive(full.buffer())
                            .receive(wire().frame(0x80, new byte[0]).buffer()))
                    .tells("BINARY " + "00".repeat(100));
            assertThat(small().receive(full.buffer())
                            .receive(wire().header(0x80, 1).buffer()))
                    .failsWith(Violation.MESSAGE_TOO_BIG);
            assertThat(small().inParts()
                            .receive(full.buffer())
                            .receive(wire().header(0x80, 1).buffer()))
                    .failsWith(Violation.MESSAGE_TOO_BIG);
        }

        @Test
        void ofAMessageInPartsWhereItIsAnother() {
            Limits limits =
                    Limits.builder().maxMessageBytes(100).maxStreamBytes(150).build();
            Wire full = wire().frame(0x02, new byte[60]).frame(0x00, new byte[90]);
            assertThat(client().limits(limits)
                            .inParts()
                            .receive(full.buffer())
                            .receive(wire().frame(0x80, new byte[0]).buffer()))
                    .isOpen();
            assertThat(client().limits(limits)
                            .inParts()
                            .receive(full.buffer())
                            .receive(wire().header(0x80, 1).buffer()))
                    .failsWith(Violation.STREAM_TOO_BIG);
            assertThat(client().limits(limits).receive(full.buffer())).failsWith(Violation.MESSAGE_TOO_BIG);
        }

        @Test
        void ofAFrameOfAMessageInParts() {
            Limits.Builder limits = Limits.builder().maxMessageBytes(100).maxStreamBytes(150);
            assertThat(client().limits(limits.build())
                            .inParts()
                            .receive(wire().frame(0x82, new byte[150]).buffer()))
                    .isOpen();
            assertThat(client().limits(limits.build())
                            .inParts()
                            .receive(wire().header(0x82, 151).buffer()))
                    .failsWith(Violation.FRAME_TOO_BIG);
            assertThat(client().limits(limits.maxFrameBytes(99).build())
                            .inParts()
                            .receive(wire().header(0x82, 100).buffer()))
                    .failsWith(Violation.FRAME_TOO_BIG);
        }

        @Test
        void ofAMessageInPartsLongerThanAnIntCanCount() {
            Limits huge = Limits.builder().maxStreamBytes(Long.MAX_VALUE).build();
            Script script = client().limits(huge)
                    .inParts()
                    .receive("0201 01")
                    .receive(wire().header(0x00, Integer.MAX_VALUE).buffer());
            assertThat(script).isOpen();
        }

        @Test
        @Covers({"WS-10.4-1", "WS-10.4-3"})
        void ofFragments() {
            assertThat(small().receive("0200 0000 8000")).tells("BINARY");
            assertThat(small().receive("0200 0000 0000 8000")).failsWith(Violation.TOO_MANY_FRAGMENTS);
            assertThat(small().receive("0200 0000 8000 0200 0000 8000")).tells("BINARY", "BINARY");
        }

        @Test
        void ofAMessageAsLongAsAnIntCanCount() {
            Limits huge = Limits.builder().maxMessageBytes(Integer.MAX_VALUE).build();
            Script script = client().limits(huge)
                    .receive(wire().header(0x02, Integer.MAX_VALUE).buffer());
            assertThat(script).isOpen();
            script = client().limits(huge)
                    .receive("0201 01")
                    .receive(wire().header(0x00, Integer.MAX_VALUE).buffer());
            assertThat(script).failsWith(Violation.MESSAGE_TOO_BIG);
        }
    }

    @Nested
    class Memory {
        @Test
        @Covers("WS-10.4-1")
        void isNotTakenForWhatIsOnlyAnnounced() {
            Script script =
                    server().receive(Wire.ofClient(3).header(0x82, 1 << 20).buffer());
            assertThat(script.buffers().loans()).isZero();
            script.receive("00");
            assertThat(script.buffers().peakBytes()).isEqualTo(512);
            script.receive(ByteBuffer.allocate(999));
            assertThat(script.buffers().outstandingBytes()).isLessThanOrEqualTo(8 * 1000);
            assertThat(script).givesBackAllMemory();
        }

        @Test
        void isNotTakenForAMessageThatLiesWholeInTheInput() {
            Script script = server();
            for (int i = 0; i < 10; i++) {
                script.receive(
                        Wire.ofClient(i).text("Hello").frame(0x89, new byte[9]).buffer());
            }
            assertThat(script.buffers().loans()).isZero();
        }

        @Test
        void isTakenOnceForAMessageThatFitsItExactly() {
            Script script =
                    client().receiveIn(128, wire().frame(0x82, new byte[512]).buffer());
            assertThat(script).tells("BINARY " + "00".repeat(512));
            assertThat(script.buffers().loans()).isEqualTo(1);
        }

        @Test
        void growsToWhatWasAnnouncedAndNoFurther() {
            Script script = client().receiveIn(
                            10_000, wire().frame(0x82, new byte[100_000]).buffer());
            assertThat(script.buffers().peakBytes()).isLessThanOrEqualTo(80_000 + 100_000);
            assertThat(script).givesBackAllMemory();
        }

        @Test
        void endsTheConnectionWhereThereIsNone() {
            Script message = client().receive("0201 61");
            message.buffers().lendAtMost(1000);
            assertThat(message.receiveIn(
                            400, wire().frame(0x80, new byte[10_000]).buffer()))
                    .failsWith(Violation.NO_MEMORY)
                    .givesBackAllMemory();
            Script ping = client();
            ping.buffers().lendAtMost(0);
            assertThat(ping.receive("8902 61").receive("62")).failsWith(Violation.NO_MEMORY);
        }

        @Test
        void ofABigMessageIsGivenBackOnceItWasDealtWith() {
            Script script = client().receiveIn(
                            10_000, wire().frame(0x82, new byte[100_000]).buffer());
            assertThat(script.buffers().outstanding()).isZero();
        }

        @Test
        void ofASmallMessageServesTheNextOne() {
            Script script = client();
            for (int i = 0; i < 5; i++) {
                script.receiveIn(500, wire().frame(0x82, new byte[1000]).buffer());
            }
            int loans = script.buffers().loans();
            script.receiveIn(500, wire().frame(0x82, new byte[1000]).buffer());
            assertThat(script.buffers().loans()).isEqualTo(loans);
            assertThat(script.buffers().outstanding()).isEqualTo(1);
            assertThat(script).givesBackAllMemory();
        }

        @Test
        void isGivenBackWhenTheConnectionFailsOrEndsInsideAMessage() {
            Script failed = client().receive("0101 61 83");
            assertThat(failed.buffers().outstandingBytes()).isEqualTo(512); // it rests with the workspace
            assertThat(failed).givesBackAllMemory();
            assertThat(client().receive("0101 61 8902 01")).givesBackAllMemory();
            assertThat(client().receive("0101 61 8902 01").receiveEof()).givesBackAllMemory();
        }

        @Test
        void ofTwoMessagesAtOnceRestsOnceWithTheWorkspace() {
            CountingBuffers buffers = new CountingBuffers(false);
            Workspace workspace = new Workspace(buffers, () -> 0, new DeflatePool());
            WebSocketProtocol one = engine(workspace);
            WebSocketProtocol two = engine(workspace);
            assertThat(one.receive(wire().frame(0x02, new byte[9]).buffer())).isNull();
            assertThat(two.receive(wire().frame(0x02, new byte[9]).buffer())).isNull();
            assertThat(buffers.outstanding()).isEqualTo(2);
            one.receiveEof();
            assertThat(buffers.outstanding()).isEqualTo(2);
            two.receiveEof();
            assertThat(buffers.outstanding()).isEqualTo(1);
            workspace.close();
            workspace.close();
            assertThat(buffers.outstanding()).isZero();
        }

        @Test
        void thatAMessageBorrowsIsInTheOrderOfTheNetwork() {
            CountingBuffers buffers = new CountingBuffers(false);
            Workspace workspace = new Workspace(buffers, () -> 0, new DeflatePool());
            WebSocketProtocol engine = engine(workspace);
            for (int i = 0; i < 2; i++) {
                engine.receive(wire().frame(0x02, new byte[9]).buffer());
                assertThat(engine.receive(wire().frame(0x80, new byte[9]).buffer()))
                        .isEqualTo(Event.BINARY);
                assertThat(engine.payload().order()).isEqualTo(ByteOrder.BIG_ENDIAN);
                engine.payload().order(ByteOrder.LITTLE_ENDIAN);
            }
        }

        private WebSocketProtocol engine(Workspace workspace) {
            return new WebSocketProtocol(
                    Role.CLIENT,
                    Limits.DEFAULT,
                    Delivery.WHOLE,
                    null,
                    PermessageDeflate.DEFAULT,
                    workspace,
                    new RecordedOutgoing(false));
        }
    }
}
