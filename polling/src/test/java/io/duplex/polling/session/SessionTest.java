package io.duplex.polling.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestHandshake;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SessionTest {
    private static final Duration EXPIRY = Duration.ofSeconds(30);

    private final MemoryHost host = new MemoryHost();
    private final List<String> carried = new ArrayList<>();
    private boolean gone;

    private Session open(RecordingHandler handler) {
        return open(handler, true);
    }

    private Session open(RecordingHandler handler, boolean peerCloses) {
        Session session = new Session(
                host,
                host.loop().shared(),
                SessionOptions.of(host.settings(), EXPIRY, Duration.ofSeconds(35), peerCloses),
                TestHandshake.of("/"),
                handler,
                () -> gone = true);
        session.open();
        host.loop().run();
        return session;
    }

    private static String line(Packet packet) {
        return packet.kind() + " " + (packet.kind() == Kind.CLOSE ? packet.status() : packet.string());
    }

    private static List<String> waiting(Session session) {
        PacketQueue packets = session.packets();
        List<String> lines = new ArrayList<>();
        for (long number = packets.acknowledged() + 1; number <= packets.last(); number++) {
            lines.add(number + " " + line(packets.get(number)));
        }
        return lines;
    }

    /** Notes what it is told. */
    private final class NotingCarrier implements Carrier {
        @Override
        public void onPackets() {
            carried.add("packets");
        }

        @Override
        public void onReplaced() {
            carried.add("replaced");
        }

        @Override
        public void onGone() {
            carried.add("gone");
        }

        @Override
        public long onTime() {
            carried.add("time");
            return Duration.ofSeconds(10).toNanos();
        }

        @Override
        public void onReading(boolean reading) {
            carried.add("reading " + reading);
        }
    }

    @Test
    @Covers({"POLL-3", "FB-2"})
    void whatIsSentWaitsUntilItIsAcknowledged() {
        Session session = open(new RecordingHandler());
        session.connection().send("a");
        session.connection().send(ByteBuffer.wrap(new byte[] {'b'}));
        assertThat(waiting(session)).containsExactly("1 TEXT a", "2 BINARY b");
        assertThat(session.connection().bufferedAmount()).isEqualTo(2);
        session.acknowledge(1);
        assertThat(waiting(session)).containsExactly("2 BINARY b");
        session.acknowledge(1);
        session.acknowledge(2);
        assertThat(waiting(session)).isEmpty();
        assertThat(session.connection().bufferedAmount()).isZero();
        session.connection().send("c");
        assertThat(waiting(session)).containsExactly("3 TEXT c");
        assertThatThrownBy(() -> session.packets().get(4)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aPromiseIsKeptWhenThePeerHasTheMessage() {
        Session session = open(new RecordingHandler());
        CompletableFuture<Void> sent = session.connection().sendAsync("a");
        host.loop().run();
        assertThat(sent).isNotDone();
        session.acknowledge(1);
        host.loop().run();
        assertThat(sent).isCompleted();
    }

    @Test
    @Covers("FB-1")
    void theHandlerSeesMessagesPingsAndPongs() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.receive(Packet.text("Hällo"));
        session.receive(new Packet(Kind.BINARY, ByteBuffer.wrap(new byte[] {1, 2})));
        session.receive(new Packet(Kind.PING, ByteBuffer.wrap(new byte[] {3})));
        session.receive(new Packet(Kind.PONG, ByteBuffer.wrap(new byte[] {4})));
        assertThat(handler.lines()).containsExactly("open", "text Hällo", "binary 0102", "ping 03", "pong 04");
        assertThat(session.packets().get(1).kind()).isEqualTo(Kind.PONG);
    }

    @Test
    void anEchoOfWhatWasLentIsSentAsItIs() {
        Session session = open(new RecordingHandler(new WebSocketHandler() {
            @Override
            public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
                socket.sendText(utf8);
            }
        }));
        session.receive(Packet.text("é"));
        assertThat(waiting(session)).containsExactly("1 TEXT é");
    }

    @Test
    void aHandlerOfPartsGetsWholeMessagesAsOnePart() {
        RecordingHandler handler = new RecordingHandler(new WebSocketHandler() {
            @Override
            public Delivery delivery() {
                return Delivery.PARTS;
            }
        });
        Session session = open(handler);
        session.receive(Packet.text("a"));
        session.receive(new Packet(Kind.BINARY, ByteBuffer.wrap(new byte[] {1})));
        assertThat(handler.lines()).containsExactly("open", "text end a", "binary end 01");
    }

    @Test
    void messagesOfPartsAreSentAsParts() {
        Session session = open(new RecordingHandler());
        session.connection().sendTextPart(StandardCharsets.UTF_8.encode("He"), false);
        session.connection().send("between");
        session.connection().sendTextPart(StandardCharsets.UTF_8.encode("llo"), true);
        host.loop().run();
        assertThat(waiting(session)).containsExactly("1 TEXT_PART He", "2 TEXT llo", "3 TEXT between");
        assertThatThrownBy(() -> {
                    session.connection().sendBinaryPart(ByteBuffer.allocate(1), false);
                    session.connection().sendTextPart(ByteBuffer.allocate(1), true);
                })
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Covers("FB-4")
    void violationsOfMessagesCloseAsOnAnyConnection() {
        expectViolation(new Packet(Kind.TEXT, ByteBuffer.wrap(new byte[] {(byte) 0xFF})), "INVALID_UTF8", 1007);
        expectViolation(new Packet(Kind.TEXT_PART, ByteBuffer.allocate(1)), "RESERVED_OPCODE", 1002);
        expectViolation(new Packet(Kind.PING, ByteBuffer.allocate(126)), "CONTROL_FRAME_TOO_LONG", 1002);
        expectViolation(new Packet(Kind.CLOSE, ByteBuffer.allocate(1)), "CLOSE_BODY_TOO_SHORT", 1002);
        expectViolation(new Packet(Kind.CLOSE, ByteBuffer.allocate(2)), "INVALID_CLOSE_CODE", 1002);
        expectViolation(
                new Packet(Kind.CLOSE, ByteBuffer.wrap(new byte[] {3, (byte) 0xE8, (byte) 0xFF})),
                "INVALID_CLOSE_REASON",
                1007);
        host.limits(Limits.builder().maxMessageBytes(8).build());
        expectViolation(new Packet(Kind.BINARY, ByteBuffer.allocate(9)), "FRAME_TOO_BIG", 1009);
        host.limits(Limits.builder().maxMessageBytes(8).maxFrameBytes(10).build());
        expectViolation(new Packet(Kind.BINARY, ByteBuffer.allocate(9)), "MESSAGE_TOO_BIG", 1009);
    }

    private void expectViolation(Packet packet, String violation, int code) {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.receive(packet);
        session.receive(Packet.text("too late"));
        host.loop().run();
        assertThat(handler.lines()).element(1).isEqualTo("error " + violation);
        assertThat(handler.lines()).last().asString().startsWith("close 1006");
        assertThat(session.packets().get(1).status().code()).isEqualTo(code);
    }

    @Test
    @Covers("FB-1")
    void aCloseOfThePeerIsAnsweredAndItsAnswerWaits() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.receive(Packet.close(new CloseStatus(4000, "bye")));
        session.receive(Packet.text("ignored"));
        host.loop().run();
        assertThat(handler.lines()).containsExactly("open", "close 4000 bye, clean, by PEER");
        assertThat(waiting(session)).containsExactly("1 CLOSE 4000");
        assertThat(session.isOver()).isTrue();
        assertThat(session.isGone()).isFalse();
        session.acknowledge(1);
        assertThat(session.isGone()).isTrue();
        assertThat(gone).isTrue();
        assertThat(host.sessions()).isEmpty();
        assertThat(host.outcomes()).hasSize(1);
    }

    @Test
    void aCloseWithoutStatusStaysOne() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.receive(Packet.close(CloseStatus.NO_STATUS));
        host.loop().run();
        assertThat(handler.lines()).last().isEqualTo("close 1005, clean, by PEER");
        assertThat(session.packets().get(1).status()).isEqualTo(CloseStatus.NO_STATUS);
    }

    @Test
    @Covers("FB-1")
    void aCloseOfThisSideWaitsForThatOfThePeer() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.connection().send("last");
        session.connection().close(4001, "enough");
        host.loop().run();
        assertThat(waiting(session)).containsExactly("1 TEXT last", "2 CLOSE 4001 enough");
        assertThat(session.isOver()).isFalse();
        assertThat(session.connection().readyState()).isEqualTo(ReadyState.CLOSING);
        session.receive(Packet.close(CloseStatus.of(4001)));
        host.loop().run();
        assertThat(handler.lines()).last().isEqualTo("close 4001, clean, by SELF");
        session.acknowledge(2);
        assertThat(session.isGone()).isTrue();
    }

    @Test
    void withAPeerThatDoesNotAnswerACloseIsTheEnd() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler, false);
        session.connection().close(3000, "Go away!");
        host.loop().run();
        assertThat(handler.lines()).last().isEqualTo("close 3000 Go away!, clean, by SELF");
        assertThat(waiting(session)).containsExactly("1 CLOSE 3000 Go away!");
    }

    @Test
    void aPeerThatDoesNotAnswerACloseIsCutButMayStillFetchIt() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.connection().close();
        host.loop().pass(Duration.ofSeconds(11));
        assertThat(handler.lines()).last().isEqualTo("close 1006, by SELF");
        assertThat(waiting(session)).containsExactly("1 CLOSE 1000");
        host.loop().pass(EXPIRY.plusSeconds(1));
        assertThat(session.isGone()).isTrue();
    }

    @Test
    void anAbortLeavesNothing() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.connection().send("a");
        session.connection().abort();
        host.loop().run();
        assertThat(handler.lines()).last().isEqualTo("close 1006, by SELF");
        assertThat(session.isGone()).isTrue();
        session.receive(Packet.text("ignored"));
        session.attach(new NotingCarrier(), 1);
        assertThat(carried).containsExactly("gone");
    }

    @Test
    @Covers("FB-3")
    void aSessionWithoutRequestsExpires() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        host.loop().pass(EXPIRY.minusSeconds(1));
        session.heard();
        host.loop().pass(EXPIRY.minusSeconds(1));
        session.receive(Packet.text("a"));
        host.loop().pass(EXPIRY.minusSeconds(1));
        assertThat(session.isGone()).isFalse();
        host.loop().pass(Duration.ofSeconds(2));
        assertThat(session.isGone()).isTrue();
        assertThat(handler.lines()).last().isEqualTo("close 1006, by NETWORK");
        assertThat(host.outcomes().get(0).detail()).isEqualTo("no request for 30.0 s");
    }

    @Test
    void aCarrierIsToldOncePerTurnAndOfItsTime() {
        Session session = open(new RecordingHandler());
        NotingCarrier carrier = new NotingCarrier();
        session.attach(carrier, Duration.ofSeconds(5).toNanos());
        assertThat(session.carrier()).isSameAs(carrier);
        session.connection().send("a");
        session.connection().send("b");
        host.loop().run();
        assertThat(carried).containsExactly("reading true", "packets");
        session.acknowledge(2);
        host.loop().pass(Duration.ofSeconds(16));
        assertThat(carried).containsExactly("reading true", "packets", "time", "time");
        session.schedule(carrier, Duration.ofSeconds(1).toNanos());
        session.schedule(new NotingCarrier(), 1);
        host.loop().pass(Duration.ofSeconds(2));
        assertThat(carried).endsWith("time", "time", "time");
        session.detach(new NotingCarrier());
        assertThat(session.carrier()).isSameAs(carrier);
        session.detach(carrier);
        assertThat(session.carrier()).isNull();
    }

    @Test
    @Covers("POLL-8")
    void aCarrierTakesThePlaceOfTheOneBefore() {
        Session session = open(new RecordingHandler());
        session.connection().send("a");
        session.attach(new NotingCarrier(), 1_000_000_000);
        session.attach(new NotingCarrier(), 1_000_000_000);
        assertThat(carried).containsExactly("reading true", "packets", "replaced", "reading true", "packets");
    }

    @Test
    void aHandlerThatPausesHasThePeerWait() {
        RecordingHandler handler = new RecordingHandler(new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                socket.pause();
            }
        });
        Session session = open(handler);
        session.attach(new NotingCarrier(), 1_000_000_000);
        session.receive(Packet.text("a"));
        host.loop().run();
        List<String> ran = new ArrayList<>();
        session.whenReading(() -> ran.add("first"));
        session.whenReading(() -> ran.add("second"));
        assertThat(ran).isEmpty();
        session.connection().resume();
        host.loop().run();
        assertThat(ran).containsExactly("second");
        session.whenReading(() -> ran.add("third"));
        assertThat(ran).endsWith("third");
        assertThat(carried).containsExactly("reading true", "reading false", "reading true");
    }

    @Test
    void whatWaitsForReadingRunsAtTheEnd() {
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.connection().pause();
        host.loop().run();
        List<String> ran = new ArrayList<>();
        session.whenReading(() -> ran.add("first"));
        session.lose("test");
        assertThat(ran).containsExactly("first");
    }

    @Test
    @Covers("FB-5")
    void aFullQueueClosesTheSession() {
        host.limits(Limits.builder().maxQueueBytes(1000).build());
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        SendStatus last = SendStatus.SENT;
        for (int i = 0; i < 20 && last != SendStatus.REFUSED; i++) {
            last = session.connection().send("x".repeat(100));
        }
        assertThat(last).isEqualTo(SendStatus.REFUSED);
        assertThat(session.packets().get(session.packets().last()).status().code())
                .isEqualTo(CloseCode.TRY_AGAIN_LATER);
        host.loop().pass(Duration.ofSeconds(11));
        assertThat(host.outcomes().get(0).closedBy()).isEqualTo(ClosedBy.LIMIT);
    }

    @Test
    void aQueueMayDropInstead() {
        host.limits(Limits.builder()
                .maxQueueBytes(300 << 10)
                .sendPolicy(SendPolicy.dropNewest())
                .build());
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        String text = "x".repeat(1 << 10);
        for (int i = 0; i < 400; i++) {
            session.connection().send(text);
        }
        host.loop().run();
        assertThat(session.connection().droppedMessages()).isPositive();
        assertThat(session.connection().readyState()).isEqualTo(ReadyState.OPEN);
        while (session.packets().last() > session.packets().acknowledged()) {
            session.acknowledge(session.packets().last());
            host.loop().run();
        }
        assertThat(session.packets().last() + session.connection().droppedMessages())
                .isEqualTo(400);
        assertThat(handler.lines()).endsWith("drain");
    }

    @Test
    void topicsReachSessions() {
        Session session = open(new RecordingHandler());
        session.connection().subscribe("news");
        host.topics().publish("news", "hello");
        host.loop().run();
        assertThat(waiting(session)).containsExactly("1 TEXT hello");
    }

    @Test
    @Covers("FB-4")
    void aSilentPeerIsPingedAndCut() {
        host.timeouts(Timeouts.builder().pingInterval(Duration.ofSeconds(25)).build());
        RecordingHandler handler = new RecordingHandler();
        Session session = open(handler);
        session.attach(new NotingCarrier(), Duration.ofHours(1).toNanos());
        host.loop().pass(Duration.ofSeconds(30));
        assertThat(waiting(session)).isEmpty(); // a long poll is silent for so long
        host.loop().pass(Duration.ofSeconds(6));
        assertThat(waiting(session)).containsExactly("1 PING ");
        host.loop().pass(Duration.ofSeconds(21));
        assertThat(handler.lines()).last().isEqualTo("close 1006, by TIMEOUT");
        assertThat(carried).last().isEqualTo("gone");
    }

    @Test
    void aSessionSendsPacketsAndNoBytes() {
        Session session = open(new RecordingHandler());
        assertThatThrownBy(() -> session.room(1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> session.write(ByteBuffer.allocate(1)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Nested
    class WhileMemoryIsShort {
        private static final int PACKET_BYTES = 4 << 10;

        private int shortage;

        /** A session whose peer has yet to take what it was sent, with something that waits for that. */
        private Session congested(List<String> ran) {
            Session session = open(new RecordingHandler());
            for (int bytes = 0; bytes <= Session.HIGH_WATER_BYTES; bytes += PACKET_BYTES) {
                session.connection().send("x".repeat(PACKET_BYTES));
            }
            session.receive(Packet.text("kept"));
            host.loop().run();
            session.whenReading(() -> ran.add("taken"));
            assertThat(ran).isEmpty();
            return session;
        }

        private void look(int times) {
            for (int i = 0; i < times; i++) {
                host.loop().shared().onShortage(shortage);
                host.loop().run();
            }
        }

        @Test
        void whatWaitsForAPeerThatTakesNothingIsGivenUpOnceASlowLinkWouldHaveTakenABlock() {
            List<String> ran = new ArrayList<>();
            Session session = congested(ran);
            int patience = 10 + session.patienceSeconds();
            assertThat(patience).isBetween(200, 300);
            look(patience);
            shortage++;
            look(patience);
            assertThat(ran).isEmpty();
            look(1);
            assertThat(ran).as("and so is the body").containsExactly("taken");
            assertThat(session.isOver()).isTrue();
            assertThat(session.packets().get(session.packets().last()).status().code())
                    .isEqualTo(CloseCode.TRY_AGAIN_LATER);
            assertThat(host.outcomes().get(0).closedBy()).isEqualTo(ClosedBy.LIMIT);
            look(1);
            assertThat(host.loop().lentBuffers()).isZero();
        }

        /** A carrier that holds something. */
        private Session holding() {
            Session session = open(new RecordingHandler());
            for (int bytes = 0; bytes <= 2 * Session.HIGH_WATER_BYTES; bytes += PACKET_BYTES) {
                session.connection().send("x".repeat(PACKET_BYTES));
            }
            host.loop().run();
            session.attach(
                    new Carrier() {
                        @Override
                        public void onPackets() {}

                        @Override
                        public void onReplaced() {}

                        @Override
                        public void onGone() {}

                        @Override
                        public long onTime() {
                            return Duration.ofDays(1).toNanos();
                        }

                        @Override
                        public boolean isHolding() {
                            return true;
                        }
                    },
                    Duration.ofDays(1).toNanos());
            return session;
        }

        @Test
        void whatACarrierHoldsCountsToo() {
            Session session = holding();
            look(10 + session.patienceSeconds());
            assertThat(session.isOver()).isFalse();
            look(1);
            assertThat(session.isOver()).isTrue();
        }

        @Test
        void whoTakesSomeOfWhatIsSentIsNot() {
            Session session = holding();
            for (int i = 0; i < 5; i++) {
                look(9 + session.patienceSeconds());
                session.acknowledge(session.packets().acknowledged() + 1);
            }
            assertThat(session.isOver()).isFalse();
        }

        @Test
        void aBodyIsNoneOfTheMemoryThatIsShort() {
            List<String> ran = new ArrayList<>();
            Session session = open(new RecordingHandler());
            assertThat(session.patienceSeconds()).isZero();
            for (int bytes = 0; bytes <= Session.HIGH_WATER_BYTES; bytes += PACKET_BYTES) {
                session.connection().send("x".repeat(PACKET_BYTES));
            }
            session.connection().pause();
            session.connection().resume();
            host.loop().run();
            session.whenReading(() -> ran.add("taken"));
            look(1000);
            assertThat(ran).isEmpty();
            assertThat(session.isOver()).isFalse();
        }

        @Test
        void whatWaitsForTheHandlerIsHeldOn() {
            List<String> ran = new ArrayList<>();
            Session session = open(new RecordingHandler());
            session.connection().pause();
            host.loop().run();
            session.whenReading(() -> ran.add("taken"));
            look(100);
            assertThat(ran).isEmpty();
            session.connection().resume();
            host.loop().run();
            assertThat(ran).containsExactly("taken");
            assertThat(session.isOver()).isFalse();
        }
    }
}
