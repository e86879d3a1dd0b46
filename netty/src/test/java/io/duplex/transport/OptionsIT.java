package io.duplex.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.ReadyState;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Methods of a socket and options of its limits that no other test uses over real sockets. */
@Timeout(180)
class OptionsIT {
    private final Recorder recorder = new Recorder();
    private WebSocketServer server;
    private WebSocketClient client;

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
        }
        server.close();
    }

    private void start(Limits limits, Timeouts timeouts) {
        server = WebSocketServer.builder()
                .port(0)
                .limits(limits)
                .timeouts(timeouts)
                .route("/", handshake -> recorder)
                .start();
    }

    private RawPeer peer(Limits.Builder limits) throws Exception {
        start(limits.build(), Timeouts.DEFAULT);
        return RawPeer.open(server.port(), "/");
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    @Nested
    class Methods {
        private final Recorder answers = new Recorder();

        private WebSocket open() {
            start(Limits.DEFAULT, Timeouts.DEFAULT);
            client = WebSocketClient.create();
            return client.connect("ws://127.0.0.1:" + server.port() + "/", answers);
        }

        @Test
        void eachWayOfSendingTextSendsIt() throws Exception {
            WebSocket socket = open();
            assertThat(socket.sendText(utf8("utf8"))).isEqualTo(SendStatus.SENT);
            socket.sendTextAsync(utf8("async utf8")).get(60, TimeUnit.SECONDS);
            socket.sendAsync("async").get(60, TimeUnit.SECONDS);
            socket.sendLatest("key", "latest");
            socket.sendLatestText("key", utf8("latest utf8"));
            for (String text : new String[] {"utf8", "async utf8", "async", "latest", "latest utf8"}) {
                assertThat(recorder.text()).isEqualTo(text);
            }
        }

        @Test
        void eachWayOfSendingBytesSendsThem() throws Exception {
            WebSocket socket = open();
            socket.send(utf8("bytes"));
            socket.sendAsync(utf8("async")).get(60, TimeUnit.SECONDS);
            socket.sendLatest("key", utf8("latest"));
            for (String text : new String[] {"bytes", "async", "latest"}) {
                assertThat(recorder.binary()).isEqualTo(text.getBytes(UTF_8));
            }
        }

        @Test
        void aPatternIsLeft() throws Exception {
            WebSocket socket = open();
            WebSocket member = recorder.socket();
            member.subscribePattern("news.*");
            member.broadcast("news.a", "one");
            assertThat(answers.text()).isEqualTo("one");
            member.unsubscribePattern("news.*");
            member.broadcast("news.a", "two");
            member.subscribe("news.a");
            member.broadcastText("news.a", utf8("three"));
            assertThat(answers.text()).isEqualTo("three");
            member.broadcast("news.a", utf8("four"));
            assertThat(answers.binary()).isEqualTo("four".getBytes(UTF_8));
            member.unsubscribe("news.a");
            member.broadcast("news.a", "five");
            member.send("six");
            assertThat(answers.text()).isEqualTo("six");
            assertThat(socket.readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aCloseFrameWithoutAStatusIsTold() throws Exception {
            open().closeWithoutStatus();
            assertThat(recorder.outcome().status().code()).isEqualTo(1005);
            assertThat(answers.outcome().clean()).isTrue();
        }

        @Test
        void theRoundTripTimeIsThatOfTheKeepalive() throws Exception {
            CompletableFuture<WebSocket> opened = new CompletableFuture<>();
            CompletableFuture<Boolean> isKnownAtOnce = new CompletableFuture<>();
            CompletableFuture<Void> answered = new CompletableFuture<>();
            server = WebSocketServer.builder()
                    .port(0)
                    .timeouts(Timeouts.builder()
                            .pingInterval(Duration.ofMillis(200))
                            .build())
                    .route("/", handshake -> new WebSocketHandler() {
                        @Override
                        public void onOpen(WebSocket socket) {
                            isKnownAtOnce.complete(socket.roundTripTime() != null);
                            opened.complete(socket);
                        }

                        @Override
                        public void onPong(WebSocket socket, ByteBuffer payload) {
                            answered.complete(null);
                        }
                    })
                    .start();
            client = WebSocketClient.create();
            client.connect("ws://127.0.0.1:" + server.port() + "/", answers);
            assertThat(isKnownAtOnce.get(60, TimeUnit.SECONDS)).isFalse();
            answered.get(60, TimeUnit.SECONDS);
            assertThat(opened.get(60, TimeUnit.SECONDS).roundTripTime())
                    .isBetween(Duration.ZERO, Duration.ofSeconds(60));
        }
    }

    @Nested
    class OfLimits {
        private void closes(RawPeer peer, int code, String reason) throws Exception {
            CloseOutcome outcome = recorder.outcome();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.LIMIT);
            assertThat(outcome.sent().code()).isEqualTo(code);
            assertThat(outcome.detail()).contains(reason);
            peer.close();
        }

        @Test
        void maxFrameBytes() throws Exception {
            RawPeer peer = peer(Limits.builder().maxFrameBytes(4));
            peer.sendHex("82 84 00000000 01020304 82 85 00000000");
            assertThat(recorder.binary()).containsExactly(1, 2, 3, 4);
            peer.hangUp();
            closes(peer, 1009, "maxFrameBytes");
        }

        @Test
        void maxMessageBytes() throws Exception {
            RawPeer peer = peer(Limits.builder().maxMessageBytes(4));
            peer.sendHex("02 83 00000000 010203 80 82 00000000");
            peer.hangUp();
            closes(peer, 1009, "maxMessageBytes");
        }

        @Test
        void maxFragments() throws Exception {
            RawPeer peer = peer(Limits.builder().maxFragments(2));
            peer.sendHex("02 80 00000000 80 80 00000000 02 80 00000000 00 80 00000000 80 80 00000000");
            assertThat(recorder.binary()).isEmpty();
            peer.hangUp();
            closes(peer, 1009, "maxFragments");
        }

        @Test
        void maxHeaderFields() throws Exception {
            start(Limits.builder().maxHeaderFields(6).build(), Timeouts.DEFAULT);
            try (RawPeer peer = RawPeer.connect(server.port())) {
                peer.send(RawPeer.request("/", "A: 1", "B: 2"));
                assertThat(peer.head()).startsWith("HTTP/1.1 431");
            }
        }

        @Test
        void bytesASecondAndTheBurst() throws Exception {
            RawPeer peer = peer(Limits.builder()
                    .rates(RateLimits.builder()
                            .bytes(1000)
                            .burst(Duration.ofSeconds(2))
                            .excess(RateLimits.Excess.CLOSE)
                            .build()));
            for (int i = 0; i < 15; i++) {
                peer.sendHex("82 e4 00000000 " + "00".repeat(100));
                assertThat(recorder.binary()).hasSize(100);
            }
            peer.sendHex(("82 e4 00000000 " + "00".repeat(100)).repeat(50));
            peer.hangUp();
            closes(peer, 1008, "more than 1000 bytes a second");
        }
    }

    @Nested
    class OfQueues {
        private static final int MESSAGE_BYTES = 10_000;

        private final CompletableFuture<Long> dropped = new CompletableFuture<>();

        /** A socket whose peer reads nothing. */
        private WebSocket stalled(Limits.Builder limits) throws Exception {
            CompletableFuture<WebSocket> opened = new CompletableFuture<>();
            server = WebSocketServer.builder()
                    .port(0)
                    .limits(limits.build())
                    .timeouts(Timeouts.builder().close(Duration.ofMillis(300)).build())
                    .route("/", handshake -> new WebSocketHandler() {
                        @Override
                        public void onOpen(WebSocket socket) {
                            opened.complete(socket);
                        }

                        @Override
                        public void onDropped(WebSocket socket, long messages) {
                            dropped.complete(messages);
                        }

                        @Override
                        public void onClose(WebSocket socket, CloseOutcome outcome) {
                            recorder.onClose(socket, outcome);
                        }
                    })
                    .start();
            RawPeer peer = RawPeer.connectSlow(server.port());
            peer.send(RawPeer.request("/"));
            peer.head();
            return opened.get(60, TimeUnit.SECONDS);
        }

        /** Sends until something else than QUEUED or SENT is said, or until the connection is at its end. */
        private SendStatus fill(WebSocket socket) {
            SendStatus status = SendStatus.SENT;
            while (status != SendStatus.REFUSED && !dropped.isDone()) {
                status = socket.send(ByteBuffer.allocate(MESSAGE_BYTES));
            }
            return status;
        }

        @Test
        void aFullQueueClosesWithTheCodeOfThePolicy() throws Exception {
            WebSocket socket = stalled(Limits.builder().maxQueueBytes(100_000).sendPolicy(SendPolicy.close(1008)));
            assertThat(fill(socket)).isEqualTo(SendStatus.REFUSED);
            assertThat(recorder.outcome().detail()).contains("maxQueueBytes");
            assertThat(recorder.outcome().sent().code()).isEqualTo(1008);
        }

        @Test
        void theNewestIsLeftOut() throws Exception {
            WebSocket socket = stalled(Limits.builder()
                    .maxQueueBytes(10_000_000)
                    .sendPolicy(SendPolicy.dropNewest().upTo(100_000)));
            assertThat(fill(socket)).isEqualTo(SendStatus.REFUSED);
            assertThat(dropped.get(60, TimeUnit.SECONDS)).isPositive();
            assertThat(socket.droppedMessages()).isPositive();
            assertThat(socket.bufferedAmount()).isLessThan(200_000);
            assertThat(socket.readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void theNumberOfMessagesIsBounded() throws Exception {
            WebSocket socket = stalled(Limits.builder().maxQueueMessages(3).sendPolicy(SendPolicy.dropOldest()));
            fill(socket);
            assertThat(dropped.get(60, TimeUnit.SECONDS)).isPositive();
            assertThat(socket.bufferedAmount()).isLessThan(4 << 20);
        }

        @Test
        void onlyTheLatestIsKept() throws Exception {
            WebSocket socket = stalled(Limits.builder().sendPolicy(SendPolicy.latestOnly()));
            fill(socket);
            assertThat(dropped.get(60, TimeUnit.SECONDS)).isPositive();
        }
    }

    @Test
    void aLifetimeEndsWithItsCode() throws Exception {
        start(
                Limits.DEFAULT,
                Timeouts.builder()
                        .lifetime(Duration.ofMillis(300))
                        .lifetimeJitter(0)
                        .lifetimeCode(1012)
                        .build());
        try (RawPeer peer = RawPeer.open(server.port(), "/")) {
            assertThat(peer.readHex(1)).isEqualTo("88");
            peer.readHex(1);
            assertThat(peer.readHex(2)).isEqualTo("03f4");
        }
        assertThat(recorder.outcome().closedBy()).isEqualTo(ClosedBy.TIMEOUT);
    }
}
