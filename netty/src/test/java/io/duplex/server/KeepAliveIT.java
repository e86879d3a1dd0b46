package io.duplex.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.ServerHandshake;
import io.duplex.transport.Echo;
import io.duplex.transport.RawPeer;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** One connection with several requests, and what may follow on which (RFC 9112 §9.3). */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.server.OpeningIT#kinds")
@Timeout(180)
class KeepAliveIT {
    /** For peers that do their part, however slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    @Parameter
    String io;

    private final BlockingQueue<HttpExchange> exchanges = new LinkedBlockingQueue<>();
    private final AtomicInteger counted = new AtomicInteger();
    /** How many requests were counted before the loop came to what the first one gave it to do. */
    private final CompletableFuture<Integer> countedBefore = new CompletableFuture<>();

    private WebSocketServer server;

    @BeforeEach
    void start() {
        server = builder().start();
    }

    private void restart(Duration handshakeTimeout, Duration idleTimeout) {
        server.close();
        server = builder(handshakeTimeout, idleTimeout).start();
    }

    private WebSocketServer.Builder builder() {
        return builder(LONG, LONG);
    }

    private WebSocketServer.Builder builder(Duration handshakeTimeout, Duration idleTimeout) {
        return WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(Limits.builder().maxHeaderBytes(4096).build())
                .timeouts(Timeouts.builder()
                        .handshake(handshakeTimeout)
                        .idle(idleTimeout)
                        .close(LONG)
                        .build())
                .route("/both", handshake -> new Echo())
                .service("/both", KeepAliveIT::answerPath)
                .service("/held", exchanges::add)
                .service("/counted", this::count)
                .service("/below/**", new Upgrading())
                .httpRoute("/page", request -> HttpResponse.text(200, "page"))
                .healthRoute("/health");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void count(HttpExchange exchange) {
        if (counted.incrementAndGet() == 1) {
            exchange.loop().execute(() -> countedBefore.complete(counted.get()));
        }
        answerPath(exchange);
    }

    private static void answerPath(HttpExchange exchange) {
        answer(exchange, exchange.head().path());
    }

    private static void answer(HttpExchange exchange, String text) {
        exchange.respond(200, HeaderFields.EMPTY, ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    /** Takes upgrades at one path below its own. */
    private static final class Upgrading implements HttpService {
        @Override
        public void serve(HttpExchange exchange) {
            answerPath(exchange);
        }

        @Override
        public CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
            if (!request.head().path().equals("/below/socket")) {
                return null;
            }
            Answer.Accepted accepted =
                    (Answer.Accepted) ServerHandshake.builder().build().answer(request.head(), request.isSecure());
            return CompletableFuture.completedFuture(new Upgrade.Accepted(
                    accepted,
                    new CompletedHandshake(
                            request.head(),
                            accepted.agreement(),
                            HeaderFields.EMPTY,
                            Map.of(),
                            request.remoteAddress(),
                            request.isSecure(),
                            request.peerCertificates()),
                    new Echo()));
        }
    }

    private HttpPeer connect() throws Exception {
        return HttpPeer.connect(server.port());
    }

    private HttpExchange nextExchange() throws Exception {
        HttpExchange exchange = exchanges.poll(60, TimeUnit.SECONDS);
        assertThat(exchange).isNotNull();
        return exchange;
    }

    private static void assertEchoes(HttpPeer peer) throws Exception {
        HttpPeer.Answer answer = peer.readHead();
        assertThat(answer.status()).isEqualTo(101);
        peer.raw().sendHex("81 82 00000000 6869");
        assertThat(peer.raw().readHex(4)).isEqualTo("81026869");
    }

    @Test
    void manyRequestsMayFollowEachOtherWhoeverAnswersThem() throws Exception {
        try (HttpPeer peer = connect()) {
            for (int i = 0; i < 20; i++) {
                assertThat(peer.get("/page").body()).isEqualTo("page");
                assertThat(peer.get("/both").body()).isEqualTo("/both");
                assertThat(peer.get("/below/" + i).body()).isEqualTo("/below/" + i);
                assertThat(peer.get("/nothing").status()).isEqualTo(404);
                assertThat(peer.get("/health").status()).isEqualTo(200);
                assertThat(peer.send(HttpPeer.post("/page", "x")).read().status())
                        .isEqualTo(405);
                peer.send(HttpPeer.request("GET", "/held"));
                answer(nextExchange(), "held");
                assertThat(peer.read().body()).isEqualTo("held");
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (HttpPeer peer = connect()) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 1000; i++) {
                all.append(HttpPeer.post("/below/" + i, "x".repeat(i)));
            }
            peer.send(all.toString());
            for (int i = 0; i < 1000; i++) {
                assertThat(peer.read().body()).isEqualTo("/below/" + i);
            }
        }
    }

    @Test
    void aReadOfManyRequestsLeavesOthersTheirTurn() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/counted").repeat(500));
            for (int i = 0; i < 500; i++) {
                assertThat(peer.read().body()).isEqualTo("/counted");
            }
            assertThat(countedBefore.get(10, TimeUnit.SECONDS)).isBetween(1, 64);
        }
    }

