package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ProtocolException;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a connection ends: one onClose, last, and what it says. */
class ConnectionClosingTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private TestConnection connection = TestConnection.open(NOTHING);

    @AfterEach
    void theConnectionHasEndedOnceAndForAll() {
        connection.loop().shared().workspace().close();
        assertThat(connection.loop().lentBuffers()).isZero();
        assertThat(connection.handler().lines()).noneMatch(line -> line.contains("BROKEN"));
        assertThat(connection.handler().lines().stream().filter(line -> line.startsWith("close")))
                .hasSize(1);
        assertThat(connection.socket().readyState()).isEqualTo(ReadyState.CLOSED);
        assertThat(connection.loop().shared().timers().size()).isZero();
        assertThat(connection.socket().send("too late")).isEqualTo(SendStatus.REFUSED);
        connection.socket().close();
        connection.socket().abort();
        connection.socket().resume();
        connection.socket().subscribe("too late");
        connection.pass(Duration.ofHours(1));
        assertThat(connection.handler().lines().stream().filter(line -> line.startsWith("close")))
                .hasSize(1);
    }

    private CloseOutcome outcome() {
        CloseOutcome outcome = connection.handler().outcome();
        assertThat(outcome).isNotNull();
        return outcome;
    }

    private void ended(ClosedBy by, CloseStatus status, boolean clean, String detail) {
        assertThat(outcome().closedBy()).isEqualTo(by);
        assertThat(outcome().status()).isEqualTo(status);
        assertThat(outcome().clean()).isEqualTo(clean);
        assertThat(outcome().detail()).isEqualTo(detail);
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

    @Nested
    class ByAViolation {
        @Test
        @Covers({"WS-7.1.7-2", "WS-7.1.7-3", "WS-7.1.7-5", "WS-7.4.1-2"})
        void theHandlerIsToldAndThePeerGetsTheCode() {
            connection.peer().sendBytes(Hex.parse("8100"));
            assertThat(connection.peer().take()).containsExactly("close 1002 client frame is not masked", "end");
            connection.peer().send("ignored");
            connection.peer().close();
            connection.peer().end();
            assertThat(connection.handler().lines())
                    .containsExactly("open", "error UNMASKED_CLIENT_FRAME", "close 1006, by PROTOCOL");
            ended(ClosedBy.PROTOCOL, CloseStatus.ABNORMAL, false, "client frame is not masked");
            assertThat(outcome().cause()).isInstanceOf(ProtocolException.class);
            assertThat(outcome().sent()).isEqualTo(new CloseStatus(1002, "client frame is not masked"));
        }

        @Test
        @Covers("WS-7.4.1-6")
        void aLimitIsNamed() {
            connection = TestConnection.builder(NOTHING)
                    .limits(Limits.builder().maxMessageBytes(4).build())
                    .open();
            connection.peer().send("12345");
            connection.peer().end();
            ended(ClosedBy.LIMIT, CloseStatus.ABNORMAL, false, "frame is bigger than maxFrameBytes");
            assertThat(outcome().sent().code()).isEqualTo(1009);
        }

        @Test
        void onErrorSeesAConnectionThatCloses() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onError(WebSocket socket, WebSocketException error) {
                    assertThat(socket.readyState()).isEqualTo(ReadyState.CLOSING);
                    assertThat(socket.send("sorry")).isEqualTo(SendStatus.REFUSED);
                }
            });
            connection.peer().sendBytes(Hex.parse("8100"));
            connection.peer().end();
            assertThat(connection.faults()).isEmpty();
        }

        @Test
        void anOnErrorThatThrowsIsReportedAndNotCalledAgain() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onError(WebSocket socket, WebSocketException error) {
                    throw new IllegalStateException("in onError");
                }
            });
            connection.peer().sendBytes(Hex.parse("8100"));
            connection.peer().end();
            assertThat(connection.handler().lines())
                    .containsExactly("open", "error UNMASKED_CLIENT_FRAME", "close 1006, by PROTOCOL");
            assertThat(connection.faults()).hasSize(1);
        }
    }

    /** The callbacks, so that each may throw. */
    enum Callback {
        OPEN,
        TEXT,
        BINARY,
        PING,
        PONG,
        DRAIN
    }

    @Nested
    class ByTheHandler {
        @ParameterizedTest
        @EnumSource(Callback.class)
        @Covers("WS-7.4.1-8")
        void aCallbackThatThrowsClosesWith1011(Callback callback) {
            connection = TestConnection.open(throwingIn(callback));
            connection.peer().stopReading();
            connection.peer().sendTogether("a", "b");
            connection.peer().send(ByteBuffer.allocate(1));
            connection.peer().ping(ByteBuffer.allocate(0));
            connection.peer().pong(ByteBuffer.allocate(0));
            connection.peer().send("provoke a backlog");
            connection.peer().resumeReading();
            // Pings are answered until the peer's Close frame comes.
            assertThat(connection.peer().take())
                    .filteredOn(line -> !line.startsWith("pong"))
                    .endsWith("close 1011 internal error");
            connection.peer().close(1011, "");
            connection.peer().end();
            ended(ClosedBy.HANDLER, CloseStatus.of(1011), true, "handler threw java.lang.IllegalStateException");
            assertThat(outcome().cause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("in " + callback);
            assertThat(connection.faults()).containsExactly(outcome().cause());
            assertThat(connection.handler().lines()).endsWith("error handler threw", "close 1011, clean, by HANDLER");
            assertThat(connection.handler().lines().stream().filter(line -> line.startsWith("error")))
                    .hasSize(1);
        }

        private WebSocketHandler throwingIn(Callback throwing) {
            return new WebSocketHandler() {
                private void called(Callback callback) {
                    if (callback == throwing) {
                        throw new IllegalStateException("in " + callback);
                    }
                }

                @Override
                public void onOpen(WebSocket socket) {
                    called(Callback.OPEN);
                }

                @Override
                public void onText(WebSocket socket, String text) {
                    called(Callback.TEXT);
                    if (text.startsWith("provoke")) {
                        SendStatus status = SendStatus.SENT;
                        while (status == SendStatus.SENT) {
                            status = socket.send(ByteBuffer.allocate(50_000));
                        }
                    }
                }

                @Override
                public void onBinary(WebSocket socket, ByteBuffer payload) {
                    called(Callback.BINARY);
                }

                @Override
                public void onPing(WebSocket socket, ByteBuffer payload) {
                    called(Callback.PING);
                }

                @Override
                public void onPong(WebSocket socket, ByteBuffer payload) {
                    called(Callback.PONG);
                }

                @Override
                public void onDrain(WebSocket socket) {
                    called(Callback.DRAIN);
                }
            };
        }

        @Test
        void messagesAcceptedBeforeGoFirst() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.send("accepted");
                    throw new IllegalStateException();
                }
            });
            connection.loop().elsewhere(() -> connection.socket().send("from elsewhere"));
            connection.peer().outgoing().hold();
            connection.peer().send("go");
            connection.loop().elsewhere(() -> connection.socket().send("from elsewhere, again"));
            connection.peer().outgoing().release();
            assertThat(connection.peer().take())
                    .containsExactly(
                            "text from elsewhere",
                            "text from elsewhere, again",
                            "text accepted",
                            "close 1011 internal error");
            connection.peer().reset();
        }

        @Test
        void anOnCloseThatThrowsIsReported() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onClose(WebSocket socket, CloseOutcome outcome) {
                    throw new IllegalStateException("in onClose");
                }
            });
            connection.peer().reset();
            ended(ClosedBy.NETWORK, CloseStatus.ABNORMAL, false, "connection reset");
            assertThat(connection.faults()).singleElement().isInstanceOf(IllegalStateException.class);
        }

        @Test
        void anOnErrorThatThrowsAfterACallbackThatThrewIsReported() {
            connection = TestConnection.open(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    throw new IllegalStateException("first");
                }

                @Override
                public void onError(WebSocket socket, WebSocketException error) {
                    throw new IllegalStateException("second");
                }
            });
            connection.peer().send("go");
            assertThat(connection.faults()).extracting(Throwable::getMessage).containsExactly("first", "second");
            connection.peer().reset();
            assertThat(outcome().closedBy()).isEqualTo(ClosedBy.HANDLER);
        }

        @Test
        void workOnAnotherThreadMayFailTheConnection() {
            connection.loop().elsewhere(() -> connection.socket().fail(new IllegalStateException("elsewhere")));
            assertThat(connection.peer().take()).containsExactly("close 1011 internal error");
            connection.peer().close(1011, "");
            connection.peer().end();
            assertThat(connection.handler().lines())
                    .containsExactly("open", "error handler threw", "close 1011, clean, by HANDLER");
            connection.socket().fail(new IllegalStateException("after the end"));
            connection.run();
            assertThat(connection.faults())
                    .extracting(Throwable::getMessage)
                    .containsExactly("elsewhere", "after the end");
        }
    }

    @Nested
    class ByATimeout {
        @Test
        @Covers({"WS-POL-6", "WS-5.5.2-2"})
        void aSilentPeerIsPingedThenCutOff() {
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
