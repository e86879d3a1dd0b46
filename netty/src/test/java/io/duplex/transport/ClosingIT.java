package io.duplex.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The end of connections, as a raw socket at the other end sees it (RFC 6455 §7). */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
class ClosingIT {
    private static final Timeouts SHORT_CLOSE =
            Timeouts.builder().close(Duration.ofMillis(300)).build();

    @Parameter
    String io;

    @Nested
    class Server {
        private final Recorder recorder = new Recorder();
        private WebSocketServer server;

        @BeforeEach
        void start() {
            server = WebSocketServer.builder()
                    .port(0)
                    .io(io)
                    .route("/record", handshake -> recorder)
                    .route("/fault", handshake -> new WebSocketHandler() {
                        @Override
                        public void onText(WebSocket socket, String text) {
                            throw new IllegalStateException("on purpose");
                        }
                    })
                    .route("/greet-and-go", handshake -> new WebSocketHandler() {
                        @Override
                        public void onOpen(WebSocket socket) {
                            socket.send("hi");
                            socket.close(4001, "go");
                        }
                    })
                    .start();
        }

        @AfterEach
        void close() {
            server.close();
        }

        @Test
        @Covers({"WS-5.5.1-6", "WS-5.5.1-7", "WS-5.5.1-8", "WS-7.1.1-1", "WS-7.1.1-3"})
        void echoesTheCloseFrameAndEndsTcpFirst() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                peer.sendHex("88 85 00000000 0fa1 627965");
                assertThat(peer.readHex(4)).isEqualTo("88020fa1");
                // The peer's side is still open, so this FIN is the server's own.
                peer.awaitEof();
            }
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.status()).isEqualTo(new CloseStatus(4001, "bye"));
            assertThat(outcome.clean()).isTrue();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.PEER);
        }

        @Test
        @Covers({"WS-7.1.1-1", "WS-5.5.1-5"})
        void whatFollowsTheCloseFrameIsReadAndDroppedWithoutReset() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                peer.sendHex("88 82 00000000 03e8");
                peer.send(new byte[300_000]);
                assertThat(peer.readHex(4)).isEqualTo("880203e8");
                peer.awaitEof();
                peer.send(new byte[300_000]);
            }
            assertThat(recorder.outcome().clean()).isTrue();
            assertThat(recorder.isEmpty()).isTrue();
        }

        @Test
        @Covers({"WS-7.1.2-1", "WS-7.3-3", "WS-4.2.2-6"})
        void aCloseByTheServerWaitsForTheAnswerAndEndsTcp() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/greet-and-go")) {
                assertThat(peer.readHex(4)).isEqualTo("81026869");
                assertThat(peer.readHex(6)).isEqualTo("88040fa1676f");
                assertThat(peer.isSilentFor(100)).isTrue();
                peer.sendHex("88 82 00000000 0fa1");
                peer.awaitEof();
            }
        }

        @Test
        @Covers("WS-5.5.1-10")
        void bothSidesMayCloseAtTheSameTime() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                peer.sendHex("88 82 00000000 03e8");
                recorder.socket().close(1001, "");
                assertThat(peer.readHex(2)).isEqualTo("8802");
                peer.readHex(2);
                peer.awaitEof();
            }
            assertThat(recorder.outcome().clean()).isTrue();
        }

        @Test
        @Covers({"WS-7.1.4-2", "WS-7.1.5-3"})
        void anEndOfTcpWithoutCloseFrameIsNotClean() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                peer.shutdownOutput();
                peer.awaitEof();
            }
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.status().code()).isEqualTo(1006);
            assertThat(outcome.clean()).isFalse();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.NETWORK);
        }

        @Test
        void messagesBeforeAHalfCloseAreStillDelivered() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                peer.sendHex("81 82 00000000 6869");
                peer.shutdownOutput();
                assertThat(recorder.text()).isEqualTo("hi");
                peer.awaitEof();
            }
            recorder.outcome();
        }

        @Test
        @Covers("WS-7.1.5-3")
        void aResetIsNotClean() throws Exception {
            RawPeer.open(server.port(), "/record").reset();
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.status().code()).isEqualTo(1006);
            assertThat(outcome.clean()).isFalse();
        }

        @Test
        void abortResetsTheConnection() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                recorder.socket().abort();
                peer.awaitReset();
            }
            assertThat(recorder.outcome().closedBy()).isEqualTo(ClosedBy.SELF);
        }

        @Test
        @Covers("WS-7.4.1-8")
        void aHandlerThatThrowsClosesWith1011() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/fault")) {
                peer.sendHex("81 82 00000000 6869");
                assertThat(peer.readHex(4)).startsWith("88").endsWith("03f3");
                assertThat(new String(peer.read(14), US_ASCII)).isEqualTo("internal error");
                assertThat(peer.isSilentFor(50)).isTrue();
                peer.sendHex("88 82 00000000 03f3");
                peer.awaitEof();
            }
        }

        @Test
        @Covers({"WS-7.4.1-6", "WS-10.4-2"})
        void aFrameOverTheLimitClosesWith1009BeforeItsPayloadComes() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record")) {
                peer.sendHex("82 ff 0000000001000000 00000000"); // 16 MiB
                assertThat(peer.readHex(1)).isEqualTo("88");
                int length = peer.read(1)[0];
                assertThat(peer.readHex(2)).isEqualTo("03f1");
                peer.read(length - 2);
                peer.awaitEof();
            }
            assertThat(recorder.outcome().closedBy()).isEqualTo(ClosedBy.LIMIT);
        }

        @Test
        @Covers("WS-7.4.1-8")
        void closingTheServerSays1001ToAllAndReturns() throws Exception {
            try (RawPeer peer = RawPeer.open(server.port(), "/record");
                    RawPeer other = RawPeer.open(server.port(), "/greet-and-go")) {
                recorder.socket();
                Thread closing = new Thread(server::close);
                closing.start();
                assertThat(peer.readHex(4)).isEqualTo("880203e9");
                peer.sendHex("88 82 00000000 03e9");
                peer.awaitEof();
                peer.hangUp();
                other.hangUp();
                closing.join(60_000);
                assertThat(closing.isAlive()).isFalse();
            }
            assertThat(recorder.outcome().closedBy()).isEqualTo(ClosedBy.SELF);
            server.awaitClose();
        }
    }

    @Nested
    class Client {
        private final Recorder recorder = new Recorder();
        private ServerSocket listening;
        private WebSocketClient client;

        @BeforeEach
        void start() throws Exception {
            listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
            client = WebSocketClient.builder().io(io).build();
        }

        /** Does not wait for servers that do nothing. */
        private void useImpatientClient() {
            client.close();
            client = WebSocketClient.builder().io(io).timeouts(SHORT_CLOSE).build();
        }

        @AfterEach
        void close() throws Exception {
            client.close();
            listening.close();
        }

        private RawPeer open() throws Exception {
            client.connectAsync("ws://127.0.0.1:" + listening.getLocalPort(), recorder);
            RawPeer peer = RawPeer.accept(listening);
            peer.acceptHandshake();
            recorder.socket();
            return peer;
        }

        @Test
        @Covers({"WS-5.5.1-3b", "WS-5.5.1-9", "WS-7.1.1-4"})
        void waitsForTheServerToEndTcp() throws Exception {
            try (RawPeer peer = open()) {
                recorder.socket().close(4002, "x");
                assertThat(peer.readMaskedHex()).isEqualTo("88030fa278");
                peer.sendHex("88 02 0fa2");
                assertThat(peer.isSilentFor(100)).isTrue();
                assertThat(recorder.socket().readyState()).isEqualTo(ReadyState.CLOSING);
                peer.shutdownOutput();
                peer.awaitEof();
            }
            assertThat(recorder.outcome().clean()).isTrue();
        }

        @Test
        @Covers({"WS-5.5.1-9", "WS-5.5.1-11", "WS-7.1.1-4"})
        void cutsAServerThatNeverEndsTcp() throws Exception {
            useImpatientClient();
            try (RawPeer peer = open()) {
                peer.sendHex("88 02 03e8");
                assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
                CloseOutcome outcome = recorder.outcome();
                assertThat(outcome.status().code()).isEqualTo(1000);
                assertThat(outcome.clean()).isTrue();
            }
        }

        @Test
        @Covers("WS-5.5.1-11")
        void cutsAServerThatDoesNotAnswerTheCloseFrame() throws Exception {
            useImpatientClient();
            try (RawPeer peer = open()) {
                recorder.socket().close();
                assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
                CloseOutcome outcome = recorder.outcome();
                assertThat(outcome.clean()).isFalse();
                assertThat(outcome.status().code()).isEqualTo(1006);
            }
        }

        @Test
        @Covers("WS-7.2.1-1")
        void aLostConnectionIsNotClean() throws Exception {
            open().reset();
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.status().code()).isEqualTo(1006);
            assertThat(outcome.cause()).isNotNull();
        }

        @Test
        @Covers("WS-5.5.1-4")
        void nothingIsSentAfterTheCloseFrame() throws Exception {
            try (RawPeer peer = open()) {
                WebSocket socket = recorder.socket();
                socket.close();
                socket.send("late");
                socket.send(ByteBuffer.allocate(5));
                socket.ping(ByteBuffer.allocate(0));
                assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
                assertThat(peer.isSilentFor(100)).isTrue();
            }
        }

        @Test
        @Covers("WS-7.1.7-3")
        void aMaskedFrameOfTheServerFailsTheConnection() throws Exception {
            useImpatientClient();
            try (RawPeer peer = open()) {
                peer.sendHex("81 82 00000000 6869");
                assertThat(peer.readMaskedHex()).startsWith("88").contains("03ea");
                peer.awaitEof();
            }
            assertThat(recorder.outcome().closedBy()).isEqualTo(ClosedBy.PROTOCOL);
            assertThat(recorder.errors()).hasSize(1);
        }

        @Test
        void closingTheClientSays1001ToAllAndReturns() throws Exception {
            try (RawPeer peer = open()) {
                Thread closing = new Thread(client::close);
                closing.start();
                assertThat(peer.readMaskedHex()).isEqualTo("880203e9");
                peer.sendHex("88 02 03e9");
                peer.hangUp();
                closing.join(60_000);
                assertThat(closing.isAlive()).isFalse();
            }
            assertThat(recorder.outcome().clean()).isTrue();
        }
    }
}
