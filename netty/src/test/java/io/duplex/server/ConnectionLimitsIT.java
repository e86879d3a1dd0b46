package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.Limits;
import io.duplex.RateLimits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.transport.Echo;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many connections there may be, of all and of one address, and how fast one may send. */
class ConnectionLimitsIT {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    private WebSocketServer.Builder builder() {
        return WebSocketServer.builder()
                .port(0)
                .threads(1)
                .timeouts(Timeouts.builder().close(Duration.ofSeconds(10)).build())
                .retryAfter(Duration.ofSeconds(7))
                .listener(new ServerListener() {
                    @Override
                    public void onConnectionOpened(WebSocket socket) {
                        events.add("opened");
                    }

                    @Override
                    public void onConnectionClosed(WebSocket socket, CloseOutcome outcome) {
                        events.add("closed " + outcome.status().code());
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void onHandshakeRefused(int status, SocketAddress remoteAddress) {
                        events.add("refused " + status);
                    }
                })
                .route("/echo", handshake -> new Echo())
                .httpRoute("/", request -> HttpResponse.text(200, "hello"));
    }

    private void await(String... expected) throws Exception {
        for (String each : expected) {
            assertThat(events.poll(60, TimeUnit.SECONDS)).isEqualTo(each);
        }
    }

    private static String answer(RawPeer peer, String request) throws Exception {
        peer.send(request);
        return peer.readAll();
    }

    @Test
    void whoIsOneTooManyIsToldToComeLaterAndTheNextMayComeWhenOneHasLeft() throws Exception {
        try (WebSocketServer server = builder().maxConnections(2).start();
                RawPeer first = RawPeer.open(server.port(), "/echo");
                RawPeer second = RawPeer.connect(server.port())) { // a handshake counts
            second.send("GET /echo HTTP/1.1\r\n");
            await("opened");
            try (RawPeer third = RawPeer.connect(server.port())) {
                assertThat(answer(third, RawPeer.request("/echo")))
                        .startsWith("HTTP/1.1 503 ")
                        .contains("\r\nRetry-After: 7\r\n")
                        .endsWith("too many connections\n");
            }
            await("refused 503");
            try (RawPeer page = RawPeer.connect(server.port())) {
                assertThat(answer(page, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                        .as("ordinary HTTP, which is short")
                        .startsWith("HTTP/1.1 200 ");
            }
            assertThat(server.connections()).isEqualTo(1);
            first.sendHex("88 82 00000000 03e8");
            assertThat(first.readHex(4)).isEqualTo("880203e8");
            first.awaitEof();
            first.hangUp();
            await("closed 1000");
            RawPeer.open(server.port(), "/echo").close();
            await("opened");
        }
    }

    @Test
    @Timeout(180)
    void whoResetsAnOrdinaryRequestTakesNoPlaceForGood() throws Exception {
        try (WebSocketServer server = builder().maxConnections(20).start()) {
            for (int i = 0; i < 60; i++) {
                try (RawPeer peer = RawPeer.connect(server.port())) {
                    peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
                    peer.reset();
                } catch (IOException turnedAway) {
                    // One too many at that time.
                }
            }
            String answer = "";
            do {
                try (RawPeer next = RawPeer.connect(server.port())) {
                    next.send(RawPeer.request("/echo"));
                    answer = next.head();
                } catch (IOException e) {
                    // Those that were reset are being cleared away.
                }
            } while (!answer.startsWith("HTTP/1.1 101 "));
        }
    }

    @Test
    void whoIsFarTooManyIsClosedWithoutAnAnswer() throws Exception {
        List<RawPeer> peers = new ArrayList<>();
        try (WebSocketServer server = builder().maxConnections(1).start()) {
            for (int i = 0; i < 17; i++) {
                RawPeer peer = RawPeer.connect(server.port());
                peer.send("G");
                peers.add(peer);
            }
            try (RawPeer far = RawPeer.connect(server.port())) {
                far.awaitEnd();
            }
            for (RawPeer peer : peers) {
                peer.reset();
            }
        }
    }

    @Test
    void oneAddressHasALimitOfItsOwn() throws Exception {
        try (WebSocketServer server = builder().maxConnectionsPerAddress(1).start();
                RawPeer first = RawPeer.open(server.port(), "/echo")) {
            try (RawPeer second = RawPeer.connect(server.port())) {
                assertThat(answer(second, RawPeer.request("/echo")))
                        .startsWith("HTTP/1.1 429 ")
                        .contains("\r\nRetry-After: 7\r\n");
            }
            await("opened", "refused 429");
            first.reset();
            await("closed 1006");
            RawPeer.open(server.port(), "/echo").close();
        }
    }

    @Test
    void behindATrustedProxyTheAddressThatItNamesCounts() throws Exception {
        try (WebSocketServer server = builder()
                        .maxConnectionsPerAddress(1)
                        .trustedProxies(ForwardedHeader.X_FORWARDED, "127.0.0.0/8", "::1")
                        .start();
                RawPeer first = RawPeer.open(server.port(), "/echo", "X-Forwarded-For: 192.0.2.1");
                RawPeer second = RawPeer.open(server.port(), "/echo", "X-Forwarded-For: 192.0.2.2")) {
            try (RawPeer third = RawPeer.connect(server.port())) {
                assertThat(answer(third, RawPeer.request("/echo", "X-Forwarded-For: 192.0.2.1")))
                        .startsWith("HTTP/1.1 429 ");
            }
            await("opened", "opened", "refused 429");
            first.reset();
            await("closed 1006");
            RawPeer.open(server.port(), "/echo", "X-Forwarded-For: 192.0.2.1").close();
            second.reset();
        }
    }

    @Test
    void aPeerThatSendsTooFastIsSlowedDown() throws Exception {
        Recorder recorder = new Recorder();
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .limits(Limits.builder()
                                .rates(RateLimits.builder().messages(20).build())
                                .build())
                        .route("/", handshake -> recorder)
                        .start();
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            long start = System.nanoTime();
            for (int i = 0; i < 40; i++) {
                peer.sendHex("81 82 00000000 6869");
            }
            for (int i = 0; i < 40; i++) {
                assertThat(recorder.text()).isEqualTo("hi");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(700));
        }
    }

    @Test
    void aPeerThatSendsTooFastIsClosedIfThatIsWanted() throws Exception {
        try (WebSocketServer server = builder()
                        .limits(Limits.builder()
                                .rates(RateLimits.builder()
                                        .controlFrames(1)
                                        .excess(RateLimits.Excess.CLOSE)
                                        .build())
                                .build())
                        .start();
                RawPeer peer = RawPeer.open(server.port(), "/echo")) {
            peer.sendHex("89 80 00000000 89 80 00000000");
            assertThat(peer.readHex(4)).isEqualTo("8a008a00");
            assertThat(peer.readHex(4)).startsWith("88").endsWith("03f0");
        }
    }

    @Test
    void optionsHaveRanges() {
        WebSocketServer.Builder builder = WebSocketServer.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxConnections(0))
                .withMessage("maxConnections is 0, must be positive");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxConnectionsPerAddress(-1))
                .withMessage("maxConnectionsPerAddress is -1, must not be negative");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.retryAfter(Duration.ofMillis(999)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.watchdog(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.healthRoute("health"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.proxyProtocol("everybody"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.trustedProxies(ForwardedHeader.FORWARDED));
    }
}
