package io.duplex.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.ResponseStream;
import io.duplex.handshake.HeaderFields;
import io.duplex.transport.IoKinds;
import io.duplex.transport.RawPeer;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ordinary requests to services: what reaches them, and how what they answer reaches the peer (RFC 9110, RFC 9112). */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.server.OpeningIT#kinds")
@Timeout(180)
class HttpDoorIT {
    private static final HeaderFields TEXT =
            HeaderFields.builder().add("Content-Type", "text/plain").build();

    /** For peers that do their part, however slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    @Parameter
    String io;

    private final BlockingQueue<HttpExchange> exchanges = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private WebSocketServer server;

    static Iterable<String> kinds() {
        return IoKinds.available();
    }

    @BeforeEach
    void start() {
        start(LONG, LONG);
    }

    private void start(Duration handshakeTimeout, Duration closeTimeout) {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .threads(1)
                .limits(Limits.builder().maxMessageBytes(1000).build())
                .timeouts(Timeouts.builder()
                        .handshake(handshakeTimeout)
                        .close(closeTimeout)
                        .build())
                .service("/held", exchanges::add)
                .service("/echo", HttpDoorIT::echo)
                .service("/tree/**", answer("tree"))
                .service("/tree/leaf", answer("leaf"))
                .service("/tree/{x}/leaf", answer("parameter"))
                .httpRoute("/tree/page", request -> HttpResponse.text(200, "page"))
                .service("/broken", exchange -> {
                    throw new IllegalStateException("on purpose");
                })
                .service("/half", exchange -> {
                    write(exchange.stream(200, TEXT), "half");
                    throw new IllegalStateException("on purpose");
                })
                .start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(Duration handshakeTimeout, Duration closeTimeout) {
        server.close();
        start(handshakeTimeout, closeTimeout);
    }

    private static HttpService answer(String text) {
        return exchange -> exchange.respond(200, TEXT, bytes(text));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static void write(ResponseStream stream, String text) {
        stream.write(bytes(text));
    }

    private static void echo(HttpExchange exchange) {
        String seen =
                exchange.head().method() + " " + exchange.head().target() + " " + ISO_8859_1.decode(exchange.body());
        exchange.respond(200, TEXT, bytes(seen));
    }

    private HttpPeer connect() throws Exception {
        return HttpPeer.connect(server.port());
    }

    private HttpExchange nextExchange() throws Exception {
        HttpExchange exchange = exchanges.poll(60, TimeUnit.SECONDS);
        assertThat(exchange).isNotNull();
        return exchange;
    }

    private void await(String event) throws Exception {
        assertThat(events.poll(60, TimeUnit.SECONDS)).isEqualTo(event);
    }

    @Test
    void methodTargetAndBodyReachTheService() throws Exception {
        try (HttpPeer peer = connect()) {
            assertThat(peer.get("/echo?x=1").body()).isEqualTo("GET /echo?x=1 ");
            assertThat(peer.send(HttpPeer.post("/echo", "hello")).read().body()).isEqualTo("POST /echo hello");
            assertThat(peer.send(HttpPeer.request("OPTIONS", "/echo")).read().body())
                    .isEqualTo("OPTIONS /echo ");
            String chunked = HttpPeer.request("PUT", "/echo", "Transfer-Encoding: chunked")
                    + "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nA: b\r\n\r\n";
            assertThat(peer.send(chunked).read().body()).isEqualTo("PUT /echo hello");
            for (char c : (chunked + HttpPeer.post("/echo", "again")).toCharArray()) {
                peer.send(String.valueOf(c));
            }
            assertThat(peer.read().body()).isEqualTo("PUT /echo hello");
            assertThat(peer.read().body()).isEqualTo("POST /echo again");
        }
    }

    @Test
    void theMostExactPathGoesFirst() throws Exception {
        try (HttpPeer peer = connect()) {
            assertThat(peer.get("/tree").body()).isEqualTo("tree");
            assertThat(peer.get("/tree/").body()).isEqualTo("tree");
            assertThat(peer.get("/tree/a/b?c").body()).isEqualTo("tree");
            assertThat(peer.get("/tree/leaf").body()).isEqualTo("leaf");
            assertThat(peer.get("/tree/a/leaf").body()).isEqualTo("parameter");
            assertThat(peer.get("/tree/page").body()).isEqualTo("page");
            assertThat(peer.get("/trees").status()).isEqualTo(404);
        }
        WebSocketServer.Builder builder = WebSocketServer.builder().service("/a/**", answer("a"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.service("/a/**", answer("b")));
        builder.service("/b", answer("b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.httpRoute("/b", request -> HttpResponse.text(200, "b")));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.service("a", answer("b")));
    }

    @Test
    void anAnswerMayTakeItsTimeAndComeFromAnyThread() throws Exception {
        restart(Duration.ofSeconds(1), LONG);
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            assertThat(peer.raw().isSilentFor(1500))
                    .as("however long, though it is short of a handshake's time")
                    .isTrue();
            CountDownLatch written = new CountDownLatch(1);
            ByteBuffer body = bytes("late");
            exchange.respond(200, TEXT, body, written::countDown);
            body.put(0, (byte) 'x'); // was copied
            assertThat(peer.read().body()).isEqualTo("late");
            assertThat(written.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(exchange.isClosed()).isFalse();
            assertThatIllegalStateException().isThrownBy(() -> exchange.respond(200, TEXT, bytes("twice")));
            assertThatIllegalStateException().isThrownBy(() -> exchange.stream(200, TEXT));
            assertThat(peer.get("/echo").status()).isEqualTo(200);
        }
    }

    @Test
    void aStatusIsChecked() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            assertThatIllegalArgumentException().isThrownBy(() -> exchange.respond(100, TEXT, bytes("")));
            assertThatIllegalArgumentException().isThrownBy(() -> exchange.stream(600, TEXT));
            exchange.respond(599, TEXT, bytes("odd"));
            assertThat(peer.read().status()).isEqualTo(599);
        }
    }

    @Test
    void aStreamLeavesAsItIsWritten() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            ResponseStream stream = exchange.stream(200, TEXT);
            HttpPeer.Answer head = peer.readHead();
            assertThat(head.has("transfer-encoding: chunked")).isTrue();
            assertThat(head.has("content-type: text/plain")).isTrue();
            write(stream, "one");
            assertThat(peer.chunk()).isEqualTo("one");
            write(stream, "");
            exchange.loop().execute(() -> write(stream, "two"));
            assertThat(peer.chunk()).isEqualTo("two");
            CountDownLatch flushed = new CountDownLatch(1);
            stream.whenFlushed(flushed::countDown);
            assertThat(flushed.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(stream.pendingBytes()).isZero();
            stream.end();
            stream.end();
            write(stream, "dropped");
            assertThat(peer.chunk()).isEmpty();
            assertThat(peer.get("/echo").status()).as("on the same connection").isEqualTo(200);
        }
    }

    @Test
    void whatSeveralThreadsWriteKeepsTheOrderOfTheCalls() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            CompletableFuture<Void> done = new CompletableFuture<>();
            exchange.loop().execute(() -> {
                ResponseStream stream = exchange.stream(200, TEXT);
                StringBuilder expected = new StringBuilder();
                for (int i = 0; i < 100; i++) {
                    String text = i + ",";
                    if (i % 3 == 0) {
                        CompletableFuture.runAsync(() -> write(stream, text)).join();
                    } else {
                        write(stream, text);
                    }
                    expected.append(text);
                }
                events.add(expected.toString());
                stream.end();
                done.complete(null);
            });
            String body = peer.read().body();
            done.get(60, TimeUnit.SECONDS);
            await(body);
        }
    }

    @Test
    void whatIsPendingIsToldAndASlowPeerIsCut() throws Exception {
        restart(Duration.ofSeconds(1), Duration.ofSeconds(2));
        try (RawPeer peer = RawPeer.connectSlow(server.port())) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            exchange.whenClosed(() -> events.add("closed"));
            ResponseStream stream = exchange.stream(200, TEXT);
            stream.write(ByteBuffer.allocate(16 << 20));
            stream.whenFlushed(() -> events.add("flushed"));
            assertThat(stream.pendingBytes()).isPositive();
            await("closed");
            assertThat(exchange.isClosed()).isTrue();
            assertThat(stream.pendingBytes()).isZero();
            write(stream, "dropped");
            stream.end();
            exchange.whenClosed(() -> events.add("at once"));
            await("at once");
            assertThat(events).isEmpty();
        }
    }

    @Test
    void aPeerThatReadsSlowlyGetsABigAnswerWhole() throws Exception {
        restart(Duration.ofSeconds(2), LONG);
        try (RawPeer peer = RawPeer.connectSlow(server.port())) {
            peer.send(HttpPeer.request("GET", "/held", "Connection: close"));
            CountDownLatch written = new CountDownLatch(1);
            nextExchange().respond(200, TEXT, ByteBuffer.allocate(8 << 20), written::countDown);
            peer.head();
            for (int i = 0; i < 8; i++) {
                peer.read(1 << 19);
                assertThat(new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS))
                        .isFalse();
            }
            peer.read(4 << 20);
            peer.awaitEof();
            assertThat(written.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoLeavesIsNoticed(boolean byReset) throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            exchange.whenClosed(() -> events.add("replaced"));
            exchange.whenClosed(() -> events.add("closed"));
            if (byReset) {
                peer.raw().reset();
            } else {
                peer.raw().hangUp();
            }
            await("closed");
            assertThat(exchange.isClosed()).isTrue();
            exchange.respond(200, TEXT, bytes("nobody"), () -> events.add("written"));
            exchange.whenClosed(() -> events.add("at once"));
            await("at once");
            assertThat(events).isEmpty();
        }
    }

    @Test
    void afterAnAnswerNobodyIsToldOfTheEnd() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            HttpExchange exchange = nextExchange();
            exchange.whenClosed(() -> events.add("closed"));
            exchange.respond(200, TEXT, bytes(""), () -> events.add("written"));
            await("written");
            peer.read();
        }
        try (HttpPeer next = connect()) {
            assertThat(next.get("/echo").status()).isEqualTo(200);
        }
        assertThat(events).isEmpty();
    }

    @Test
    void headHasTheLengthAndNoBody() throws Exception {
        try (HttpPeer peer = connect()) {
            HttpPeer.Answer head = peer.send(HttpPeer.request("HEAD", "/tree")).readHead();
            assertThat(head.has("content-length: 4")).isTrue();
            peer.send(HttpPeer.request("HEAD", "/held"));
            ResponseStream stream = nextExchange().stream(200, TEXT);
            write(stream, "nothing");
            stream.end();
            assertThat(peer.readHead().status()).isEqualTo(200);
            assertThat(peer.get("/tree").body()).isEqualTo("tree");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 205, 304})
    void someStatusesHaveNoBody(int status) throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held") + HttpPeer.request("GET", "/held"));
            nextExchange().respond(status, HeaderFields.EMPTY, bytes("no body"));
            HttpPeer.Answer answer = peer.readHead();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.head().contains("content-length")).isEqualTo(status != 204);
            ResponseStream stream = nextExchange().stream(status, HeaderFields.EMPTY);
            write(stream, "no body");
            stream.end();
            assertThat(peer.readHead().head()).doesNotContain("transfer-encoding");
            assertThat(peer.get("/tree").body()).isEqualTo("tree");
        }
    }

    @Test
    void framingIsTheServers() throws Exception {
        HeaderFields fields = HeaderFields.builder()
                .add("Content-Length", "999")
                .add("transfer-encoding", "chunked")
                .add("Connection", "upgrade")
                .add("X-Kept", "yes")
                .build();
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("GET", "/held"));
            nextExchange().respond(200, fields, bytes("four"));
            HttpPeer.Answer answer = peer.read();
            assertThat(answer.head())
                    .contains("\r\nx-kept: yes\r\n", "\r\ndate: ", "\r\ncontent-length: 4\r\n")
                    .doesNotContain("999", "chunked", "connection");
        }
    }

    @Test
    void http10IsAnsweredAndClosed() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("GET /tree HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
            assertThat(peer.readAll())
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\r\nConnection: close\r\n")
                    .endsWith("tree");
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("GET /held HTTP/1.0\r\n\r\n");
            ResponseStream stream = nextExchange().stream(200, TEXT);
            write(stream, "one,");
            write(stream, "two");
            stream.end();
            assertThat(peer.readAll()).doesNotContain("chunked").endsWith("\r\n\r\none,two");
        }
    }

    @Test
    void aServiceThatThrowsIsAnsweredForOrCutIfItHadBegun() throws Exception {
        try (HttpPeer peer = connect()) {
            HttpPeer.Answer answer = peer.get("/broken");
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.body()).isEqualTo("internal error");
            assertThat(peer.get("/echo").status()).isEqualTo(200);
            peer.send(HttpPeer.request("GET", "/half"));
            peer.raw().awaitEnd();
        }
    }

    @Test
    void aBodyBeyondTheLimitIsRefusedAtOnce() throws Exception {
        int limit = 1 << 20;
        try (HttpPeer peer = connect()) {
            String most = "x".repeat(limit);
            assertThat(peer.send(HttpPeer.post("/echo", most)).read().body()).endsWith(most);
            peer.send(HttpPeer.request("POST", "/echo", "Content-Length: " + (limit + 1)));
            HttpPeer.Answer answer = peer.read();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.has("connection: close")).isTrue();
            peer.raw().awaitEof();
        }
        try (HttpPeer peer = connect()) {
            String chunk = Integer.toHexString(limit) + "\r\n" + "x".repeat(limit) + "\r\n";
            peer.send(HttpPeer.request("POST", "/echo", "Transfer-Encoding: chunked") + chunk + "1\r\n");
            assertThat(peer.read().status()).isEqualTo(413);
        }
    }

    @Test
    void whoAsksFirstIsToldToGoOn() throws Exception {
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("POST", "/echo", "Content-Length: 5", "Expect: 100-Continue"));
            assertThat(peer.readHead().status()).isEqualTo(100);
            assertThat(peer.send("hello").read().body()).isEqualTo("POST /echo hello");
            peer.send(HttpPeer.request("POST", "/echo", "Content-Length: 9999999", "Expect: 100-continue"));
            assertThat(peer.read().status()).isEqualTo(413);
        }
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("POST", "/echo", "Content-Length: 5", "Expect: a-miracle"));
            assertThat(peer.read().status()).isEqualTo(417);
        }
    }

    @Test
    void slowRequestsAreCutHoweverTheyDrip() throws Exception {
        restart(Duration.ofSeconds(1), LONG);
        try (HttpPeer peer = connect()) {
            assertThat(peer.get("/echo").status()).isEqualTo(200);
            peer.send("GET /echo HTTP/1.1\r\n");
            for (int i = 0; i < 400 && peer.raw().isSilentFor(20); i++) {
                peer.send("x");
            }
            assertThat(peer.raw().readAll()).contains(" 408 ");
        }
        try (HttpPeer peer = connect()) {
            peer.send(HttpPeer.request("POST", "/echo", "Content-Length: 10000"));
            int drops = 0;
            while (drops < 400 && peer.raw().isSilentFor(20)) {
                peer.send("x");
                drops++;
            }
            assertThat(drops).isLessThan(400);
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching(".*(reset|pipe).*"); // a drop met the end
        }
    }

    @Test
    void aServerThatClosesAnswersWhatIsHeld() throws Exception {
        try (HttpPeer waiting = connect();
                HttpPeer idle = connect();
                HttpPeer streaming = connect()) {
            waiting.send(HttpPeer.request("GET", "/held"));
            HttpExchange held = nextExchange();
            streaming.send(HttpPeer.request("GET", "/held"));
            ResponseStream stream = nextExchange().stream(200, TEXT);
            assertThat(idle.get("/echo").status()).isEqualTo(200);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
            idle.raw().awaitEof();
            idle.raw().hangUp();
            HttpPeer.Answer answer = waiting.read();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.has("connection: close")).isTrue();
            assertThat(answer.head()).contains("retry-after: ");
            waiting.raw().awaitEof();
            waiting.raw().hangUp();
            assertThatIllegalStateException().isThrownBy(() -> held.respond(200, TEXT, bytes("late")));
            write(stream, "last words");
            stream.end();
            assertThat(streaming.read().body()).isEqualTo("last words");
            streaming.raw().awaitEof();
            streaming.raw().hangUp();
            closed.get(60, TimeUnit.SECONDS);
        }
    }
}
