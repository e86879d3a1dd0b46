package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.testkit.Covers;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Redirects, as raw servers send and see them (RFC 6455 §4.1, RFC 9110 §15.4). */
class RedirectIT {
    private ServerSocket first;
    private ServerSocket second;
    private WebSocketClient client;

    @BeforeEach
    void start() throws Exception {
        first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        second = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = WebSocketClient.builder().maxRedirects(2).build();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        first.close();
        second.close();
    }

    private String uri() {
        return "ws://127.0.0.1:" + first.getLocalPort() + "/start?a";
    }

    private CompletableFuture<WebSocket> connect() {
        return client.request(uri())
                .basicAuthorization("user", "secret")
                .header("Cookie", "session=1")
                .header("X-Api-Key", "k")
                .header("User-Agent", "test")
                .origin("https://app.example")
                .subprotocols("v1")
                .connectAsync(new Recorder());
    }

    /** Answers the next request with a redirect. Returns the request. */
    private static String redirect(ServerSocket server, int status, String location) throws Exception {
        try (RawPeer peer = RawPeer.accept(server)) {
            String request = peer.head();
            peer.send("HTTP/1.1 " + status + " X\r\nLocation: " + location + "\r\nContent-Length: 9\r\n\r\nelsewhere");
            peer.awaitEnd();
            return request;
        }
    }

    private static HandshakeException failureOf(CompletableFuture<WebSocket> connecting) {
        Throwable thrown = catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS));
        assertThat(thrown).hasCauseInstanceOf(HandshakeException.class);
        return (HandshakeException) thrown.getCause();
    }

    @Test
    void fromPlainToSecureNoEventLoopReadsTheTrustedCertificates() throws Exception {
        List<String> readers = new CopyOnWriteArrayList<>();
        Logger log = Logger.getLogger("io.duplex.transport.TlsContext");
        Handler watcher = new Handler() {
            @Override
            public void publish(LogRecord made) {
                readers.add(Thread.currentThread().getName());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        log.setLevel(Level.FINE);
        log.addHandler(watcher);
        try {
            CompletableFuture<WebSocket> connecting = connect();
            redirect(first, 302, "wss://127.0.0.1:" + second.getLocalPort() + "/");
            try (RawPeer peer = RawPeer.accept(second)) {
                assertThat(peer.read(1)).as("a TLS record").containsExactly(22);
                connecting.cancel(false);
            }
        } finally {
            log.removeHandler(watcher);
            log.setLevel(null);
        }
        assertThat(readers).singleElement().asString().startsWith("duplex-resolver");
    }

    @Test
    @Covers("WS-4.1-R1")
    void noneIsFollowedByDefault() throws Exception {
        client.close();
        client = WebSocketClient.create();
        CompletableFuture<WebSocket> connecting = connect();
        redirect(first, 302, "/next");
        HandshakeException failure = failureOf(connecting);
        assertThat(failure.status()).isEqualTo(302);
        assertThat(failure.headers()).containsEntry("location", List.of("/next"));
        assertThat(failure.body()).asString().isEqualTo("elsewhere");
    }

    @Test
    @Covers("WS-4.1-R1")
    void noneIsFollowedByARequestThatWantsNone() throws Exception {
        CompletableFuture<WebSocket> connecting =
                client.request(uri()).withoutRedirects().connectAsync(new Recorder());
        redirect(first, 302, "/next");
        HandshakeException failure = failureOf(connecting);
        assertThat(failure.status()).isEqualTo(302);
        assertThat(failure.headers()).containsEntry("location", List.of("/next"));
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    @Covers("WS-4.1-R1")
    void theSameOriginGetsAllThatTheFirstGot(int status) throws Exception {
        CompletableFuture<WebSocket> connecting = connect();
        String before = redirect(first, status, "/next?b#fragment");
        try (RawPeer peer = RawPeer.accept(first)) {
            String after = peer.acceptHandshake();
            assertThat(after).startsWith("GET /next?b HTTP/1.1\r\n");
            assertThat(withoutKey(after)).isEqualTo(withoutKey(before).replace("/start?a", "/next?b"));
            assertThat(after).isNotEqualTo(before.replace("/start?a", "/next?b")); // the key is new
            connecting.get(60, TimeUnit.SECONDS);
        }
    }

    private static String withoutKey(String request) {
        return request.replaceAll("Sec-WebSocket-Key: [^\r]*", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws", "http", "HTTP"})
    @Tag("CVE-2026-42498")
    void anotherOriginGetsNoCredentials(String scheme) throws Exception {
        CompletableFuture<WebSocket> connecting = connect();
        redirect(first, 307, scheme + "://127.0.0.1:" + second.getLocalPort() + "/there");
        try (RawPeer peer = RawPeer.accept(second)) {
            assertThat(peer.acceptHandshake())
                    .startsWith("GET /there HTTP/1.1\r\nHost: 127.0.0.1:" + second.getLocalPort() + "\r\n")
                    .contains("\r\nUser-Agent: test\r\n", "\r\nOrigin: null\r\n", "\r\nSec-WebSocket-Protocol: v1\r\n")
                    .doesNotContain("Authorization", "Cookie", "X-Api-Key", "secret", "app.example");
            connecting.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void credentialsDoNotComeBackWithTheWayBack() throws Exception {
        CompletableFuture<WebSocket> connecting = connect();
        redirect(first, 307, "ws://127.0.0.1:" + second.getLocalPort() + "/there");
        redirect(second, 307, "ws://127.0.0.1:" + first.getLocalPort() + "/back");
        try (RawPeer peer = RawPeer.accept(first)) {
            assertThat(peer.acceptHandshake()).doesNotContain("Authorization", "Cookie", "X-Api-Key");
            connecting.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void noMoreAreFollowedThanAllowed() throws Exception {
        CompletableFuture<WebSocket> connecting = connect();
        for (int i = 0; i < 3; i++) {
            redirect(first, 302, "/again");
        }
        HandshakeException failure = failureOf(connecting);
        assertThat(failure.status()).isEqualTo(302);
        assertThat(failure).hasMessageEndingWith("/again: server redirects once more after 2 redirects");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x/", "//", "javascript:alert(1)", "ws://user:pw@127.0.0.1/", "ws://\u00e4[/", "%zz"})
    @Tag("CVE-2020-35678")
    void whatIsNoUriToConnectToIsAFailure(String location) throws Exception {
        CompletableFuture<WebSocket> connecting = connect();
        redirect(first, 302, location);
        HandshakeException failure = failureOf(connecting);
        assertThat(failure.status()).isEqualTo(302);
        assertThat(failure).hasMessageContaining("server's redirect cannot be followed: ");
        assertThat(failure.getMessage()).doesNotContain("pw@");
    }

    @Test
    void aRedirectWithoutALocationAndOtherStatusesAreRefusals() throws Exception {
        CompletableFuture<WebSocket> connecting = connect();
        try (RawPeer peer = RawPeer.accept(first)) {
            peer.head();
            peer.send("HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n");
            assertThat(failureOf(connecting)).hasMessageEndingWith("server answered with status 302, not 101");
        }
        connecting = connect();
        redirect(first, 300, "/next");
        assertThat(failureOf(connecting).status()).isEqualTo(300);
    }
}
