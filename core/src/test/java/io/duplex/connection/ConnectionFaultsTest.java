package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ProtocolException;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import io.duplex.testkit.TestConnection;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults of the peer and of the handler, and how the connection ends by them. */
class ConnectionFaultsTest {
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
}
