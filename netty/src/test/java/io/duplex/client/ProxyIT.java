package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.duplex.BlockingWebSocket;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.handshake.WebSocketUri;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.duplex.transport.Certificates;
import io.duplex.transport.Echo;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connecting through proxies (RFC 6455 §4.1). */
class ProxyIT {
    private final BlockingQueue<Handshake> handshakes = new LinkedBlockingQueue<>();
    private WebSocketServer server;
    private WebSocketServer secureServer;
    private WebSocketClient client;
    private TestProxy proxy;

    @BeforeEach
    void start() throws Exception {
        server = WebSocketServer.builder().port(0).route("/", this::accept).start();
        secureServer = WebSocketServer.builder()
                .port(0)
                .tls(Certificates.chain(), Certificates.key())
                .route("/", this::accept)
                .start();
    }

    private Echo accept(Handshake handshake) {
        handshakes.add(handshake);
        return new Echo();
    }

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.close();
        }
        if (proxy != null) {
            proxy.close();
        }
        server.close();
        secureServer.close();
    }

    private WebSocketClient use(Proxy via) throws Exception {
        client = WebSocketClient.builder()
                .tls(Certificates.context())
                .timeouts(Timeouts.builder().handshake(Duration.ofMinutes(1)).build())
                .proxy(via)
                .build();
        return client;
    }

    private void assertEcho(String uri) {
        try (BlockingWebSocket socket = client.connect(uri)) {
            for (String text : List.of("hello", "x".repeat(100_000))) {
                socket.send(text);
                assertThat(socket.receive()).isEqualTo(new Message.Text(text));
            }
        }
    }

    private HandshakeException failure(String uri) {
        return catchThrowableOfType(HandshakeException.class, () -> client.connect(uri, new Recorder()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https", "socks5"})
    @Covers({"WS-4.1-C3", "WS-4.1-C5"})
    void aTunnelCarriesPlainAndSecureConnections(String kind) throws Exception {
        proxy = switch (kind) {
            case "https" -> TestProxy.https(Certificates.context());
            case "socks5" -> TestProxy.socks5("");
            default -> TestProxy.http("");
        };
        use(Proxy.parse(kind + "://localhost:" + proxy.port()));
        // Only the proxy can look this name up.
        assertEcho("ws://server.invalid:" + server.port() + "/");
        assertThat(handshakes.take().header("Host")).isEqualTo("server.invalid:" + server.port());
        assertEcho("wss://localhost:" + secureServer.port() + "/");
        assertThat(handshakes.take().isSecure()).isTrue();
        assertThat(proxy.requests()).hasSize(2);
        assertThat(proxy.requests().get(0)).contains("server.invalid:" + server.port());
    }

    @Test
    @Covers("WS-4.1-C3")
    @Tag("CVE-2026-42498")
    void anHttpProxyIsAskedForHostAndPort() throws Exception {
        proxy = TestProxy.http("");
        use(Proxy.http("127.0.0.1", proxy.port()));
        client.request("ws://[::1]:" + server.port() + "/")
                .basicAuthorization("user", "secret")
                .connect()
                .close();
        assertThat(handshakes.take().header("Authorization")).isNotNull();
        String authority = "[::1]:" + server.port();
        assertThat(proxy.requests())
                .containsExactly("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.1", "[::1],0:0:0:0:0:0:0:1", "name.invalid,name.invalid"})
    void aSocksProxyIsAskedForTheAddressOrName(String host, String asked) throws Exception {
        proxy = TestProxy.socks5("");
        use(Proxy.socks5("127.0.0.1", proxy.port()));
        assertEcho("ws://" + host + ":" + server.port() + "/");
        assertThat(proxy.requests()).containsExactly(asked + ":" + server.port());
    }

    @Test
    void aNameThatIsTooLongForSocksIsAFailureAtOnce() throws Exception {
        proxy = TestProxy.socks5("");
        use(Proxy.socks5("127.0.0.1", proxy.port()));
        assertThat(failure("ws://" + "a.".repeat(130) + "invalid/"))
                .hasMessageEndingWith("connected to 127.0.0.1:" + proxy.port()
                        + ", but the host's name is longer than SOCKS 5 can say")
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "socks5"})
    @Covers("WS-4.1-C3c")
    @Tag("CVE-2026-42498")
    void credentialsGoToTheProxyAndNotToTheServer(String kind) throws Exception {
        String credentials = "us\u00e9r:p:w";
        proxy = kind.equals("http") ? TestProxy.http(credentials) : TestProxy.socks5(credentials);
        use(Proxy.parse(kind + "://us%C3%A9r:p:w@127.0.0.1:" + proxy.port()));
        assertEcho("ws://server.invalid:" + server.port() + "/");
        assertThat(handshakes.take().header("Proxy-Authorization")).isNull();
    }

    @Test
    @Covers("WS-4.1-C4")
    void aRefusalIsReportedWithStatusHeadersAndBody() throws Exception {
        proxy = TestProxy.http("user:secret");
        use(Proxy.http("127.0.0.1", proxy.port()).credentials("user", "wrong"));
        HandshakeException failure = failure("ws://server.invalid/?token=t");
        assertThat(failure)
                .hasMessage("ws://server.invalid/: proxy http://127.0.0.1:" + proxy.port()
                        + " refused the tunnel with status 407");
        assertThat(failure.status()).isEqualTo(407);
        assertThat(failure.headers()).containsEntry("proxy-authenticate", List.of("Basic"));
        assertThat(failure.body()).asString().isEqualTo("who goes");
    }

    @Test
    @Covers("WS-4.1-C4")
    void aSocksProxySaysWhyItRefuses() throws Exception {
        proxy = TestProxy.socks5("user:secret");
        Proxy plain = Proxy.socks5("127.0.0.1", proxy.port());
        use(plain);
        assertThat(failure("ws://server.invalid:1/")).hasMessageEndingWith(proxy.port() + " wants a user and password");
        client.close();
        use(plain.credentials("user", "wrong"));
        assertThat(failure("ws://server.invalid:1/"))
                .hasMessageEndingWith(proxy.port() + " refused the user and password");
        client.close();
        use(plain.credentials("user", "secret"));
        int closedPort;
        try (ServerSocket free = new ServerSocket(0)) {
            closedPort = free.getLocalPort();
        }
        assertThat(failure("ws://server.invalid:" + closedPort + "/"))
                .hasMessageEndingWith(" refused the tunnel: connection refused by the server");
    }

    @Test
    @Covers({"WS-4.1-C3a", "WS-4.1-C3b"})
    void theChoiceGetsTheUriAndMayBeNone() throws Exception {
        proxy = TestProxy.http("");
        List<WebSocketUri> asked = new CopyOnWriteArrayList<>();
        ProxyChoice all = ProxyChoice.always(Proxy.http("127.0.0.1", proxy.port()));
        client = WebSocketClient.builder()
                .proxies(uri -> {
                    asked.add(uri);
                    return all.except("127.0.0.0/8").proxyFor(uri);
                })
                .build();
        String direct = "ws://127.0.0.1:" + server.port() + "/?q";
        String tunnelled = "ws://server.invalid:" + server.port() + "/";
        assertEcho(direct);
        assertThat(proxy.requests()).isEmpty();
        assertEcho(tunnelled);
        assertThat(proxy.requests()).hasSize(1);
        assertThat(asked).extracting(WebSocketUri::toString).containsExactly(direct, tunnelled);
    }

    @Test
    void aChoiceThatThrowsIsAFailure() throws Exception {
        client = WebSocketClient.builder()
                .proxies(uri -> {
                    throw new IllegalStateException("on purpose");
                })
                .build();
        assertThat(failure("ws://127.0.0.1:" + server.port() + "/"))
                .hasMessageEndingWith(": failed choosing the proxy")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    @Covers("WS-4.1-C4")
    void aProxyThatIsNotThereIsNamed() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            use(Proxy.http("127.0.0.1", free.getLocalPort()));
        }
        assertThat(failure("ws://server.invalid/"))
                .hasMessageContaining(": proxy http://127.0.0.1:")
                .hasMessageContaining("connection refused by 127.0.0.1:");
        client.close();
        use(Proxy.http("no-such-proxy.invalid", 1));
        assertThat(failure("ws://server.invalid/")).hasMessageEndingWith("proxy 'no-such-proxy.invalid' is unknown");
    }

    @Test
    @Covers("WS-4.1-C5a")
    void theCertificateOfAProxyIsChecked() throws Exception {
        proxy = TestProxy.https(Certificates.context());
        use(Proxy.https("127.0.0.1", proxy.port())); // it is for localhost
        assertThat(failure("ws://server.invalid/")).hasMessageContaining("TLS with proxy https://127.0.0.1:");
        assertThat(proxy.requests()).isEmpty();
    }

    /** A proxy that may say anything. */
    @Nested
    class Hostile {
        private ServerSocket listening;

        @BeforeEach
        void listen() throws Exception {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            use(Duration.ofMinutes(1)); // for proxies that do their part, however slow the machine is
        }

        private void use(Duration handshakeTimeout) {
            if (client != null) {
                client.close();
            }
            client = WebSocketClient.builder()
                    .proxy(Proxy.http("127.0.0.1", listening.getLocalPort()))
                    .maxConnecting(3)
                    .limits(Limits.builder().maxHeaderBytes(1000).build())
                    .timeouts(Timeouts.builder().handshake(handshakeTimeout).build())
                    .build();
        }

        @AfterEach
        void close() throws Exception {
            listening.close();
        }

        private HandshakeException failureAfter(String answer) throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync("ws://server.invalid/", new Recorder());
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                peer.send(answer);
                Throwable failure = Assertions.catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS));
                peer.awaitEnd();
                return (HandshakeException) failure.getCause();
            }
        }

        @Test
        @Covers("WS-POL-4")
        void anEndlessHeadIsRefused() throws Exception {
            assertThat(failureAfter("HTTP/1.1 200 X\r\nA: " + "x".repeat(1000)))
                    .hasMessageContaining(" sent an answer that breaks HTTP: ");
        }

        @Test
        void aSilentOneIsGivenUp() throws Exception {
            use(Duration.ofSeconds(2));
            assertThat(failureAfter("HTTP/1.1 2"))
                    .hasMessageContaining("timeout: still waiting for the answer of proxy http://127.0.0.1:")
                    .hasMessageEndingWith(" after 2.0 s");
        }

        @Test
        @Covers("WS-POL-4")
        void noMoreThanTheStartOfABodyIsKept() throws Exception {
            HandshakeException failure =
                    failureAfter("HTTP/1.1 502 X\r\nContent-Length: 999999\r\n\r\n" + "x".repeat(50_000));
            assertThat(failure.status()).isEqualTo(502);
            assertThat(failure.body()).hasSize(8 << 10);
        }

        @Test
        void aBodyThatDoesNotComeIsNotWaitedForLongerThanTheTimeout() throws Exception {
            use(Duration.ofSeconds(2));
            HandshakeException failure = failureAfter("HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nhalf");
            assertThat(failure.status()).isEqualTo(503);
            assertThat(failure.body()).asString().isEqualTo("half");
        }

        @Test
        void bytesBehindTheAnswerAreNotTheServers() throws Exception {
            assertThat(failureAfter("HTTP/1.1 200 X\r\n\r\nHTTP/1.1 101 X\r\n\r\n"))
                    .hasMessageContaining(" sent more than its answer");
        }

        @ParameterizedTest
        @ValueSource(ints = {101, 301, 404, 426})
        @Covers("WS-4.1-C4")
        void everyOtherStatusThan2xxIsAFailure(int status) throws Exception {
            assertThat(failureAfter("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n")
                            .status())
                    .isEqualTo(status);
        }

        @Test
        void anAnswerMayComeByteByByteBehindInterimOnesWithALengthThatMeansNothing() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync("ws://server.invalid/", new Recorder());
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                String answer = "HTTP/1.1 102 Wait\r\n\r\nHTTP/1.0 299 Fine\r\nContent-Length: 50\r\n\r\n";
                for (int i = 0; i < answer.length(); i++) {
                    peer.send(answer.substring(i, i + 1));
                }
                peer.acceptHandshake();
                connecting.get(60, TimeUnit.SECONDS);
            }
        }

        @Test
        void anEndInsteadIsAFailure() throws Exception {
            CompletableFuture<WebSocket> connecting = client.connectAsync("ws://server.invalid/", new Recorder());
            try (RawPeer peer = RawPeer.accept(listening)) {
                peer.head();
                peer.shutdownOutput();
                assertThat(Assertions.catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS)))
                        .hasMessageContaining(" closed the connection before the tunnel stood");
            }
        }

        @Test
        @Covers({"WS-4.1-C2a", "WS-4.1-C2b"})
        void eachNameIsAServerAndNotTooManyArePending() throws Exception {
            for (String name : List.of("a", "a", "b", "c", "d")) {
                client.connectAsync("ws://" + name + ".invalid/", new Recorder());
            }
            List<String> pending = new ArrayList<>();
            List<RawPeer> peers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RawPeer peer = RawPeer.accept(listening);
                peers.add(peer);
                pending.add(peer.head().split("[ .]", -1)[1]);
            }
            assertThat(pending).containsExactlyInAnyOrder("a", "b", "c");
            listening.setSoTimeout(100);
            Assertions.assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(listening::accept);
            for (RawPeer peer : peers) {
                peer.close();
            }
            for (int i = 0; i < 2; i++) {
                try (RawPeer peer = RawPeer.accept(listening)) {
                    pending.add(peer.head().split("[ .]", -1)[1]);
                }
            }
            assertThat(pending).containsExactlyInAnyOrder("a", "a", "b", "c", "d");
        }
    }
}
