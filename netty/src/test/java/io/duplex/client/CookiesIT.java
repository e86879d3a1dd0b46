package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.duplex.HandshakeException;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import io.duplex.testkit.Covers;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cookies and credentials in requests (RFC 6455 §4.1). */
class CookiesIT {
    private final CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
    private ServerSocket listening;
    private WebSocketClient client;

    @BeforeEach
    void start() throws Exception {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = WebSocketClient.builder().cookies(cookies).maxRedirects(1).build();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        listening.close();
    }

    private String uri() {
        return "ws://127.0.0.1:" + listening.getLocalPort() + "/a/b";
    }

    private void add(String name, String value) {
        HttpCookie cookie = new HttpCookie(name, value);
        cookie.setVersion(0);
        cookie.setPath("/");
        cookie.setHttpOnly(true);
        cookies.getCookieStore().add(URI.create(uri().replace("ws:", "http:")), cookie);
    }

    @Test
    @Covers("WS-4.1-Q12")
    void thoseOfTheServerAreSentInOneFieldBehindTheRequestsOwn() throws Exception {
        add("a", "1");
        add("b", "2");
        CompletableFuture<WebSocket> connecting =
                client.request(uri()).header("cookie", "own=0").connectAsync(new Recorder());
        try (RawPeer peer = RawPeer.accept(listening)) {
            assertThat(peer.acceptHandshake())
                    .containsPattern("\r\nCookie: own=0; (a=1; b=2|b=2; a=1)\r\n")
                    .doesNotContain("\r\ncookie:");
            connecting.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void anotherHostsAreNot() throws Exception {
        cookies.getCookieStore().add(URI.create("http://other.test/"), new HttpCookie("a", "1"));
        CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), new Recorder());
        try (RawPeer peer = RawPeer.accept(listening)) {
            assertThat(peer.acceptHandshake()).doesNotContain("Cookie");
            connecting.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void thoseThatAnAnswerSetsAreKeptAndSentToTheNextRedirectToo() throws Exception {
        CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), new Recorder());
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            peer.send("HTTP/1.1 302 X\r\nLocation: /a/c\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\n\r\n");
            try (RawPeer again = RawPeer.accept(listening)) {
                assertThat(again.acceptHandshake("Set-Cookie: c=3"))
                        .containsPattern("\r\nCookie: (a=1; b=2|b=2; a=1)\r\n");
                connecting.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(cookies.getCookieStore().getCookies())
                .extracting(HttpCookie::getName)
                .contains("a", "b", "c");
        assertThat(new Cookies(cookies)
                        .addTo(HeaderFields.EMPTY, WebSocketUri.parse(uri()))
                        .size())
                .isEqualTo(1);
    }

    @Test
    void aHandlerThatFailsIsAFailure() throws Exception {
        client.close();
        client = WebSocketClient.builder()
                .cookies(new CookieHandler() {
                    @Override
                    public Map<String, List<String>> get(URI uri, Map<String, List<String>> requestHeaders)
                            throws IOException {
                        if (uri.getPath().equals("/unreadable")) {
                            throw new IOException("on purpose");
                        }
                        return Map.of();
                    }

                    @Override
                    public void put(URI uri, Map<String, List<String>> responseHeaders) throws IOException {
                        throw new IOException("on purpose");
                    }
                })
                .build();
        CompletableFuture<WebSocket> connecting = client.connectAsync(uri(), new Recorder());
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.acceptHandshake("Set-Cookie: a=1");
            assertThat(catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS)))
                    .hasCauseInstanceOf(HandshakeException.class)
                    .hasMessageContaining("keeping the cookies failed");
        }
        assertThatExceptionOfType(WebSocketException.class)
                .isThrownBy(() -> client.connectAsync(uri().replace("/a/b", "/unreadable"), new Recorder()))
                .withMessage("the cookies cannot be read: on purpose");
    }

    @Test
    @Covers("WS-4.1-Q12")
    void credentialsAreSentAsHttpHasThem() throws Exception {
        CompletableFuture<WebSocket> connecting =
                client.request(uri()).basicAuthorization("Al", "p:\u00e9").connectAsync(new Recorder());
        try (RawPeer peer = RawPeer.accept(listening)) {
            assertThat(peer.acceptHandshake()).contains("\r\nAuthorization: Basic QWw6cDrDqQ==\r\n");
            connecting.get(60, TimeUnit.SECONDS);
        }
    }
}