    @Test
    void whatIsPipelinedBehindAHeldRequestWaits() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held") + HttpPeer.request("GET", "/held?2"));
            HttpExchange first = nextExchange();
            peer.send(HttpPeer.request("GET", "/page") + HttpPeer.request("GET", "/pa"));
            assertThat(peer.raw().isSilentFor(200)).isTrue();
            assertThat(exchanges).as("one at a time").isEmpty();
            answer(first, "one");
            assertThat(peer.read().body()).isEqualTo("one");
            answer(nextExchange(), "two");
            assertThat(peer.read().body()).isEqualTo("two");
            assertThat(peer.read().body()).isEqualTo("page");
        }
    }

    @Test
    void theServiceIsNotCalledFromWithinItsOwnAnswer() throws Exception {
        BlockingQueue<Boolean> nested = new LinkedBlockingQueue<>();
        boolean[] inside = new boolean[1];
        try (WebSocketServer other = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .service("/", exchange -> {
                            nested.add(inside[0]);
                            exchange.loop().execute(() -> {
                                inside[0] = true;
                                answer(exchange, "");
                                inside[0] = false;
                            });
                        })
                        .start();
                HttpPeer peer = HttpPeer.connect(other.port())) {
            peer.send(HttpPeer.request("GET", "/").repeat(3));
            for (int i = 0; i < 3; i++) {
                peer.read();
            }
            assertThat(nested).containsExactly(false, false, false);
        }
    }

    @Test
    void whoPipelinesTooMuchIsNotReadFrom() throws Exception {
        restart(LONG, Duration.ofMillis(1500));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange held = nextExchange();
            CompletableFuture<Integer> sent = new CompletableFuture<>();
            Thread flood = new Thread(() -> {
                byte[] block = HttpPeer.request("GET", "/page").repeat(1000).getBytes(UTF_8);
                int blocks = 0;
                try {
                    for (; blocks < 4000; blocks++) {
                        peer.send(block);
                    }
                } catch (Exception e) {
                    assertThat(e).isInstanceOfAny(SocketException.class, SocketTimeoutException.class);
                }
                sent.complete(blocks);
            });
            flood.start();
            flood.join(2000);
            assertThat(flood.isAlive()).as("the sender waits").isTrue();
            assertThat(held.isClosed()).isFalse();
            peer.hangUp();
            assertThat(sent.get(60, TimeUnit.SECONDS)).isLessThan(4000);
        }
    }

    @Test
    void aLaterRequestMayAskForAnUpgrade() throws Exception {
        for (String path : new String[] {"/both", "/below/socket"}) {
            try (HttpPeer peer = connect()) {
                assertThat(peer.get("/both").status()).isEqualTo(200);
                peer.send(RawPeer.request(path));
                assertEchoes(peer);
            }
            try (HttpPeer peer = connect()) {
                peer.send(HttpPeer.request("GET", "/held") + RawPeer.request(path));
                answer(nextExchange(), "held");
                assertThat(peer.read().body()).isEqualTo("held");
                assertEchoes(peer);
            }
        }
    }

    @Test
    void upgradesGoToTheRouteOrToTheServiceBelowWhosePathTheyAre() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(RawPeer.request("/both"));
            assertEchoes(peer);
        }
        try (HttpPeer peer = connect()) {
            peer.send(RawPeer.request("/below/socket"));
            assertEchoes(peer);
        }
        for (String path : new String[] {"/below/elsewhere", "/held"}) {
            try (HttpPeer peer = connect()) {
                peer.send(RawPeer.request(path));
                assertThat(peer.read().status()).isEqualTo(404);
            }
        }
    }

    @Test
    void whoWantsToCloseIsClosed() throws Exception {
        try (HttpPeer peer = connect()) {
            HttpPeer.Answer answer = peer.get("/both", "Connection: x, Close");
            assertThat(answer.has("connection: close")).isTrue();
            peer.raw().awaitEof();
        }
    }

    @Test
    void whoEndsItsSideIsAnsweredFirst() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/page") + HttpPeer.request("GET", "/both"));
            peer.raw().shutdownOutput();
            assertThat(peer.read().body()).isEqualTo("page");
            assertThat(peer.read().body()).isEqualTo("/both");
            peer.raw().awaitEof();
        }
    }

    @Test
    void anIdleConnectionIsClosed() throws Exception {
        restart(Duration.ofSeconds(1), Duration.ofSeconds(4));
        try (HttpPeer peer = connect()) {
            peer.get("/page");
            assertThat(peer.raw().isSilentFor(1500))
                    .as("longer than a handshake may take")
                    .isTrue();
            peer.get("/page");
            peer.raw().awaitEof();
        }
    }

    @Test
    void aDrainingServerClosesBehindItsAnswers() throws Exception {
        CompletableFuture<Void> drained;
        RawPeer open = RawPeer.open(server.port(), "/both");
        try (HttpPeer peer = connect()) {
            assertThat(peer.get("/health").has("connection: close")).isFalse();
            drained = CompletableFuture.runAsync(
                    () -> server.drain(Drain.builder().notice(LONG).build()));
            while (server.isReady()) {
                Thread.onSpinWait();
            }
            HttpPeer.Answer answer = peer.get("/health");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.has("connection: close")).isTrue();
            peer.raw().awaitEof();
        }
        open.reset();
        drained.get(40, TimeUnit.SECONDS);
    }

    @Test
    void aSurplusConnectionDoesNotStay() throws Exception {
        try (WebSocketServer small = builder().maxConnections(1).start();
                RawPeer first = RawPeer.open(small.port(), "/both");
                HttpPeer page = HttpPeer.connect(small.port());
                HttpPeer service = HttpPeer.connect(small.port())) {
            assertThat(page.get("/page").has("connection: close")).isTrue();
            assertThat(service.get("/both").status()).isEqualTo(503);
            first.hangUp();
        }
    }

    @Test
    void clientsBehindAProxyAreCountedByRequest() throws Exception {
        try (WebSocketServer proxied = builder()
                        .maxConnectionsPerAddress(1)
                        .trustedProxies(ForwardedHeader.X_FORWARDED, "127.0.0.1")
                        .start();
                HttpPeer first = HttpPeer.connect(proxied.port());
                HttpPeer second = HttpPeer.connect(proxied.port())) {
            first.send(HttpPeer.request("GET", "/held", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"));
            HttpExchange held = nextExchange();
            assertThat(held.remoteAddress().toString()).contains("192.0.2.1");
            assertThat(held.isSecure()).isTrue();
            assertThat(second.get("/both", "X-Forwarded-For: 192.0.2.2").status())
                    .isEqualTo(200);
            answer(held, "");
            first.read();
            assertThat(first.get("/both", "X-Forwarded-For: 192.0.2.3").status())
                    .isEqualTo(200);
            assertThat(second.get("/both", "X-Forwarded-For: 192.0.2.3").status())
                    .isEqualTo(429);
        }
        try (WebSocketServer proxied = builder()
                        .trustedProxies(ForwardedHeader.FORWARDED, "127.0.0.1")
                        .start();
                HttpPeer peer = HttpPeer.connect(proxied.port())) {
            assertThat(peer.get("/page", "Forwarded: for=\"broken").status()).isEqualTo(200);
            assertThat(peer.get("/both", "Forwarded: for=\"broken").status()).isEqualTo(400);
        }
    }
}
