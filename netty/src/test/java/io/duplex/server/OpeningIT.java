package io.duplex.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Covers;
import io.duplex.transport.Echo;
import io.duplex.transport.IoKinds;
import io.duplex.transport.RawPeer;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The opening handshake of the server, and ordinary HTTP beside it, as a raw socket sees it (RFC 6455 §4.2). */
@ParameterizedClass(name = "{0}")
@MethodSource("kinds")
class OpeningIT {
    private static final String PAGE = "<p>hello</p>";
    /** For peers that do their part, however slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    @Parameter
    String io;

    @SuppressWarnings("NullAway") // as by an application that is not checked
    private static final HttpResponse NO_ANSWER = null;

    private WebSocketServer server;

    static Iterable<String> kinds() {
        return IoKinds.available();
    }

    @BeforeEach
    void start() {
        start(LONG);
    }

    private void start(Duration handshakeTimeout) {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(Limits.builder().maxHeaderBytes(4096).build())
                .timeouts(Timeouts.builder()
                        .handshake(handshakeTimeout)
                        .close(LONG)
                        .build())
                .subprotocols("v2", "v1")
                .route("/echo", handshake -> new Echo())
                .route("/room/{name}", OpeningIT::greeter)
                .route("/members", handshake -> {
                    throw new HandshakeException(401, "who are you?");
                })
                .route("/behind", handshake -> {
                    throw new HandshakeException("the server behind is down", null);
                })
                .route("/broken", handshake -> {
                    throw new IllegalStateException("on purpose");
                })
                .httpRoute("/", request -> HttpResponse.of(200, "text/html", PAGE.getBytes(UTF_8)))
                .route("/both", handshake -> new Echo())
                .httpRoute("/both", request -> HttpResponse.text(200, "plain"))
                .httpRoute("/fault", request -> {
                    throw new IllegalStateException("on purpose");
                })
                .httpRoute("/error", request -> {
                    throw new AssertionError("on purpose");
                })
                .httpRoute("/nothing", request -> NO_ANSWER)
                .start();
    }

    private static WebSocketHandler greeter(Handshake handshake) {
        return new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.send(handshake.pathParameter("name") + "," + handshake.query() + "," + handshake.subprotocol());
            }
        };
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(Duration handshakeTimeout) {
        server.close();
        start(handshakeTimeout);
    }

    private String answerTo(String request) throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(request);
            peer.shutdownOutput(); // an ordinary answer does not end the connection
            return peer.readAll();
        }
    }

    @Test
    @Covers({"WS-4.2.2-5.1", "WS-4.2.2-5.2", "WS-4.2.2-5.3", "WS-4.2.2-5.4"})
    void aGoodRequestIsAccepted() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/echo"));
            assertThat(peer.head())
                    .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + RawPeer.ACCEPT + "\r\n\r\n");
        }
    }

    @Test
    void answersThatAreNoUpgradeHaveADateAndARefusalOf401AChallenge() throws Exception {
        for (String request :
                new String[] {RawPeer.request("/nothing-here"), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
            assertThat(answerTo(request))
                    .containsPattern("\r\n[Dd]ate: \\w{3}, \\d\\d \\w{3} \\d{4} [0-9:]{8} GMT\r\n");
        }
        assertThat(answerTo(RawPeer.request("/members"))).contains("\r\nWWW-Authenticate: Bearer\r\n");
    }

    @Test
    void aPageOfANameThatWasMadeToPointHereIsNotServed() throws Exception {
        String request = RawPeer.request("/echo", "Origin: http://rebound.example")
                .replace("Host: localhost", "Host: rebound.example");
        assertThat(answerTo(request)).startsWith("HTTP/1.1 421 Misdirected Request\r\n");
        try (WebSocketServer named = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .hosts("rebound.example")
                        .route("/echo", handshake -> new Echo())
                        .start();
                RawPeer peer = RawPeer.connect(named.port())) {
            peer.send(request);
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void anOrdinaryRequestHasAValidHostOrAnEmptyOne() throws Exception {
        assertThat(answerTo("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(answerTo("GET / HTTP/1.1\r\nHost: a/b:x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(answerTo("GET / HTTP/1.1\r\nHost:\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void anUpgradeThatIsNoneIsAnOrdinaryRequest() throws Exception {
        String upgrade = "Host: localhost\r\nUpgrade: websocket\r\n\r\n";
        assertThat(answerTo("GET / HTTP/1.1\r\n" + upgrade)).startsWith("HTTP/1.1 200 ");
        assertThat(answerTo("GET / HTTP/1.0\r\n" + upgrade)).startsWith("HTTP/1.1 200 ");
        assertThat(answerTo("GET /both HTTP/1.0\r\n" + upgrade))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("plain");
        RawPeer.open(server.port(), "/both").close();
    }

    @Test
    void pathParametersQueryAndSubprotocolReachTheHandler() throws Exception {
        try (RawPeer peer =
                RawPeer.open(server.port(), "/room/a%20b%C3%BC?x=1", "Sec-WebSocket-Protocol: v0, v1, v2")) {
            String expected = "a bü,x=1,v2";
            byte[] text = peer.read(2 + expected.getBytes(UTF_8).length);
            assertThat(new String(text, 2, text.length - 2, UTF_8)).isEqualTo(expected);
        }
    }

    @Test
    void framesInTheSegmentOfTheHandshakeAreNotLost() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            byte[] request = RawPeer.request("/echo").getBytes(UTF_8);
            byte[] all = Arrays.copyOf(request, request.length + 8);
            System.arraycopy(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'}, 0, all, request.length, 8);
            peer.send(all);
            peer.head();
            assertThat(peer.readHex(4)).isEqualTo("81026869");
        }
    }

    @Test
    void aHandshakeMayComeByteByByteWithFramesBehindIt() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            for (byte b : RawPeer.request("/echo").getBytes(UTF_8)) {
                peer.send(new byte[] {b});
            }
            peer.sendHex("81 82 00000000 68");
            peer.sendHex("69");
            peer.head();
            assertThat(peer.readHex(4)).isEqualTo("81026869");
        }
    }

    @Test
    @Covers("WS-POL-1")
    void anUnfinishedHandshakeIsAnsweredWith408() throws Exception {
        restart(Duration.ofSeconds(1));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("GET /echo HTTP/1.1\r\nHost: ");
            assertThat(peer.readAll()).startsWith("HTTP/1.1 408 ");
        }
    }

    @Test
    @Covers({"WS-POL-1", "WS-7.2.2-1"})
    void aSilentConnectionIsCut() throws Exception {
        restart(Duration.ofMillis(300));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.awaitReset();
        }
    }

    @Test
    @Covers("WS-POL-2")
    void tooLongRequestLinesAndHeadsAreRefused() throws Exception {
        assertThat(answerTo("GET /" + "a".repeat(5000) + " HTTP/1.1\r\n")).startsWith("HTTP/1.1 414 ");
        assertThat(answerTo(RawPeer.request("/echo", "X-Long: " + "a".repeat(5000))))
                .startsWith("HTTP/1.1 431 ");
        String many = "A: b\r\n".repeat(150);
        assertThat(answerTo("GET /echo HTTP/1.1\r\n" + many + "\r\n")).startsWith("HTTP/1.1 431 ");
    }

    @Test
    @Covers({"WS-4.2.2-4e", "WS-10.7-4"})
    void anUnknownPathIsAnsweredWith404() throws Exception {
        assertThat(answerTo(RawPeer.request("/nowhere"))).startsWith("HTTP/1.1 404 ");
        assertThat(answerTo("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    @Covers("WS-POL-8")
    void anOrdinaryRequestForAnEndpointIsAnsweredWith426() throws Exception {
        assertThat(answerTo("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 426 ")
                .contains("Upgrade: websocket\r\n");
    }

    @Test
    @Covers("WS-4.2.2-4c")
    void anotherVersionIsAnsweredWith426AndOurVersion() throws Exception {
        assertThat(answerTo(RawPeer.request("/echo").replace("Version: 13", "Version: 8")))
                .startsWith("HTTP/1.1 426 ")
                .contains("Sec-WebSocket-Version: 13\r\n");
    }

    @Test
    @Covers({"WS-10.2-2", "WS-4.2.2-4b"})
    void aForeignOriginIsAnsweredWith403() throws Exception {
        assertThat(answerTo(RawPeer.request("/echo", "Origin: https://evil.example")))
                .startsWith("HTTP/1.1 403 ");
    }

    @Test
    @Covers("WS-4.2.1-1")
    void anotherMethodIsAnsweredWith405() throws Exception {
        assertThat(answerTo(RawPeer.request("/echo").replace("GET", "PUT")))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET\r\n");
    }

    @ParameterizedTest
    @Covers({"WS-4.2.1-0", "WS-POL-5"})
    @ValueSource(
            strings = {
                "Host: two.example",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Content-Length: 5",
                "Transfer-Encoding: chunked",
                " folded"
            })
    void aBadRequestIsAnsweredWith400(String extraField) throws Exception {
        assertThat(answerTo(RawPeer.request("/echo", extraField))).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void garbageIsAnsweredWith400() throws Exception {
        assertThat(answerTo("\u0016\u0003\u0001\u0000garbage\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    @Covers("WS-4.2.2-2")
    void aHandlerMayRefuseWithItsStatus() throws Exception {
        assertThat(answerTo(RawPeer.request("/members")))
                .startsWith("HTTP/1.1 401 ")
                .endsWith("who are you?");
    }

    @Test
    void anHttpHandlerThatGivesNoAnswerIsAnsweredFor() throws Exception {
        for (String path : List.of("/fault", "/error", "/nothing")) {
            assertThat(answerTo("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    .as(path)
                    .startsWith("HTTP/1.1 500 ")
                    .endsWith("internal error");
        }
    }

    @Test
    void aHandlerThatFailsWithoutAStatusIsAnsweredWith500() throws Exception {
        assertThat(answerTo(RawPeer.request("/behind")))
                .startsWith("HTTP/1.1 500 ")
                .doesNotContain("behind");
    }

    @Test
    void aHandlerThatCannotBeMadeIsAnsweredWith500WithoutSecrets() throws Exception {
        assertThat(answerTo(RawPeer.request("/broken")))
                .startsWith("HTTP/1.1 500 ")
                .doesNotContain("on purpose");
    }

    @Test
    void ordinaryRequestsAreAnsweredBesideTheRoutes() throws Exception {
        String answer = answerTo("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n" + PAGE);
        assertThat(answer.toLowerCase(Locale.ROOT))
                .contains("content-type: text/html\r\n", "content-length: 12\r\n", "connection: close\r\n");
    }

    @Test
    void headIsAnsweredWithoutBody() throws Exception {
        String answer = answerTo("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
        assertThat(answer.toLowerCase(Locale.ROOT)).contains("content-length: 12\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Upgrade: websocket\r\nConnection: Upgrade\r\n"})
    void aRefusalOfHeadHasNoBody(String fields) throws Exception {
        assertThat(answerTo("HEAD /echo HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n"))
                .startsWith("HTTP/1.1 4")
                .contains("Content-Length: ")
                .endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: one.example\r\nHost: two.example\r\n"})
    void anOrdinaryRequestNeedsExactlyOneHost(String fields) throws Exception {
        assertThat(answerTo("GET / HTTP/1.1\r\n" + fields + "\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void anOrdinaryRequestOfHttp10NeedsNoHost() throws Exception {
        assertThat(answerTo("GET / HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void ordinaryRequestsMayComeInPieces() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            for (byte b : "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8)) {
                peer.send(new byte[] {b});
            }
            peer.shutdownOutput();
            assertThat(peer.readAll()).endsWith(PAGE);
        }
    }

    @Test
    void anOrdinaryAnswerThatFailsIsA500() throws Exception {
        assertThat(answerTo("GET /fault HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 500 ")
                .doesNotContain("on purpose");
    }

    @Test
    void otherMethodsThanGetAndHeadAreRefusedOnOrdinaryPaths() throws Exception {
        assertThat(answerTo("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void anOrdinaryRequestWhoseBodyNeverComesIsCut() throws Exception {
        restart(Duration.ofSeconds(1));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhi");
            assertThat(peer.readAll()).isEmpty();
        }
    }

    @Test
    void anOrdinaryRequestWhoseBodyDripsIsCut() throws Exception {
        restart(Duration.ofSeconds(1));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n");
            int drops = 0;
            while (drops < 200 && peer.isSilentFor(50)) {
                peer.send("x");
                drops++;
            }
            assertThat(drops).isBetween(1, 100);
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching(".*(reset|pipe).*"); // a drop met the end
        }
    }

    @Test
    void theBodyOfAnOrdinaryRequestHoldsNoMoreThanItsBytes() throws Exception {
        long before = activeBytes();
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n");
            for (int i = 0; i < 40 && peer.isSilentFor(5); i++) {
                peer.send("x");
            }
            assertThat(activeBytes() - before).isLessThan(4 << 20);
        }
    }

    private static long activeBytes() {
        return PooledByteBufAllocator.DEFAULT.metric().directArenas().stream()
                .mapToLong(PoolArenaMetric::numActiveBytes)
                .sum();
    }

    @Test
    void aPeerThatHangsUpDuringTheHandshakeIsLetGo() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("GET /echo HTTP/1.1\r\n");
            peer.shutdownOutput();
            peer.awaitEof();
        }
    }
}
