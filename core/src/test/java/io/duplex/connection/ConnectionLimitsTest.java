package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Peers that are silent, slow or do not read: what ends their connections, and when. */
class ConnectionLimitsTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private TestConnection connection = TestConnection.open(NOTHING);

    @AfterEach
    void theConnectionHasEndedOnceAndForAll() {
        Endings.assertGone(connection);
    }

    private void ended(ClosedBy by, CloseStatus status, boolean clean, String detail) {
        Endings.assertEnded(connection, by, status, clean, detail);
    }

    @Test
    void aPeerWhoseBytesCannotBeKeptIsAskedToComeAgain() {
        connection = TestConnection.open(new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                socket.pause();
            }
        });
        connection.loop().exhaustBuffers();
        connection.peer().sendTogether("taken", "to be kept");
        connection.run();
        assertThat(connection.peer().take()).containsExactly("close 1013 no memory is left to receive with", "end");
        assertThat(connection.handler().lines()).contains("error NO_MEMORY");
        connection.peer().send("in the midst of what was lost");
        connection.peer().end();
        connection.run();
        ended(ClosedBy.LIMIT, CloseStatus.ABNORMAL, false, "no memory is left to receive with");
    }

    @Nested
    class WhileMemoryIsShort {
        private static final String UNTOLD = "close 1013 no memory is left to receive with";

        private int shortage;

        private void look(int times) {
            for (int i = 0; i < times; i++) {
                connection.socket().onShortage(shortage);
            }
            connection.run();
        }

        @Test
        void halfAMessageIsHeldForAWhileAndThenGivenUp() {
            look(100);
            connection.peer().sendBytes(Hex.parse("01 81 00000000 61"));
            look(Intake.MAX_HELD_SECONDS);
            connection.peer().sendBytes(Hex.parse("80 81 00000000 62 01 81 00000000 63"));
            look(Intake.MAX_HELD_SECONDS);
            assertThat(connection.handler().lines()).containsExactly("open", "text ab");
            assertThat(connection.peer().received()).isEmpty();
            look(1);
            assertThat(connection.peer().take()).containsExactly(UNTOLD, "end");
            assertThat(connection.handler().lines()).contains("error NO_MEMORY");
            connection.peer().end();
            connection.run();
            look(1);
            ended(ClosedBy.LIMIT, CloseStatus.ABNORMAL, false, "no memory is left to receive with");
        }

        @Test
        void aShortageThatIsOverDoesNotCount() {
            connection.peer().sendBytes(Hex.parse("01 81 00000000 61"));
            for (shortage = 0; shortage < 5; shortage++) {
                look(Intake.MAX_HELD_SECONDS);
            }
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            look(Intake.MAX_HELD_SECONDS + 1);
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.peer().reset();
        }

        @Test
        void whatWaitsForTheHandlerIsHeldOn() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.pause();
                }
            });
            connection.peer().sendTogether("taken", "to be kept");
            look(100);
            connection.socket().resume();
            connection.run();
            assertThat(connection.handler().lines()).containsExactly("open", "text taken", "text to be kept");
            connection.peer().reset();
        }

        @Test
        void whatWaitsForAPeerToReadIsGivenUp() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.send("x".repeat(100_000));
                }
            });
            connection.peer().stopReading();
            connection.peer().sendTogether("answered", "to be kept", "too");
            look(Intake.MAX_HELD_SECONDS);
            shortage++;
            look(Intake.MAX_HELD_SECONDS);
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            look(1);
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.peer().resumeReading();
            connection.run();
            assertThat(connection.peer().received()).endsWith(UNTOLD, "end");
            connection.peer().reset();
        }

        @Test
        void aMessageInPartsHoldsNothing() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public Delivery delivery() {
                    return Delivery.PARTS;
                }
            });
            connection.peer().sendBytes(Hex.parse("01 82 00000000 61c3"));
            look(100);
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.peer().reset();
        }
    }

    @Nested
    class Pongs {
        private void flood(int pings) {
            for (int i = 0; i < pings; i++) {
                connection.peer().ping(ByteBuffer.allocate(4).putInt(0, i));
            }
        }

        @Test
        @Covers({"WS-5.5.3-3", "WS-POL-7"})
        void aClientAnswersTheLatestPingOnceThePeerReadsAgain() {
            connection = TestConnection.builder(NOTHING).role(Role.CLIENT).open();
            congest();
            long before = connection.socket().bufferedAmount();
            flood(10_000);
            assertThat(connection.socket().bufferedAmount()).isEqualTo(before);
            connection.peer().resumeReading();
            connection.run();
            assertThat(connection.peer().received())
                    .filteredOn(line -> line.startsWith("pong"))
                    .containsExactly("pong 0000270f");
            connection.peer().ping(Hex.parse("61"));
            assertThat(connection.peer().received()).last().isEqualTo("pong 61");
            connection.peer().reset();
        }

        @Test
        @Covers("WS-POL-7")
        void aServerThatClosesLetsNonePileUp() {
            congest();
            connection.socket().close();
            long before = connection.socket().bufferedAmount();
            flood(10_000);
            assertThat(connection.socket().bufferedAmount()).isEqualTo(before);
            connection.peer().resumeReading();
            assertThat(connection.peer().received()).last().isEqualTo("close 1000");
            connection.peer().reset();
        }

        private void congest() {
            connection.peer().stopReading();
            while (connection.socket().send(ByteBuffer.allocate(10_000)) == SendStatus.SENT) {
                connection.run();
            }
        }
    }

    @Nested
    class ByATimeout {
        private void pingedAfter25SecondsAndCutOff20Later() {
            connection.pass(Duration.ofMillis(24_999));
            assertThat(connection.peer().received()).isEmpty();
            connection.pass(Duration.ofMillis(1));
            assertThat(connection.peer().take()).containsExactly("ping");
            connection.pass(Duration.ofMillis(19_999));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.pass(Duration.ofMillis(1));
            ended(ClosedBy.TIMEOUT, CloseStatus.ABNORMAL, false, "pong timeout of 20 s");
            assertThat(connection.peer().take()).containsExactly("reset");
        }

        @Test
        void whatCameBeforeAPingPutsItOffAndDoesNotAnswerIt() {
            connection.pass(Duration.ofSeconds(10));
            connection.peer().sendBytes(Hex.parse("81"));
            pingedAfter25SecondsAndCutOff20Later();
        }

        @Test
        @Covers({"WS-POL-6", "WS-5.5.2-2"})
        void aSilentPeerIsPingedThenCutOff() {
            pingedAfter25SecondsAndCutOff20Later();
        }

        @Test
        @Covers("WS-POL-6")
        void aPeerThatAnswersStaysConnected() {
            for (int i = 0; i < 100; i++) {
                connection.pass(Duration.ofSeconds(25));
                assertThat(connection.peer().take()).containsExactly("ping");
                connection.peer().pong(ByteBuffer.allocate(0));
            }
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.peer().reset();
        }

        @Test
        void aByteOfAFrameAnswersAPingAsWell() {
            connection.pass(Duration.ofSeconds(25));
            connection.peer().sendBytes(Hex.parse("81"));
            connection.pass(Duration.ofMillis(24_999));
            assertThat(connection.peer().take()).containsExactly("ping");
            connection.pass(Duration.ofMillis(1));
            assertThat(connection.peer().take()).containsExactly("ping");
            connection.peer().reset();
        }

        @Test
        void anIdlePeerIsSentACloseFrameAndMayAnswer() {
            connection = TestConnection.builder(NOTHING)
                    .timeouts(Timeouts.builder()
                            .idle(Duration.ofSeconds(5))
                            .pingInterval(Duration.ZERO)
                            .build())
                    .open();
            connection.pass(Duration.ofMillis(4_999));
            assertThat(connection.peer().received()).isEmpty();
            connection.pass(Duration.ofMillis(1));
            assertThat(connection.peer().take()).containsExactly("close 1001 idle timeout of 5 s");
            connection.pass(Duration.ofSeconds(9));
            connection.peer().close(1001, "");
            connection.peer().end();
            ended(ClosedBy.TIMEOUT, CloseStatus.of(1001), true, "idle timeout of 5 s");
        }

        @Test
        void anIdlePeerThatDoesNotAnswerIsCutOff() {
            connection = TestConnection.builder(NOTHING)
                    .timeouts(Timeouts.builder().idle(Duration.ofSeconds(5)).build())
                    .open();
            connection.pass(Duration.ofMillis(14_999));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.pass(Duration.ofMillis(1));
            ended(ClosedBy.TIMEOUT, CloseStatus.ABNORMAL, false, "idle timeout of 5 s, then close timeout of 10 s");
        }

        @Test
        void zeroSwitchesAllOff() {
            connection = TestConnection.builder(NOTHING)
                    .timeouts(Timeouts.builder()
                            .idle(Duration.ZERO)
                            .pingInterval(Duration.ZERO)
                            .build())
                    .open();
            assertThat(connection.loop().shared().timers().size()).isZero();
            connection.pass(Duration.ofHours(10));
            assertThat(connection.peer().received()).isEmpty();
            connection.peer().reset();
        }

        @Test
        void aPausedHandlerIsNotMistakenForASilentPeer() {
            connection.socket().pause();
            connection.pass(Duration.ofHours(1));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.socket().resume();
            connection.peer().take();
            connection.pass(Duration.ofSeconds(50));
            assertThat(connection.peer().take()).containsExactly("ping", "reset");
        }

        @Test
        void aPeerThatReadsSlowlyIsAlive() {
            while (connection.socket().bufferedAmount() < 2 << 20) {
                connection.socket().send(ByteBuffer.allocate(50_000));
                connection.run();
                connection.peer().stopReading();
            }
            for (int i = 0; i < 20; i++) {
                connection.pass(Duration.ofSeconds(15));
                connection.peer().incoming().readSizes(() -> 40_000);
                connection.peer().incoming().release();
                connection.loop().execute(() -> connection.peer().stopReading());
                connection.run();
            }
            assertThat(connection.socket().bufferedAmount()).isBetween(100_000L, 2L << 20);
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.pass(Duration.ofMinutes(5));
            ended(ClosedBy.TIMEOUT, CloseStatus.ABNORMAL, false, "pong timeout of 20 s");
        }
    }

    @Nested
    class ByAFullQueue {
        @Test
        @Covers("WS-POL-7")
        void aPeerThatDoesNotReadIsClosedOnceTheQueueIsFull() {
            fill(SendStatus.REFUSED);
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.peer().resumeReading();
            assertThat(connection.peer().take()).endsWith("close 1013 send queue is full");
            connection.peer().close(1013, "");
            connection.peer().end();
            ended(ClosedBy.LIMIT, CloseStatus.of(1013), true, "send queue is over maxQueueBytes");
        }

        @Test
        @Covers("WS-POL-7")
        void otherThreadsAreRefusedToo() {
            connection.loop().elsewhere(() -> fill(SendStatus.REFUSED));
            connection.run();
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.pass(Duration.ofSeconds(10));
            ended(
                    ClosedBy.LIMIT,
                    CloseStatus.ABNORMAL,
                    false,
                    "send queue is over maxQueueBytes, then close timeout of 10 s");
        }

        @Test
        void messagesBehindAMessageOfPartsCount() {
            connection.socket().sendBinaryPart(ByteBuffer.allocate(1), false);
            fill(SendStatus.REFUSED);
            connection.peer().resumeReading();
            assertThat(connection.peer().take()).containsExactly("binary+ 00", "close 1013 send queue is full");
            connection.peer().reset();
        }

        private void fill(SendStatus until) {
            connection.peer().stopReading();
            int messages = 0;
            while (connection.socket().send(ByteBuffer.allocate(100_000)) != until) {
                messages++;
                assertThat(messages).isLessThan(50);
            }
            assertThat(messages * 100_000).isGreaterThanOrEqualTo(Limits.DEFAULT.maxQueueBytes());
        }
    }
}
