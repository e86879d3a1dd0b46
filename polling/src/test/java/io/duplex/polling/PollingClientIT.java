package io.duplex.polling;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.client.w3c.BrowserWebSocket;
import io.duplex.client.w3c.Environment;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client with {@link PollingClient} on real sockets. */
@Timeout(280)
class PollingClientIT {
    private static final long PATIENCE_SECONDS = 60;
    /** More than one block of a WebSocket takes. */
    private static final int MANY = 300;

    private static final String LONGEST = "x".repeat(1000);

    private final BlockingQueue<CloseOutcome> serverOutcomes = new LinkedBlockingQueue<>();

    /** Echoes; some texts are commands. */
    private final class Echo implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            if (text.startsWith("close ")) {
                socket.close(Integer.parseInt(text.substring(6)), "as you like");
            } else if (text.equals("parts")) {
                socket.sendTextPart(UTF_8.encode("in "), false);
                socket.sendTextPart(UTF_8.encode("parts"), true);
            } else if (text.equals("many")) {
                for (int i = 0; i < MANY; i++) {
                    socket.send(LONGEST);
                }
            } else {
                socket.send(text);
            }
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            serverOutcomes.add(outcome);
        }
    }

    /** Collects what comes. */
    private static final class Collector implements WebSocketHandler {
        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        private final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();

        @Override
        public void onText(WebSocket socket, String text) {
            texts.add(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            texts.add("bytes " + UTF_8.decode(payload));
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            closed.complete(outcome);
        }

        String next() throws InterruptedException {
            return String.valueOf(texts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }

        CloseOutcome outcome() throws Exception {
            return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private final NotingService service = new NotingService(
            Polling.builder(handshake -> new Echo()).subprotocols("chat.v2").build());

    private WebSocketServer server() {
        return WebSocketServer.builder()
                .port(0)
                .route("/chat", handshake -> new Echo())
                .service("/chat/**", service)
                .start();
    }

    /**
     * Exchanges messages until one has come by {@code via}: without a poll, whose echo would have made the next one, and
     * up by no POST, if it is a WebSocket.
     */
    private void awaitCarried(Via via, WebSocket socket, Collector collector) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        boolean isCarried = false;
        while (!isCarried) {
            assertThat(System.nanoTime() - deadline).as("time until " + via).isNegative();
            long polls = service.polls();
            long posts = service.posts();
            for (int i = 0; i < 2; i++) {
                socket.send("which way?");
                assertThat(collector.next()).isEqualTo("which way?");
            }
            isCarried = switch (via) {
                case WEBSOCKET -> service.requests(via) > 0 && service.posts() == posts;
                case SSE -> service.requests(via) > 0 && service.polls() == polls;
                case LONG, POLL -> service.requests(via) > 0;
            };
        }
    }

    private static PollingClient fallback(Via... vias) {
        return PollingClient.builder()
                .via(vias)
                .pollInterval(Duration.ofMillis(100))
                .build();
    }

    /** One that begins with what is safe, if it may. */
    private static PollingClient fallbackOver(Via via) {
        return via == Via.POLL || via == Via.LONG ? fallback(via) : fallback(via, Via.LONG);
    }

    private static WebSocketClient client(Via... vias) {
        return WebSocketClient.builder()
                .fallback(fallback(vias.length > 0 ? vias : Via.values()))
                .build();
    }

    private static String uri(int port) {
        return "ws://127.0.0.1:" + port + "/chat";
    }

    @ParameterizedTest
    @EnumSource
    @Covers("FB-1")
    void theHandlerSeesTheSameOverEachCarrier(Via via) throws Exception {
        try (WebSocketServer server = server();
                WebSocketClient client =
                        WebSocketClient.builder().fallback(fallbackOver(via)).build()) {
            Collector collector = new Collector();
            WebSocket socket = client.request(uri(server.port()))
                    .subprotocols("chat.v1", "chat.v2")
                    .connect(collector);
            assertThat(socket.handshake().subprotocol()).isEqualTo("chat.v2");
            awaitCarried(via, socket, collector);
            long polls = service.polls();
            socket.send("h\u00e4llo\r\nyou\0");
            socket.send(ByteBuffer.wrap("bin".getBytes(UTF_8)));
            socket.sendTextPart(UTF_8.encode("one "), false);
            socket.sendTextPart(UTF_8.encode("two"), true);
            socket.send("parts");
            socket.send("x".repeat(500_000));
            assertThat(collector.next()).isEqualTo("h\u00e4llo\r\nyou\0");
            assertThat(collector.next()).isEqualTo("bytes bin");
            assertThat(collector.next()).isEqualTo("one two");
            assertThat(collector.next()).isEqualTo("in parts");
            assertThat(collector.next()).hasSize(500_000);
            if (via == Via.WEBSOCKET || via == Via.SSE) {
                assertThat(service.polls()).isEqualTo(polls);
            }
            socket.close(4001, "bye");
            CloseOutcome outcome = collector.outcome();
            assertThat(outcome.clean()).isTrue();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.SELF);
            assertThat(serverOutcomes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS).status())
                    .isEqualTo(new CloseStatus(4001, "bye"));
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers("FB-1")
    void theServersCloseCodeComes(Via via) throws Exception {
        try (WebSocketServer server = server();
                WebSocketClient client =
                        WebSocketClient.builder().fallback(fallbackOver(via)).build()) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(server.port()), collector);
            awaitCarried(via, socket, collector);
            socket.send("close 4002");
            CloseOutcome outcome = collector.outcome();
            assertThat(outcome.status()).isEqualTo(new CloseStatus(4002, "as you like"));
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.PEER);
            assertThat(outcome.clean()).isTrue();
            assertThat(serverOutcomes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS).clean())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REFUSE", "DROP", "SWALLOW"})
    @Covers({"POLL-7", "FB-2"})
    void whereNoUpgradeGetsThroughItPolls(UpgradeFilter.Mode mode) throws Exception {
        try (WebSocketServer server = server();
                UpgradeFilter network = new UpgradeFilter(server.port(), mode);
                WebSocketClient client = client()) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(network.port()), collector);
            for (int i = 0; i < 20; i++) {
                socket.send("message " + i);
                assertThat(collector.next()).isEqualTo("message " + i);
            }
            socket.close();
            assertThat(collector.outcome().clean()).isTrue();
            assertThat(network.upgrades()).isPositive();
        }
    }

    @Test
    @Covers("FB-2")
    void aSessionOutlivesTheWebSocketThatCarriesIt() throws Exception {
        try (WebSocketServer server = server();
                UpgradeFilter network = new UpgradeFilter(server.port(), UpgradeFilter.Mode.PASS);
                WebSocketClient client = client()) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(network.port()), collector);
            for (UpgradeFilter.Mode afterwards :
                    List.of(UpgradeFilter.Mode.PASS, UpgradeFilter.Mode.REFUSE, UpgradeFilter.Mode.SWALLOW)) {
                network.mode(UpgradeFilter.Mode.PASS);
                awaitCarried(Via.WEBSOCKET, socket, collector);
                network.mode(afterwards);
                assertThat(network.cutUpgraded()).isPositive();
                for (int i = 0; i < 20; i++) {
                    socket.send("message " + i);
                    assertThat(collector.next()).isEqualTo("message " + i);
                }
            }
            socket.close();
            assertThat(collector.outcome().clean()).isTrue();
            assertThat(collector.texts).isEmpty();
        }
    }

    @Test
    void aUrlWithoutSessionsIsAPlainWebSocket() throws Exception {
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .route("/chat", handshake -> new Echo())
                        .start();
                WebSocketClient client = client();
                WebSocketClient pollsOnly = client(Via.LONG)) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(server.port()), collector);
            socket.send("plain");
            assertThat(collector.next()).isEqualTo("plain");
            socket.close(4003, "");
            assertThat(collector.outcome().clean()).isTrue();
            assertThatThrownBy(() -> pollsOnly.connect(uri(server.port()), new Collector()))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("no sessions");
        }
    }

    @Test
    void codeThatWaitsHasItsFace() throws Exception {
        try (WebSocketServer server = server();
                WebSocketClient client = client(Via.LONG);
                BlockingWebSocket socket = client.connect(uri(server.port()))) {
            socket.send("one");
            socket.send("parts");
            assertThat(socket.receive()).isEqualTo(new Message.Text("one"));
            assertThat(socket.receive()).isEqualTo(new Message.Text("in parts"));
            socket.send("close 1000");
            List<Message> rest = new ArrayList<>();
            for (Message message : socket) {
                rest.add(message);
            }
            assertThat(rest).isEmpty();
        }
    }

    @Test
    void browsersInterfaceIsTheSame() throws Exception {
        try (WebSocketServer server = server();
                WebSocketClient client = client(Via.LONG);
                Environment environment = Environment.builder().client(client).build()) {
            BlockingQueue<String> events = new LinkedBlockingQueue<>();
            BrowserWebSocket socket = new BrowserWebSocket(environment, uri(server.port()), "chat.v2");
            socket.onopen(event -> socket.send("from " + socket.protocol()));
            socket.onmessage(event -> {
                events.add(String.valueOf(event.data()));
                socket.close(4004, "done");
            });
            socket.onclose(event -> events.add(event.code() + " clean=" + event.wasClean()));
            assertThat(events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("from chat.v2");
            assertThat(events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo("4004 clean=true");
        }
    }

    @Test
    @Covers("FB-8")
    void sessionsEndWithTheirClient() throws Exception {
        Collector collector = new Collector();
        try (WebSocketServer server = server()) {
            try (WebSocketClient client = WebSocketClient.builder()
                    .timeouts(Timeouts.builder()
                            .close(Duration.ofSeconds(PATIENCE_SECONDS))
                            .build())
                    .fallback(fallback(Via.LONG))
                    .build()) {
                client.connect(uri(server.port()), collector);
            }
            assertThat(collector.outcome().status().code()).isEqualTo(1001);
            assertThat(serverOutcomes
                            .poll(PATIENCE_SECONDS, TimeUnit.SECONDS)
                            .status()
                            .code())
                    .isEqualTo(1001);
        }
    }

    @Test
    @Covers("FB-8")
    void sessionsEndWithTheirServer() throws Exception {
        Collector collector = new Collector();
        try (WebSocketClient client = client(Via.LONG)) {
            try (WebSocketServer server = server()) {
                client.connect(uri(server.port()), collector).send("one");
                assertThat(collector.next()).isEqualTo("one");
                // The server can tell only whom it holds a poll of.
                assertThat(service.awaitPolls(2, PATIENCE_SECONDS)).isTrue();
            }
            assertThat(collector.outcome().status().code()).isEqualTo(1001);
        }
    }

    /** Those of the JDK's client. On older JDKs they end when nobody uses it any more. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void noThreadOutlivesTheClient() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Set<Thread> during;
        try (WebSocketServer server = server();
                WebSocketClient client = client(Via.SSE, Via.LONG)) {
            Collector collector = new Collector();
            awaitCarried(Via.SSE, client.connect(uri(server.port()), collector), collector);
            during = new HashSet<>(Thread.getAllStackTraces().keySet());
        }
        during.removeAll(before);
        List<Thread> theirs = during.stream()
                .filter(thread -> thread.getName().startsWith("HttpClient-"))
                .toList();
        assertThat(theirs).isNotEmpty();
        for (Thread thread : theirs) {
            thread.join(Duration.ofSeconds(PATIENCE_SECONDS).toMillis());
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyMessagesMayComeTogetherWhateverIsTheLongest(Via via) throws Exception {
        try (WebSocketServer server = server();
                WebSocketClient client = WebSocketClient.builder()
                        .limits(Limits.builder()
                                .maxMessageBytes(LONGEST.length())
                                .build())
                        .fallback(fallbackOver(via))
                        .build()) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(server.port()), collector);
            awaitCarried(via, socket, collector);
            socket.send("many");
            for (int i = 0; i < MANY; i++) {
                assertThat(collector.next()).isEqualTo(LONGEST);
            }
            socket.close();
            assertThat(collector.outcome().clean()).isTrue();
        }
    }

    @Test
    void theApplicationsFieldsGoWithEachRequest() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .service("/chat/**", Polling.of(handshake -> {
                            seen.add(handshake.header("Authorization") + " " + handshake.queryParameter("room"));
                            return new Echo();
                        }))
                        .start();
                WebSocketClient client = client()) {
            Collector collector = new Collector();
            // The server refuses carriers and POSTs of a session with other credentials.
            WebSocket socket = client.request(uri(server.port()) + "?room=java")
                    .bearerAuthorization("secret")
                    .connect(collector);
            socket.send("one");
            assertThat(collector.next()).isEqualTo("one");
            assertThat(seen).containsExactly("Bearer secret java");
            socket.close();
            assertThat(collector.outcome().clean()).isTrue();
        }
    }

    @Test
    void whatIsTooLongForTheServerIsNotSent() throws Exception {
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .limits(Limits.builder().maxMessageBytes(2000).build())
                        .service("/chat/**", Polling.of(handshake -> new Echo()))
                        .start();
                WebSocketClient client = client(Via.LONG)) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(server.port()), collector);
            socket.send("x".repeat(1900));
            assertThat(collector.next()).hasSize(1900);
            socket.send("x".repeat(2000));
            assertThat(collector.outcome().status().code()).isEqualTo(1009);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WEBSOCKET", "SSE", "POLL"})
    void whatIsTooLongForTheClientFailsTheConnection(Via via) throws Exception {
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .service("/chat/**", Polling.of(handshake -> new WebSocketHandler() {
                            @Override
                            public void onText(WebSocket socket, String text) {
                                socket.send("x".repeat(600_000));
                            }
                        }))
                        .start();
                WebSocketClient client = WebSocketClient.builder()
                        .limits(Limits.builder().maxMessageBytes(1000).build())
                        .fallback(fallbackOver(via))
                        .build()) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(uri(server.port()), collector);
            socket.send("go");
            CloseOutcome outcome = collector.outcome();
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.LIMIT);
        }
    }

    // Servers that do not keep to the rules

    private static final String OFFER =
            "{\"session\":\"abc\",\"subprotocol\":null,\"via\":[\"long\",\"sse\"],\"holdMillis\":1000,"
                    + "\"expiryMillis\":1000,\"ackBytes\":1000,\"maxBlockBytes\":10000,\"maxMessageBytes\":9000}";

    private static byte[] offer() {
        return RubbishServer.answer(200, "application/json", OFFER.getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"session\":\"../x\"}", "null"})
    void aDescriptionThatIsNoneFailsTheHandshake(String json) throws Exception {
        try (RubbishServer server =
                        new RubbishServer(line -> RubbishServer.answer(200, "application/json", json.getBytes(UTF_8)));
                WebSocketClient client = client()) {
            assertThatThrownBy(() -> client.connect(server.uri(), new Collector()))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("describes no session");
        }
    }

    @Test
    void aDescriptionWithoutEndFailsTheHandshake() throws Exception {
        byte[] endless = RubbishServer.answer(200, "application/json", new byte[1 << 20]);
        try (RubbishServer server = new RubbishServer(line -> endless);
                WebSocketClient client = client()) {
            assertThatThrownBy(() -> client.connect(server.uri(), new Collector()))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("longer than 8192 bytes");
        }
    }

    @Test
    void aRefusalFailsTheHandshakeWithItsStatus() throws Exception {
        try (RubbishServer server =
                        new RubbishServer(line -> RubbishServer.answer(403, "text/plain", "no".getBytes(UTF_8)));
                WebSocketClient client = client()) {
            assertThatThrownBy(() -> client.connect(server.uri(), new Collector()))
                    .isInstanceOfSatisfying(HandshakeException.class, refused -> {
                        assertThat(refused.status()).isEqualTo(403);
                        assertThat(refused.body()).asString().isEqualTo("no");
                        assertThat(refused.headers()).containsKey("content-type");
                    });
        }
    }

    @Test
    void noAnswerFailsTheHandshake() throws Exception {
        try (RubbishServer server = new RubbishServer(line -> new byte[0]);
                WebSocketClient client = client()) {
            assertThatThrownBy(() -> client.connect(server.uri(), new Collector()))
                    .isInstanceOfSatisfying(
                            HandshakeException.class,
                            failed -> assertThat(failed.status()).isEqualTo(HandshakeException.NO_STATUS));
        }
    }

    /** Nothing of it is taken, and when the time is over that a session lives without a sign of life, it ends. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "no block",
                "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1",
                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5t\0\0\0\1a",
                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1z\0\0\0\1a",
                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1t\0\0\0\2a"
            })
    void blocksThatAreNoneEndTheSessionAfterItsExpiry(String body) throws Exception {
        byte[] block = RubbishServer.answer(200, "application/octet-stream", body.getBytes(UTF_8));
        try (RubbishServer server = new RubbishServer(line -> line.startsWith("POST") ? offer() : block);
                WebSocketClient client = client(Via.LONG)) {
            Collector collector = new Collector();
            client.connect(server.uri(), collector);
            CloseOutcome outcome = collector.outcome();
            assertThat(outcome.status().code()).isEqualTo(1006);
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.NETWORK);
            assertThat(collector.texts).isEmpty();
        }
    }

    @Test
    void aSessionThatTheServerHasForgottenEnds() throws Exception {
        byte[] gone = RubbishServer.answer(404, "text/plain", new byte[0]);
        try (RubbishServer server = new RubbishServer(line -> line.startsWith("POST") ? offer() : gone);
                WebSocketClient client = client(Via.LONG)) {
            Collector collector = new Collector();
            client.connect(server.uri(), collector);
            assertThat(collector.outcome().status().code()).isEqualTo(1006);
        }
    }

    @Test
    void aStreamThatIsNoneGivesWayToPolls() throws Exception {
        Semaphore streams = new Semaphore(0);
        byte[] block = RubbishServer.answer(
                200, "application/octet-stream", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1t\0\0\0\2hi".getBytes(UTF_8));
        byte[] stream =
                RubbishServer.answer(200, "text/event-stream", "id: x\ndata: t\n\nevent: probe\n\n".getBytes(UTF_8));
        try (RubbishServer server = new RubbishServer(line -> {
                    if (line.contains("via=sse")) {
                        streams.release();
                        return stream;
                    }
                    return line.startsWith("POST") ? offer() : block;
                });
                WebSocketClient client = client(Via.SSE, Via.LONG)) {
            Collector collector = new Collector();
            WebSocket socket = client.connect(server.uri(), collector);
            assertThat(collector.next()).isEqualTo("hi");
            assertThat(streams.tryAcquire(2, PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            socket.abort();
            assertThat(collector.outcome().status().code()).isEqualTo(1006);
            assertThat(collector.texts).isEmpty();
        }
    }
}
