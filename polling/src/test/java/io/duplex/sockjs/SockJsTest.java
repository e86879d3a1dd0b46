package io.duplex.sockjs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordingHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SockJsTest {
    private final MemoryHost host = new MemoryHost();
    private final RecordingHandler handler = new RecordingHandler();
    private final SockJs service = SockJs.at("/echo", handshake -> handler);

    @BeforeEach
    void start() {
        service.start(host);
    }

    private MemoryExchange serve(String method, String path, String body, String... fields) {
        MemoryExchange exchange =
                new MemoryExchange(host.loop().shared(), method, "/echo" + path, body.getBytes(UTF_8), fields);
        service.serve(exchange);
        host.loop().run();
        return exchange;
    }

    private MemoryExchange xhr() {
        return serve("POST", "/000/s/xhr", "");
    }

    private MemoryExchange send(String body) {
        return serve("POST", "/999/s/xhr_send", body);
    }

    private WebSocket socket() {
        return host.sessions().get(0);
    }

    @Test
    @Covers({"SJ-FRM-2", "SJ-XHR-1", "SJ-XHR-2", "SJ-URL-3"})
    void aSessionBeginsWithItsFirstReceiver() {
        assertThat(send("[\"a\"]").status()).isEqualTo(404);
        assertThat(xhr().text()).isEqualTo("o\n");
        MemoryExchange held = xhr();
        assertThat(send("[\"a\",\"b\"]").status()).isEqualTo(204);
        assertThat(held.status()).isZero();
        socket().send("x");
        socket().send("y");
        host.loop().run();

        assertThat(handler.lines()).containsExactly("open", "text a", "text b");
        assertThat(held.text()).isEqualTo("a[\"x\",\"y\"]\n");
    }

    @Test
    @Covers("SJ-URL-4")
    void theIdOfASessionIsNotShownToItsHandler() {
        xhr();

        assertThat(socket().handshake().path()).isEqualTo("/echo");
        assertThat(socket().handshake().target()).isEqualTo("/echo");
    }

    @Test
    @Covers({"SJ-XHR-3", "SJ-XHR-4"})
    void brokenBodiesLeaveTheSession() {
        xhr();

        assertThat(send("").text()).isEqualTo("Payload expected.");
        assertThat(send("[\"x").text()).isEqualTo("Broken JSON encoding.");
        assertThat(send("[]").status()).isEqualTo(204);
        assertThat(send("[\"x\"]").status()).isEqualTo(204);
    }

    @Test
    @Covers("SJ-FRM-5")
    void aSecondReceiverIsTurnedAway() {
        xhr();
        xhr();

        assertThat(xhr().text()).isEqualTo("c[2010,\"Another connection still open\"]\n");
    }

    @Test
    @Covers({"SJ-XHS-1", "SJ-XHS-2", "SJ-FRM-8"})
    void aStreamHasFramesUntilItIsLongOrClosed() {
        MemoryExchange stream = serve("POST", "/000/s/xhr_streaming", "");
        assertThat(stream.text()).isEqualTo("h".repeat(2048) + "\no\n");
        socket().send("x");
        host.loop().run();
        assertThat(stream.text()).endsWith("o\na[\"x\"]\n");
        assertThat(stream.isEnded()).isFalse();
        socket().close(3000, "Go away!");
        host.loop().run();

        assertThat(stream.text()).endsWith("a[\"x\"]\nc[3000,\"Go away!\"]\n");
        assertThat(stream.isEnded()).isTrue();
    }

    @Test
    @Covers("SJ-FRM-6")
    void aClosedSessionSaysSoUntilItsTimeIsOver() {
        xhr();
        socket().close(3000, "Go away!");
        host.loop().run();
        assertThat(xhr().text()).isEqualTo("c[3000,\"Go away!\"]\n");
        assertThat(xhr().text()).isEqualTo("c[3000,\"Go away!\"]\n");
        host.loop().pass(Duration.ofSeconds(6));

        assertThat(service.sessions()).isZero();
        assertThat(xhr().text()).isEqualTo("o\n");
    }

    @Test
    @Covers("SJ-FRM-3")
    void aSilentReceiverGetsAHeartbeat() {
        xhr();
        MemoryExchange held = xhr();
        host.loop().pass(Duration.ofSeconds(26));

        assertThat(held.text()).isEqualTo("h\n");
    }

    @Test
    @Covers("SJ-FRM-4")
    void aSessionWithoutAReceiverEnds() {
        xhr();
        host.loop().pass(Duration.ofSeconds(6));

        assertThat(handler.lines()).last().asString().startsWith("close 1006");
        assertThat(service.sessions()).isZero();
    }

    @Test
    @Covers("SJ-FRM-4")
    void whoSendsWithoutReceivingIsGoneJustTheSame() {
        xhr();
        host.loop().pass(Duration.ofSeconds(3));
        assertThat(send("[\"a\"]").status()).isEqualTo(204);
        host.loop().pass(Duration.ofSeconds(3));

        assertThat(service.sessions()).isZero();
        assertThat(handler.lines()).contains("text a").last().asString().startsWith("close 1006");
    }

    @Test
    @Covers("SJ-FRM-7")
    void aReceiverThatIsCutEndsTheSession() {
        xhr();
        xhr().cut();
        host.loop().run();

        assertThat(service.sessions()).isZero();
        assertThat(xhr().text()).isEqualTo("o\n");
    }

    @Test
    void aBinaryMessageEndsTheSession() {
        xhr();
        MemoryExchange held = xhr();
        socket().send(ByteBuffer.allocate(1));
        host.loop().run();

        assertThat(held.text()).isEqualTo("c[1003,\"SockJS carries text only\"]\n");
    }

    @Test
    @Covers({"FB-3", "FB-6"})
    void aSessionIsItsPagesOnly() {
        assertThat(serve("GET", "/000/x/eventsource", "", "Sec-Fetch-Site", "cross-site")
                        .status())
                .isEqualTo(403);
        xhr();
        assertThat(serve("POST", "/000/s/xhr_send", "[\"a\"]", "Origin", "https://evil.example")
                        .status())
                .isEqualTo(403);
        assertThat(handler.lines()).containsExactly("open");
    }

    @Test
    @Covers({"SJ-URL-1", "SJ-URL-2", "SJ-INFO-1", "SJ-IFR-2", "SJ-WS-3"})
    void whatIsNoSessionIsAnswered() {
        assertThat(serve("GET", "", "").text()).isEqualTo("Welcome to SockJS!\n");
        assertThat(serve("GET", "/a", "").status()).isEqualTo(404);
        assertThat(serve("GET", "/info", "").text())
                .matches(
                        "\\{\"websocket\":true,\"cookie_needed\":false,\"origins\":\\[\"\\*:\\*\"\\],\"entropy\":\\d+\\}");
        String tag = serve("GET", "/iframe.html", "").field("ETag");
        assertThat(serve("GET", "/iframe.html", "", "If-None-Match", tag).status())
                .isEqualTo(304);
        assertThat(serve("GET", "/000/s/websocket", "").text()).contains("Upgrade");
        assertThat(serve("POST", "/000/s/websocket", "").field("Allow")).isEqualTo("GET");
        assertThat(serve("OPTIONS", "/000/s/xhr", "", "Origin", "https://a.example")
                        .field("Access-Control-Allow-Origin"))
                .isEqualTo("https://a.example");
        assertThat(serve("GET", "/000/s/jsonp?c=x", "").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "/info", "/iframe.html"})
    void aPageHasAHead(String path) {
        MemoryExchange got = serve("GET", path, "");
        MemoryExchange head = serve("HEAD", path, ""); // whose body the server leaves out
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.field("Content-Type")).isEqualTo(got.field("Content-Type"));
        assertThat(serve("POST", path, "").field("Allow")).endsWith("GET, HEAD");
        assertThat(serve("HEAD", "/000/s/eventsource", "").status()).isEqualTo(405);
    }

    @Test
    @Covers({"SJ-IFR-1", "SJ-CORS-1"})
    void datesHaveTwoDigitsForTheDay() { // RFC 9110 §5.6.7
        assertThat(Answers.date(ZonedDateTime.of(2027, 3, 7, 8, 9, 1, 0, ZoneOffset.UTC)))
                .isEqualTo("Sun, 07 Mar 2027 08:09:01 GMT");
        assertThat(serve("GET", "/iframe.html", "").field("Expires"))
                .matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT");
    }

    @Test
    @Covers("SJ-WS-3")
    void aWebSocketBeginsWithGet() {
        RequestHead post = new RequestHead(
                "POST",
                "/echo/000/s/websocket",
                HttpVersion.HTTP_1_1,
                HeaderFields.builder()
                        .add("Host", "server.test")
                        .add("Connection", "Upgrade")
                        .add("Upgrade", "websocket")
                        .build());
        UpgradeRequest request =
                new UpgradeRequest(post, InetSocketAddress.createUnresolved("peer.test", 443), false, List.of(), null);

        assertThat(service.upgrade(request).toCompletableFuture().join())
                .isInstanceOfSatisfying(Upgrade.Refused.class, refused -> {
                    assertThat(refused.answer().head().status()).isEqualTo(405);
                    assertThat(refused.answer().head().fields().first("Allow")).isEqualTo("GET");
                    assertThat(refused.answer().body()).isEmpty();
                });
    }

    @Test
    @Covers("SJ-CK-1")
    void theCookieIsForRequestsOfSessions() {
        SockJs sticky = SockJs.builder("/sticky", handshake -> handler)
                .withStickyCookie()
                .build();
        sticky.start(host);

        assertThat(serve(sticky, "GET", "/info").text()).contains("\"cookie_needed\":true");
        assertThat(serve(sticky, "GET", "/info").field("Set-Cookie")).isNull();
        assertThat(serve(sticky, "POST", "/000/a/xhr").field("Set-Cookie"))
                .isEqualTo("JSESSIONID=dummy; Path=/; HttpOnly");
        assertThat(serve(sticky, "POST", "/000/b/xhr_streaming", "Cookie", "a=b; JSESSIONID=abc.1")
                        .field("Set-Cookie"))
                .isEqualTo("JSESSIONID=abc.1; Path=/; HttpOnly");
        assertThat(serve(sticky, "POST", "/000/c/xhr", "Cookie", "JSESSIONID=\"x y\"")
                        .field("Set-Cookie"))
                .isEqualTo("JSESSIONID=dummy; Path=/; HttpOnly");
        assertThat(xhr().field("Set-Cookie")).isNull();
    }

    private MemoryExchange serve(SockJs sticky, String method, String path, String... fields) {
        MemoryExchange exchange =
                new MemoryExchange(host.loop().shared(), method, "/sticky" + path, new byte[0], fields);
        sticky.serve(exchange);
        host.loop().run();
        return exchange;
    }

    @Test
    void whatWasToBeSentGoesWithItsConnection() {
        xhr();
        socket().pause();
        host.loop().run();
        MemoryExchange held = send("[\"a\"]");
        assertThat(held.status()).isZero();
        held.cut();
        host.loop().run();
        MemoryExchange later = send("[\"b\"]");
        assertThat(later.status()).isZero();
        socket().resume();
        host.loop().run();
        assertThat(later.status()).isEqualTo(204);
        assertThat(handler.lines()).contains("text b").doesNotContain("text a");
    }
}
