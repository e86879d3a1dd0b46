package io.duplex.connection;

import static io.duplex.SendStatus.QUEUED;
import static io.duplex.SendStatus.REFUSED;
import static io.duplex.SendStatus.SENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestConnection;
import io.duplex.testkit.VirtualLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of messages for a peer that does not read. */
@Covers("WS-POL-7")
class SendPoliciesTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};
    private static final int QUEUE_BYTES = 200_000;
    private static final int FILLER_BYTES = 10_000;

    private TestConnection connection = open(SendPolicy.close());

    private static TestConnection open(SendPolicy policy) {
        return TestConnection.builder(NOTHING)
                .limits(Limits.builder()
                        .maxQueueBytes(QUEUE_BYTES)
                        .sendPolicy(policy)
                        .build())
                .open();
    }

    @AfterEach
    void promisesWereKept() {
        assertThat(connection.handler().lines()).noneMatch(line -> line.contains("BROKEN"));
    }

    private WebSocket socket() {
        return connection.socket();
    }

    private static ByteBuffer filler() {
        return ByteBuffer.allocate(FILLER_BYTES);
    }

    /** Sends until the transport takes no more, so that what follows waits in the queue, or would. */
    private void congest() {
        connection.peer().stopReading();
        while (socket().send(filler()) == SENT) {
            connection.run();
        }
        connection.run();
        connection.handler().take();
    }

    private void fill() {
        congest();
        while (socket().bufferedAmount() < QUEUE_BYTES) {
            socket().send(filler());
        }
    }

    /** What arrives when the peer reads again, fillers left out. */
    private List<String> arriving() {
        connection.peer().resumeReading();
        List<String> lines = new ArrayList<>(connection.peer().take());
        lines.removeIf(line -> line.contains("of " + FILLER_BYTES));
        return lines;
    }

    private void on(boolean loop, Runnable action) {
        if (loop) {
            action.run();
        } else {
            connection.loop().elsewhere(action);
        }
    }

    @Nested
    class Close {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void aFullQueueClosesWithTheCodeOfThePolicy(boolean loop) {
            connection = open(SendPolicy.close(1008));
            fill();
            on(loop, () -> assertThat(socket().send("one too many")).isEqualTo(REFUSED));
            assertThat(socket().readyState()).isEqualTo(ReadyState.CLOSING);
            assertThat(arriving()).containsExactly("close 1008 send queue is full");
            assertThat(socket().droppedMessages()).isZero();
        }
    }

    @Nested
    class DropNewest {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void whatMeetsAFullQueueIsRefusedAndCountedAndTold(boolean loop) {
            connection = open(SendPolicy.dropNewest());
            congest();
            assertThat(socket().send("waits")).isEqualTo(QUEUED);
            fill();
            on(loop, () -> {
                assertThat(socket().send("1")).isEqualTo(REFUSED);
                assertThat(socket().send(Hex.parse("02"))).isEqualTo(REFUSED);
                assertThat(socket().sendText(Hex.parse("33"))).isEqualTo(REFUSED);
            });
            assertThat(socket().readyState()).isEqualTo(ReadyState.OPEN);
            assertThat(socket().droppedMessages()).isEqualTo(3);
            connection.run();
            assertThat(connection.handler().take()).containsExactly("dropped 3");
            assertThat(arriving()).containsExactly("text waits");
            assertThat(connection.handler().take()).containsExactly("drain");
            assertThat(socket().send("after")).isEqualTo(SENT);
            assertThat(arriving()).containsExactly("text after");
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void aBoundBelowWhatTheTransportTakesIsKeptToo(boolean loop) {
            connection = open(SendPolicy.dropNewest().upTo(20_000));
            connection.peer().stopReading();
            List<SendStatus> statuses = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                on(loop, () -> statuses.add(socket().send(filler())));
                connection.run();
            }
            assertThat(statuses).endsWith(REFUSED).contains(SENT);
            assertThat(socket().bufferedAmount()).isLessThan(20_000 + FILLER_BYTES + 10);
            connection.handler().take();
            connection.peer().resumeReading();
            assertThat(connection.handler().take()).containsExactly("drain");
        }
    }

    @Nested
    class DropOldest {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void theOldestThatWaitMakeRoom(boolean loop) {
            connection = open(SendPolicy.dropOldest());
            congest();
            socket().send("oldest");
            fill();
            assertThat(socket().droppedMessages()).isZero();
            on(loop, () -> assertThat(socket().send("newest")).isEqualTo(QUEUED));
            connection.run();
            assertThat(socket().droppedMessages()).isEqualTo(2);
            assertThat(connection.handler().take()).containsExactly("dropped 2");
            assertThat(arriving()).containsExactly("text newest");
            assertThat(connection.handler().take()).containsExactly("drain");
        }

        @Test
        void theQueueStaysWithinItsBoundAndTheNewestArrive() {
            connection = open(SendPolicy.dropOldest());
            congest();
            for (int i = 0; i < 5_000; i++) {
                assertThat(socket().send("message " + i + "x".repeat(100))).isEqualTo(QUEUED);
                assertThat(socket().bufferedAmount()).isLessThan(QUEUE_BYTES + 200);
            }
            List<String> arrived = arriving();
            assertThat(arrived).hasSizeGreaterThan(100).last().asString().startsWith("text message 4999");
            assertThat(arrived.size() + socket().droppedMessages()).isEqualTo(5_000);
            int first = 5_000 - arrived.size();
            assertThat(arrived.get(0)).startsWith("text message " + first + "x");
        }

        @Test
        void whereNothingCanMakeRoomTheNewestIsLeftOut() {
            connection = open(SendPolicy.dropOldest());
            congest();
            socket().sendTextPart(ByteBuffer.wrap(new byte[QUEUE_BYTES]), false);
            assertThat(socket().send("no room")).isEqualTo(REFUSED);
            assertThat(socket().droppedMessages()).isEqualTo(1);
            assertThat(socket().readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aLoopThatDoesNotComeMakesOtherThreadsLoseTheNewest() {
            connection = open(SendPolicy.dropOldest());
            connection.loop().elsewhere(() -> {
                List<SendStatus> statuses = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    statuses.add(socket().send(filler()));
                }
                assertThat(statuses).startsWith(SENT).contains(QUEUED).endsWith(REFUSED);
            });
            assertThat(socket().bufferedAmount()).isLessThan(QUEUE_BYTES + FILLER_BYTES + 10);
        }
    }

    @Nested
    class Count {
        private TestConnection few(SendPolicy policy) {
            return TestConnection.builder(NOTHING)
                    .limits(Limits.builder()
                            .maxQueueMessages(10)
                            .sendPolicy(policy)
                            .build())
                    .open();
        }

        @Test
        void manySmallMessagesFillAQueueToo() {
            connection = few(SendPolicy.dropOldest());
            congest();
            for (int i = 0; i < 100; i++) {
                assertThat(socket().send("message " + i)).isEqualTo(QUEUED);
            }
            assertThat(arriving()).hasSize(10).endsWith("text message 99");
            connection = few(SendPolicy.dropNewest());
            congest();
            SendStatus status = QUEUED;
            for (int i = 0; i < 100; i++) {
                status = socket().send("message " + i);
            }
            assertThat(status).isEqualTo(REFUSED);
            assertThat(arriving()).hasSizeLessThan(11);
        }

        @Test
        void theLimitIsNamed() {
            connection = few(SendPolicy.close());
            socket().sendTextPart(ByteBuffer.allocate(0), false);
            for (int i = 0; i < 10; i++) {
                assertThat(socket().send("behind")).isEqualTo(QUEUED);
            }
            assertThat(socket().send("one too many")).isEqualTo(REFUSED);
            connection.peer().close();
            connection.peer().end();
            assertThat(Endings.outcome(connection).detail()).isEqualTo("send queue is over maxQueueMessages");
        }
    }

    @Nested
    class Latest {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void theLatestOfAKeyTakesThePlaceOfTheOneThatWaits(boolean loop) {
            congest();
            on(loop, () -> {
                assertThat(socket().sendLatest("a", "a1")).isEqualTo(QUEUED);
                assertThat(socket().sendLatest("b", Hex.parse("b1"))).isEqualTo(QUEUED);
                assertThat(socket().send("plain")).isEqualTo(QUEUED);
                assertThat(socket().sendLatestText("a", Hex.parse("6132"))).isEqualTo(QUEUED);
                assertThat(socket().sendLatest("a", "a3")).isEqualTo(QUEUED);
            });
            connection.run();
            assertThat(socket().droppedMessages()).isEqualTo(2);
            assertThat(connection.handler().take()).containsExactly("dropped 2");
            assertThat(arriving()).containsExactly("text a3", "binary b1", "text plain");
        }

        @Test
        void whereThePeerReadsAllOfThemArrive() {
            assertThat(socket().sendLatest("a", "1")).isEqualTo(SENT);
            assertThat(socket().sendLatest("a", "2")).isEqualTo(SENT);
            assertThat(arriving()).containsExactly("text 1", "text 2");
        }

        @Test
        void aSocketCanKeepItsLatestMessageOnly() {
            connection = open(SendPolicy.latestOnly());
            congest();
            for (int i = 0; i < 100_000; i++) {
                assertThat(socket().send("value " + i)).isEqualTo(QUEUED);
            }
            assertThat(arriving()).containsExactly("text value 99999");
        }

        @Test
        void whatTakesAPlaceCountsAgainstTheLimit() {
            connection = TestConnection.open(new WebSocketHandler() {});
            congest();
            for (int i = 0; i < 100; i++) {
                assertThat(socket().sendLatest("key " + i, "x")).isEqualTo(QUEUED);
            }
            long most = 0;
            for (int i = 0; i < 100; i++) {
                socket().sendLatest("key " + i, ByteBuffer.allocate(100_000));
                most = Math.max(most, socket().bufferedAmount());
            }
            assertThat(most).isLessThan(Limits.DEFAULT.maxQueueBytes() + 200_000L);
            assertThat(socket().readyState()).isEqualTo(ReadyState.CLOSING);
        }

        @Test
        void aFullQueueWithoutAPlaceToTakeCloses() {
            fill();
            assertThat(socket().sendLatest("a", "1")).isEqualTo(REFUSED);
            assertThat(arriving()).containsExactly("close 1013 send queue is full");
        }

        @Test
        void aFullQueueOfASocketThatDropsTheNewestLeavesItOut() {
            connection = open(SendPolicy.dropNewest());
            congest();
            socket().sendLatest("a", "1");
            fill();
            assertThat(socket().sendLatest("b", "1")).isEqualTo(REFUSED);
            assertThat(socket().sendLatest("a", "2")).isEqualTo(QUEUED);
            assertThat(arriving()).containsExactly("text 2");
        }

        @Test
        void otherThreadsAreBoundWhileTheLoopDoesNotCome() {
            connection = open(SendPolicy.dropNewest());
            connection.loop().elsewhere(() -> {
                SendStatus status = SENT;
                for (int i = 0; i < 30; i++) {
                    status = socket().sendLatest("a", filler());
                }
                assertThat(status).isEqualTo(REFUSED);
            });
        }

        @Test
        void aClosingSocketRefuses() {
            socket().close();
            assertThat(socket().sendLatest("a", "1")).isEqualTo(REFUSED);
        }
    }

    @Nested
    class NeverDropped {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void controlFramesPassWhatWaits(boolean loop) {
            connection = open(SendPolicy.dropOldest());
            fill();
            on(loop, () -> {
                assertThat(socket().ping(Hex.parse("01"))).isEqualTo(QUEUED);
                assertThat(socket().pong(Hex.parse("02"))).isEqualTo(QUEUED);
            });
            assertThat(arriving()).containsExactly("ping 01", "pong 02");
        }

        @Test
        void controlFramesAreRefusedWhereTheyAreTheQueue() {
            connection = open(SendPolicy.dropOldest());
            congest();
            SendStatus status = QUEUED;
            for (int i = 0; i < 2_000 && status == QUEUED; i++) {
                status = socket().ping(ByteBuffer.allocate(125));
            }
            assertThat(status).isEqualTo(REFUSED);
            assertThat(socket().readyState()).isEqualTo(ReadyState.OPEN);
            assertThat(socket().droppedMessages()).isZero();
        }

        @Test
        void partsCloseAFullQueueUnderAnyPolicy() {
            connection = open(SendPolicy.dropNewest());
            congest();
            SendStatus status = QUEUED;
            while (status == QUEUED) {
                status = socket().sendBinaryPart(filler(), false);
            }
            assertThat(status).isEqualTo(REFUSED);
            assertThat(socket().readyState()).isEqualTo(ReadyState.CLOSING);
        }

        @Test
        void partsComeBehindWhatWaits() {
            connection = open(SendPolicy.dropOldest());
            congest();
            socket().send("before");
            socket().sendTextPart(ByteBuffer.wrap("a".getBytes(StandardCharsets.UTF_8)), false);
            socket().send("after");
            socket().sendTextPart(ByteBuffer.wrap("b".getBytes(StandardCharsets.UTF_8)), true);
            assertThat(arriving()).containsExactly("text before", "text+ a", "continuation b", "text after");
        }

        @Test
        void whatIsDroppedLeavesNoTraceInTheCompressionContext() {
            VirtualLoop loop = new VirtualLoop();
            MemoryNetwork network = new MemoryNetwork(loop)
                    .limits(Limits.builder()
                            .maxQueueBytes(100_000)
                            .sendPolicy(SendPolicy.dropOldest())
                            .build())
                    .compression(PermessageDeflate.builder()
                            .thresholdBytes(0)
                            .serverNoContextTakeover(false)
                            .build());
            RecordingHandler client = new RecordingHandler();
            MemoryLink link = network.connect(client, NOTHING);
            loop.run();
            assertThat(link.server().isCompressed()).isTrue();
            link.toClient().hold();
            StringBuilder noise = new StringBuilder();
            for (int i = 0; i < 3_000; i++) {
                noise.setLength(0);
                for (int j = 0; j < 20; j++) {
                    noise.append(Integer.toHexString((i * 31 + j) * 0x9E3779B9));
                }
                link.server().send(i + " " + noise);
                loop.run();
            }
            assertThat(link.server().droppedMessages()).isPositive();
            link.toClient().release();
            loop.run();
            List<String> texts = new ArrayList<>(client.take());
            texts.removeIf(line -> !line.startsWith("text"));
            assertThat(texts.size() + link.server().droppedMessages()).isEqualTo(3_000);
            assertThat(texts.get(texts.size() - 1)).startsWith("text 2999 ");
            assertThat(client.outcome()).isNull();
        }
    }

    @Nested
    class Closing {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void theCloseFrameComesBehindWhatWaits(boolean loop) {
            connection = open(SendPolicy.dropOldest());
            congest();
            socket().send("waits");
            on(loop, () -> socket().close(4000, "bye"));
            assertThat(socket().readyState()).isEqualTo(ReadyState.CLOSING);
            assertThat(socket().send("too late")).isEqualTo(REFUSED);
            connection.run();
            socket().close();
            assertThat(arriving()).containsExactly("text waits", "close 4000 bye");
            connection.peer().close(4000, "bye");
            connection.peer().end();
            assertThat(connection.handler().take()).containsExactly("close 4000 bye, clean, by SELF");
        }

        @Test
        void whatComesMeanwhileIsDropped() {
            connection = open(SendPolicy.dropOldest());
            congest();
            for (int i = 0; i < 10; i++) {
                socket().send(filler());
            }
            socket().close();
            connection.peer().send("unheard");
            assertThat(arriving()).containsExactly("close 1000");
            assertThat(connection.handler().take()).isEmpty();
        }

        @Test
        void aPeerThatGoesOnNotReadingIsCut() {
            connection = open(SendPolicy.dropOldest());
            congest();
            socket().send("waits");
            socket().close();
            connection.pass(Duration.ofSeconds(11));
            assertThat(connection.handler().take()).containsExactly("close 1006, by SELF");
            assertThat(socket().bufferedAmount()).isZero();
        }

        @Test
        void messagesBehindAMessageOfPartsAreAbandonedWithIt() {
            congest();
            socket().sendBinaryPart(Hex.parse("01"), false);
            socket().send("behind");
            socket().close();
            assertThat(arriving()).containsExactly("binary+ 01", "close 1000");
        }
    }

    @Test
    void aBacklogLeavesInTurnsSoThatNoPeerHoldsUpTheLoop() {
        connection = open(SendPolicy.dropNewest());
        connection.peer().incoming().capacity(1 << 20);
        congestWithin(1 << 20);
        int writes = connection.peer().incoming().writes();
        connection.peer().resumeReading();
        assertThat(connection.peer().incoming().writes() - writes).isGreaterThan(1);
        assertThat(socket().bufferedAmount()).isZero();
    }

    private void congestWithin(int capacity) {
        connection.peer().stopReading();
        for (int sent = 0; sent < capacity + QUEUE_BYTES / 2; sent += FILLER_BYTES) {
            socket().send(filler());
            connection.run();
        }
    }
}
