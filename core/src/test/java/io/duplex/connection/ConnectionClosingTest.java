package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestConnection;
import io.duplex.testkit.VirtualLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a connection ends: one onClose, last, and what it says. */
class ConnectionClosingTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private TestConnection connection = TestConnection.open(NOTHING);

    @AfterEach
    void theConnectionHasEndedOnceAndForAll() {
        Endings.assertGone(connection);
    }

    private CloseOutcome outcome() {
        return Endings.outcome(connection);
    }

    private void ended(ClosedBy by, CloseStatus status, boolean clean, String detail) {
        Endings.assertEnded(connection, by, status, clean, detail);
    }

    @Nested
    class ByThePeer {
        @Test
        @Covers({"WS-5.5.1-6", "WS-5.5.1-7", "WS-5.5.1-8", "WS-7.1.1-3", "WS-7.1.4-1", "WS-7.1.4-2", "WS-7.1.5-1"})
        void aServerAnswersAndClosesTcpFirst() {
            connection.peer().close(4001, "bye");
            assertThat(connection.peer().received()).containsExactly("close 4001", "end");
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.peer().end();
            ended(ClosedBy.PEER, new CloseStatus(4001, "bye"), true, "closed by the peer");
            assertThat(outcome().sent()).isEqualTo(CloseStatus.of(4001));
        }

        @Test
        @Covers({"WS-5.5.1-9", "WS-7.1.1-4"})
        void aClientAnswersAndWaitsForTheServerToCloseTcp() {
            connection = TestConnection.builder(NOTHING).role(Role.CLIENT).open();
            connection.peer().close();
            assertThat(connection.peer().received()).containsExactly("close 1000");
            connection.peer().end();
            assertThat(connection.peer().received()).containsExactly("close 1000", "end");
            ended(ClosedBy.PEER, CloseStatus.of(1000), true, "closed by the peer");
        }

        @Test
        @Covers({"WS-5.5.1-9", "WS-5.5.1-11"})
        void aClientWaitsForThatNoLongerThanTheCloseTimeout() {
            connection = TestConnection.builder(NOTHING).role(Role.CLIENT).open();
            connection.peer().close();
            connection.pass(Duration.ofMillis(9_999));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.pass(Duration.ofMillis(1));
            ended(ClosedBy.PEER, CloseStatus.of(1000), true, "closed by the peer, then close timeout of 10 s");
            assertThat(connection.peer().received()).containsExactly("close 1000", "reset");
        }

        @Test
        @Covers("WS-7.1.5-2")
        void aCloseFrameWithoutACodeIs1005() {
            connection.peer().closeWithoutStatus();
            connection.peer().end();
            ended(ClosedBy.PEER, CloseStatus.NO_STATUS, true, "closed by the peer");
            assertThat(connection.peer().received()).containsExactly("close", "end");
        }

        @Test
        void aPeerThatKeepsTcpOpenIsCutOff() {
            connection.peer().close();
            connection.pass(Duration.ofSeconds(10));
            ended(ClosedBy.PEER, CloseStatus.of(1000), true, "closed by the peer, then close timeout of 10 s");
        }

        @Test
        void aResetAfterTheClosingHandshakeStaysClean() {
            connection.peer().close();
            connection.peer().reset();
            ended(ClosedBy.PEER, CloseStatus.of(1000), true, "closed by the peer");
            assertThat(outcome().cause()).isNull();
        }
    }

    @Nested
    class ByThisSide {
        @Test
        @Covers({"WS-7.1.2-1", "WS-7.1.3-1", "WS-7.3-3", "WS-5.5.1-4"})
        void closeSendsACloseFrameBehindAllMessages() {
            connection.socket().send("last words");
            connection.socket().close(4000, "bye");
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            assertThat(connection.socket().send("no more")).isEqualTo(SendStatus.REFUSED);
            assertThat(connection.peer().take()).containsExactly("text last words", "close 4000 bye");
            connection.peer().close(4000, "");
            assertThat(connection.peer().take()).containsExactly("end");
            connection.peer().end();
            ended(ClosedBy.SELF, CloseStatus.of(4000), true, "closed by this side");
            assertThat(outcome().sent()).isEqualTo(new CloseStatus(4000, "bye"));
        }

        @Test
        void closeFromAnotherThreadGoesBehindWhatThatThreadSent() {
            connection.loop().elsewhere(() -> {
                connection.socket().send("last words");
                connection.socket().close();
                assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
                assertThat(connection.socket().send("no more")).isEqualTo(SendStatus.REFUSED);
                connection.socket().close(4000, "a second close does nothing");
            });
            assertThat(connection.peer().take()).containsExactly("text last words", "close 1000");
            connection.peer().close();
            connection.peer().end();
            ended(ClosedBy.SELF, CloseStatus.of(1000), true, "closed by this side");
        }

        @Test
        void aCloseFrameMayBeWithoutACode() {
            connection.loop().elsewhere(() -> {
                connection.socket().closeWithoutStatus();
                assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
                connection.socket().closeWithoutStatus();
            });
            assertThat(connection.peer().take()).containsExactly("close");
            connection.peer().closeWithoutStatus();
            connection.peer().end();
            ended(ClosedBy.SELF, CloseStatus.NO_STATUS, true, "closed by this side");
            assertThat(outcome().sent()).isEqualTo(CloseStatus.NO_STATUS);
        }

        @Test
        @Covers("WS-5.5.1-11")
        void aPeerThatDoesNotAnswerIsCutOff() {
            connection.socket().close();
            connection.pass(Duration.ofMillis(9_999));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            connection.pass(Duration.ofMillis(1));
            ended(ClosedBy.SELF, CloseStatus.ABNORMAL, false, "closed by this side, then close timeout of 10 s");
            assertThat(connection.peer().received()).containsExactly("close 1000", "reset");
        }

        @Test
        void bytesFromThePeerDoNotProlongTheCloseTimeout() {
            connection.socket().close();
            for (int i = 0; i < 10; i++) {
                connection.pass(Duration.ofSeconds(1));
                connection.peer().pong(ByteBuffer.allocate(0));
            }
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSED);
        }

        @Test
        void noPingIsSentWhileClosing() {
            connection = TestConnection.builder(NOTHING)
                    .timeouts(Timeouts.builder().close(Duration.ZERO).build())
                    .open();
            connection.socket().close();
            connection.pass(Duration.ofHours(1));
            assertThat(connection.peer().received()).containsExactly("close 1000");
            connection.peer().reset();
            assertThat(outcome().detail()).isEqualTo("closed by this side, then connection reset");
        }

        @Test
        @Covers("WS-5.5.1-10")
        void bothSidesMayCloseAtOnce() {
            connection.peer().outgoing().hold();
            connection.peer().close(4002, "peer");
            connection.socket().close(4001, "self");
            connection.run();
            connection.peer().outgoing().release();
            connection.run();
            connection.peer().end();
            ended(ClosedBy.SELF, new CloseStatus(4002, "peer"), true, "closed by this side");
            assertThat(connection.peer().received()).containsExactly("close 4001 self", "end");
        }

        @Test
        @Covers("WS-7.1.4-2")
        void tcpThatEndsWithoutTheAnswerIsNotClean() {
            connection.socket().close();
            connection.peer().end();
            ended(ClosedBy.SELF, CloseStatus.ABNORMAL, false, "closed by this side");
            assertThat(outcome().sent()).isEqualTo(CloseStatus.of(1000));
        }

        @Test
        void aViolationAfterOwnCloseIsToldOfButIsNotTheCause() {
            connection.socket().close();
            connection.peer().sendBytes(Hex.parse("8100"));
            connection.peer().end();
            assertThat(connection.handler().lines())
                    .containsExactly("open", "error UNMASKED_CLIENT_FRAME", "close 1006, by SELF");
        }

        @Test
        void closingWhilePausedReadsThePeersAnswer() {
            connection.socket().pause();
            connection.peer().send("dropped");
            connection.socket().close();
            connection.peer().close();
            connection.peer().end();
            assertThat(connection.handler().lines()).containsExactly("open", "close 1000, clean, by SELF");
        }

        @Test
        void closingBehindABacklogWhilePausedReadsThePeersClose() {
            connection.peer().stopReading();
            while (connection.socket().sendLatest("all", ByteBuffer.allocate(10_000)) == SendStatus.SENT) {
                connection.run();
            }
            connection.socket().pause();
            connection.peer().send("dropped");
            connection.socket().close();
            connection.peer().close(); // it has yet to read ours
            assertThat(connection.handler().take()).containsExactly("open");
            connection.peer().end();
            connection.peer().resumeReading();
            assertThat(connection.handler().lines()).singleElement().asString().startsWith("close 1000, clean");
        }

        @Test
        void closingWithKeptInputReadsOn() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.pause();
                }
            });
            connection.peer().sendTogether("a", "dropped", "dropped too");
            connection.loop().elsewhere(() -> connection.socket().close());
            connection.peer().close();
            connection.peer().end();
            assertThat(connection.handler().lines()).containsExactly("open", "text a", "close 1000, clean, by SELF");
        }

        @Test
        void closingInTheMiddleOfAMessageOfPartsAbandonsIt() {
            connection.socket().sendTextPart(Hex.parse("61"), false);
            connection.socket().send("behind it");
            connection.socket().close();
            assertThat(connection.peer().received()).containsExactly("text+ a", "close 1000");
            connection.peer().reset();
            ended(ClosedBy.SELF, CloseStatus.ABNORMAL, false, "closed by this side, then connection reset");
            assertThat(outcome().cause()).isInstanceOf(IOException.class);
        }

        @Test
        void abortCutsTheConnection() {
            connection.socket().send("perhaps lost");
            connection.socket().abort();
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
            assertThat(connection.socket().send("no more")).isEqualTo(SendStatus.REFUSED);
            connection.run();
            ended(ClosedBy.SELF, CloseStatus.ABNORMAL, false, "aborted by this side");
            assertThat(outcome().sent()).isNull();
            assertThat(connection.peer().received()).endsWith("reset");
        }

        @Test
        void abortFromAnotherThreadRefusesMessagesAtOnce() {
            connection.loop().elsewhere(() -> {
                connection.socket().abort();
                assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSING);
                assertThat(connection.socket().send("no more")).isEqualTo(SendStatus.REFUSED);
            });
            connection.run();
            ended(ClosedBy.SELF, CloseStatus.ABNORMAL, false, "aborted by this side");
        }

        @Test
        void abortOvertakesAClosingHandshake() {
            connection.socket().close();
            connection.socket().abort();
            connection.run();
            ended(ClosedBy.SELF, CloseStatus.ABNORMAL, false, "closed by this side");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65536})
        @Covers({"WS-7.4.1-9", "WS-7.4.1-10", "WS-7.4.2-1"})
        void codesThatMustNotBeSentAreRefused(int code) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> connection.socket().close(code, ""))
                    .withMessageContaining(Integer.toString(code));
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.socket().abort();
            connection.run();
        }

        @Test
        void aReasonThatIsTooLongIsRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> connection.socket().close(1000, "é".repeat(62)))
                    .withMessageContaining("124 bytes");
            connection.socket().abort();
            connection.run();
        }
    }

    @Nested
    class ByTheNetwork {
        @Test
        @Covers({"WS-7.1.5-3", "WS-7.2.1-1"})
        void aResetIs1006() {
            connection.peer().reset();
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "connection reset");
            assertThat(outcome().cause()).isInstanceOf(IOException.class);
            assertThat(outcome().sent()).isNull();
        }

        @Test
        @Covers("WS-7.1.5-3")
        void anEndWithoutACloseFrameIs1006() {
            connection.peer().end();
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "connection ended without a Close frame");
            assertThat(connection.peer().received()).containsExactly("end");
        }

        @Test
        void aTransportThatClosesByItselfIs1006() {
            connection.socket().onTransportClosed(null);
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "connection ended without a Close frame");
        }

        @Test
        void aFailureWithoutAMessageIsNamed() {
            connection.socket().onTransportClosed(new java.nio.channels.ClosedChannelException());
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "java.nio.channels.ClosedChannelException");
        }

        @Test
        void anEndInsideAMessageGivesItsMemoryBack() {
            connection.peer().sendBytes(Hex.parse("0183 00000000 616263"));
            assertThat(connection.loop().lentBuffers()).isPositive();
            connection.peer().end();
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "connection ended without a Close frame");
        }

        @Test
        void anEndBehindKeptInputWaitsUntilThatIsTaken() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.pause();
                }
            });
            connection.peer().sendTogether("a", "b", "c");
            connection.socket().onEof(); // a transport that sees the end although it does not read
            assertThat(connection.handler().take()).containsExactly("open", "text a");
            connection.socket().resume();
            connection.run();
            assertThat(connection.handler().take()).containsExactly("text b");
            assertThat(connection.socket().readyState()).isEqualTo(ReadyState.OPEN);
            connection.socket().resume();
            connection.peer().end();
            assertThat(connection.handler().lines()).startsWith("text c");
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "connection ended without a Close frame");
        }

        @Test
        void keptInputIsGivenBackWhenTheConnectionBreaks() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.pause();
                }
            });
            connection.peer().sendTogether("a", "b", "c");
            assertThat(connection.loop().lentBuffers()).isPositive();
            connection.peer().reset();
            assertThat(connection.handler().lines()).containsExactly("open", "text a", "close 1006, by NETWORK");
        }
    }

    @Test
    @Covers("WS-7.1.4-2")
    void bothEndsAgreeThatAConnectionWasClosedCleanly() {
        VirtualLoop loop = new VirtualLoop();
        MemoryNetwork network = new MemoryNetwork(loop);
        RecordingHandler client = new RecordingHandler();
        RecordingHandler server = new RecordingHandler();
        MemoryLink link = network.connect(client, server);
        loop.run();
        link.client().send("Hello");
        link.client().close(4000, "done");
        loop.run();
        assertThat(server.lines()).containsExactly("open", "text Hello", "close 4000 done, clean, by PEER");
        assertThat(client.lines()).containsExactly("open", "close 4000, clean, by SELF");
        assertThat(loop.elapsed()).isZero();
        connection.peer().reset();
    }

    @Test
    void bothEndsSeeACut() {
        VirtualLoop loop = new VirtualLoop();
        MemoryNetwork network = new MemoryNetwork(loop);
        RecordingHandler client = new RecordingHandler();
        RecordingHandler server = new RecordingHandler();
        MemoryLink link = network.connect(client, server);
        loop.run();
        link.cut();
        loop.run();
        assertThat(server.lines()).containsExactly("open", "close 1006, by NETWORK");
        assertThat(client.lines()).containsExactly("open", "close 1006, by NETWORK");
        connection.peer().reset();
    }
}
