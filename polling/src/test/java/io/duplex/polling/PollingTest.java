package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.CloseStatus;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.OriginPolicy;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.polling.session.Packet;
import io.duplex.testkit.Covers;
import io.duplex.testkit.RecordingHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollingTest {
    private static final String ORIGIN = "http://server.test";
    private static final String TYPE = "application/octet-stream";

    private final MemoryHost host = new MemoryHost();
    private final RecordingHandler handler = new RecordingHandler();
    private Polling polling = Polling.of(handshake -> handler);

    @BeforeEach
    void start() {
        polling.start(host);
    }

    private void use(Polling.Builder builder) {
        polling = builder.build();
        polling.start(host);
    }

    private MemoryExchange serve(String method, String target, byte[] body, String... fields) {
        MemoryExchange exchange = new MemoryExchange(host.loop().shared(), method, target, body, fields);
        polling.serve(exchange);
        host.loop().run();
        return exchange;
    }

    private MemoryExchange openWith(String... fields) {
        List<String> all = new ArrayList<>(List.of("Content-Type", TYPE));
        all.addAll(List.of(fields));
        return serve("POST", "/chat?room=7", new byte[0], all.toArray(String[]::new));
    }

    private String open() {
        return idIn(openWith("Origin", ORIGIN));
    }

    private static String idIn(MemoryExchange opened) {
        assertThat(opened.status()).isEqualTo(200);
        return opened.text().replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
    }

    private MemoryExchange get(String id, String query, String... fields) {
        List<String> all = new ArrayList<>(List.of("Duplex-Session", id));
        all.addAll(List.of(fields));
        return serve("GET", "/chat?room=7&" + query, new byte[0], all.toArray(String[]::new));
    }

    private MemoryExchange post(String id, byte[] block, String... fields) {
        List<String> all = new ArrayList<>(List.of("Duplex-Session", id, "Content-Type", TYPE, "Origin", ORIGIN));
        all.addAll(List.of(fields));
        return serve("POST", "/chat?room=7", block, all.toArray(String[]::new));
    }

    private static byte[] block(long ack, long first, Packet... packets) {
        ByteBuffer out = ByteBuffer.allocate(1 << 16).putLong(ack).putLong(first);
        for (Packet packet : packets) {
            packet.writeTo(out);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    /** A block as a line: {@code ack 1 first 2: TEXT a, TEXT b}. */
    private static String shown(MemoryExchange exchange) {
        ByteBuffer in = ByteBuffer.wrap(exchange.content());
        StringBuilder line = new StringBuilder("ack " + in.getLong() + " first " + in.getLong() + ":");
        while (in.hasRemaining()) {
            Packet.Kind kind = Packet.Kind.of(in.get());
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            Packet packet = new Packet(kind, ByteBuffer.wrap(payload));
            line.append(' ')
                    .append(kind)
                    .append(' ')
                    .append(kind == Packet.Kind.CLOSE ? packet.status() : packet.string());
        }
        return line.toString();
    }

    private WebSocket socket() {
        return host.sessions().get(host.sessions().size() - 1);
    }

    // Opening

    @Test
    @Covers({"FB-1", "FB-7", "POLL-5"})
    void aSessionIsOpenedByPost() {
        MemoryExchange opened = openWith("Origin", ORIGIN);
        assertThat(opened.text())
                .matches("\\{\"session\":\"[A-Za-z0-9_-]{32}\",\"subprotocol\":null,"
                        + "\"via\":\\[\"websocket\",\"sse\",\"long\",\"poll\"\\],\"holdMillis\":30000,\"expiryMillis\":60000,"
                        + "\"ackBytes\":32768,\"maxBlockBytes\":1048576,\"maxMessageBytes\":1048555\\}");
        assertThat(opened.field("Content-Type")).isEqualTo("application/json");
        assertThat(handler.lines()).containsExactly("open");
        assertThat(host.sessions()).hasSize(1);
        assertThat(polling.sessions()).isEqualTo(1);
        assertThat(socket().handshake().query()).isEqualTo("room=7");
    }

    @Test
    @Covers("FB-3")
    void idsHave192RandomBits() {
        String first = open();
        String second = open();
        assertThat(Base64.getUrlDecoder().decode(first)).hasSize(24);
        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void theServersPreferenceChoosesTheSubprotocol() {
        use(Polling.builder(handshake -> handler).subprotocols("b", "a"));
        assertThat(openWith("Duplex-Subprotocols", "a, b").text()).contains("\"subprotocol\":\"b\"");
        assertThat(socket().handshake().subprotocol()).isEqualTo("b");
        assertThat(openWith("Duplex-Subprotocols", "c").text()).contains("\"subprotocol\":null");
        assertThat(openWith("Duplex-Subprotocols", "\"").status()).isEqualTo(400);
    }

    @Test
    @Covers({"FB-4", "FB-6"})
    void anotherOriginOpensNothing() {
        assertThat(openWith("Origin", "http://evil.test").status()).isEqualTo(403);
        assertThat(host.sessions()).isEmpty();
        assertThat(polling.sessions()).isZero();
    }

    @Test
    @Covers("FB-6")
    void aPageWithoutOriginOpensNothing() {
        assertThat(openWith("Sec-Fetch-Site", "cross-site").status()).isEqualTo(403);
        assertThat(openWith("Sec-Fetch-Site", "same-origin").status()).isEqualTo(403);
        assertThat(openWith().status()).isEqualTo(200); // a program that is no browser
    }

    @Test
    @Covers({"FB-6", "SEC-1"})
    void aFormOpensNothing() {
        MemoryExchange form = serve(
                "POST", "/chat", new byte[0], "Origin", ORIGIN, "Content-Type", "application/x-www-form-urlencoded");
        assertThat(form.status()).isEqualTo(415);
        assertThat(serve("POST", "/chat", new byte[0]).status()).isEqualTo(415);
        assertThat(serve("POST", "/chat", new byte[1], "Content-Type", TYPE).status())
                .isEqualTo(400);
    }

    @Test
    @Covers({"FB-8", "SEC-1"})
    void aServerThatDrainsAdmitsNobody() {
        host.drain();
        MemoryExchange refused = openWith("Origin", ORIGIN);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.field("Retry-After")).isEqualTo("1");
    }

    @Test
    void aHandlerMayRefuse() {
        use(Polling.builder(handshake -> {
            throw new HandshakeException(418, "no");
        }));
        assertThat(openWith().status()).isEqualTo(418);
        assertThat(polling.sessions()).isZero();
    }

    @Test
    void aServiceThatWasNotStartedSaysSo() {
        Polling idle = Polling.of(handshake -> handler);
        MemoryExchange exchange =
                new MemoryExchange(host.loop().shared(), "POST", "/", new byte[0], "Content-Type", TYPE);
        assertThatIllegalStateException().isThrownBy(() -> idle.serve(exchange));
    }

    @Test
    void aServiceIsMountedOnce() {
        assertThatIllegalStateException().isThrownBy(() -> polling.start(host));
    }

    // Requests

    @Test
    void whatIsNoRequestOfOursIsRefused() {
        String id = open();
        assertThat(serve("PUT", "/chat", new byte[0]).status()).isEqualTo(405);
        assertThat(serve("PUT", "/chat", new byte[0]).field("Allow")).isEqualTo("GET, POST, OPTIONS");
        assertThat(serve("GET", "/chat", new byte[0]).status()).isEqualTo(400);
        assertThat(get("x", "via=poll").status()).isEqualTo(404);
        assertThat(get(id, "").status()).isEqualTo(400);
        assertThat(get(id, "via=websocket").status()).isEqualTo(400);
        assertThat(get(id, "via=poll&after=x&turn=1").status()).isEqualTo(400);
        assertThat(get(id, "via=poll&after=&turn=1").status()).isEqualTo(400);
        assertThat(get(id, "via=poll&after=9999999999999999&turn=1").status()).isEqualTo(400);
        assertThat(get(id, "via=poll&after=1&turn=1").status()).isEqualTo(400);
        assertThat(get(id, "via=poll&after=0&turn=1").status()).isEqualTo(200);
        assertThat(serve("GET", "/chat?via=poll&turn=2&session=" + id, new byte[0])
                        .status())
                .isEqualTo(200);
    }

    @Test
    @Covers({"FB-3", "FB-6"})
    void aSessionBelongsToItsOrigin() {
        String id = open();
        assertThat(get(id, "via=poll&turn=1", "Origin", "http://evil.test").status())
                .isEqualTo(403);
        assertThat(get(id, "via=poll&turn=1", "Sec-Fetch-Site", "cross-site").status())
                .isEqualTo(403);
        assertThat(get(id, "via=poll&turn=1", "Sec-Fetch-Site", "same-origin").status())
                .isEqualTo(200);
        assertThat(serve("POST", "/chat", block(0, 1), "Duplex-Session", id, "Content-Type", TYPE)
                        .status())
                .isEqualTo(403);
        assertThat(post(id, block(0, 1)).status()).isEqualTo(200);
    }

    @Test
    @Covers({"FB-3", "FB-4"})
    void aSessionBelongsToItsCredentials() {
        String id = idIn(openWith("Authorization", "Bearer a"));
        assertThat(get(id, "via=poll&turn=1").status()).isEqualTo(403);
        assertThat(get(id, "via=poll&turn=1", "Authorization", "Bearer b").status())
                .isEqualTo(403);
        assertThat(get(id, "via=poll&turn=1", "Authorization", "Bearer a").status())
                .isEqualTo(200);
    }

    @Test
    @Covers("FB-6")
    void anAdmittedOriginMayReadTheAnswers() {
        host.origins(OriginPolicy.allow(List.of("https://page.test")));
        MemoryExchange opened = openWith("Origin", "https://page.test");
        String id = idIn(opened);
        MemoryExchange poll = get(id, "via=poll&turn=1", "Origin", "https://page.test");
        for (MemoryExchange answer : List.of(opened, poll)) {
            assertThat(answer.field("Access-Control-Allow-Origin")).isEqualTo("https://page.test");
            assertThat(answer.field("Access-Control-Allow-Credentials")).isEqualTo("true");
            assertThat(answer.field("Vary")).isEqualTo("Origin");
        }
        assertThat(openWith("Origin", "https://evil.test").field("Access-Control-Allow-Origin"))
                .isNull();
        MemoryExchange foreign = get(id, "via=poll&turn=1", "Origin", "https://evil.test");
        assertThat(foreign.field("Access-Control-Allow-Origin")).isNull();
    }

    @Test
    @Covers("FB-6")
    void aPreflightIsAnsweredAndGrantsNothing() {
        MemoryExchange preflight = serve(
                "OPTIONS",
                "/chat",
                new byte[0],
                "Origin",
                "https://page.test",
                "Access-Control-Request-Method",
                "POST");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.field("Access-Control-Allow-Headers")).contains("Duplex-Session");
        assertThat(serve("OPTIONS", "/chat", new byte[0]).status()).isEqualTo(405);
    }

    @Test
    @Covers({"POLL-4", "POLL-6", "SSE-6"})
    void answersAreNeitherCachedNorHeldByProxies() {
        String id = open();
        for (String via : List.of("poll", "sse")) {
            MemoryExchange answer = get(id, "turn=1&via=" + via);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("Cache-Control")).isEqualTo("no-cache, no-store, no-transform");
            assertThat(answer.field("X-Accel-Buffering")).isEqualTo("no");
        }
    }

    // Polls

    @Test
    @Covers("POLL-1")
    void aShortPollIsAnsweredAtOnce() {
        String id = open();
        assertThat(shown(get(id, "via=poll&after=0&turn=1"))).isEqualTo("ack 0 first 1:");
        socket().send("a");
        socket().send("b");
        assertThat(shown(get(id, "via=poll&after=0&turn=2"))).isEqualTo("ack 0 first 1: TEXT a TEXT b");
    }

    @Test
    @Covers("FB-2")
    void aRepeatedPollGetsTheSameAgain() {
        String id = open();
        socket().send("a");
        assertThat(shown(get(id, "via=poll&after=0&turn=1"))).isEqualTo("ack 0 first 1: TEXT a");
        socket().send("b");
        assertThat(shown(get(id, "via=poll&after=0&turn=1"))).isEqualTo("ack 0 first 1: TEXT a TEXT b");
        assertThat(shown(get(id, "via=poll&after=1&turn=2"))).isEqualTo("ack 0 first 2: TEXT b");
        assertThat(get(id, "via=poll&after=0&turn=1").status()).isEqualTo(409);
        assertThat(shown(get(id, "via=poll&after=2&turn=3"))).isEqualTo("ack 0 first 3:");
    }

    @Test
    @Covers({"POLL-2", "POLL-4"})
    void aLongPollIsHeldUntilThereIsSomething() {
        String id = open();
        MemoryExchange poll = get(id, "via=long&after=0&turn=1");
        host.loop().pass(Duration.ofSeconds(20));
        assertThat(poll.status()).isZero();
        socket().send("a");
        socket().send("b");
        host.loop().run();
        assertThat(poll.status()).isEqualTo(200);
        assertThat(shown(poll)).isEqualTo("ack 0 first 1: TEXT a TEXT b");
    }

    @Test
    @Covers({"POLL-2", "POLL-5"})
    void aLongPollEndsAfterItsTime() {
        String id = open();
        MemoryExchange poll = get(id, "via=long&after=0&turn=1");
        host.loop().pass(Duration.ofMillis(29_800));
        assertThat(poll.status()).isZero();
        host.loop().pass(Duration.ofMillis(300));
        assertThat(shown(poll)).isEqualTo("ack 0 first 1:");
        MemoryExchange shorter = get(id, "via=long&after=0&turn=2&wait=1000");
        host.loop().pass(Duration.ofMillis(1200));
        assertThat(shown(shorter)).isEqualTo("ack 0 first 1:");
    }

    @Test
    @Covers("POLL-3")
    void eventsBetweenPollsComeInOneAnswer() {
        String id = open();
        for (int i = 0; i < 100; i++) {
            socket().send("m" + i);
        }
        assertThat(shown(get(id, "via=long&after=0&turn=1")))
                .contains("TEXT m0 ")
                .endsWith("TEXT m99");
    }

    @Test
    void aBlockEndsSomewhere() {
        String id = open();
        for (int i = 0; i < 5; i++) {
            socket().send(ByteBuffer.allocate(100 << 10));
        }
        assertThat(get(id, "via=poll&after=0&turn=1").content()).hasSize(16 + 2 * (5 + (100 << 10)));
        socket().send(ByteBuffer.allocate(1 << 20));
        assertThat(get(id, "via=poll&after=5&turn=2").content()).hasSize(16 + 5 + (1 << 20));
    }

    @Test
    @Covers("POLL-8")
    void aNewerPollHasTheOlderAnswered() {
        String id = open();
        MemoryExchange older = get(id, "via=long&after=0&turn=1");
        MemoryExchange newer = get(id, "via=long&after=0&turn=2");
        assertThat(shown(older)).isEqualTo("ack 0 first 1:");
        assertThat(newer.status()).isZero();
        assertThat(get(id, "via=long&after=0&turn=1").status()).isEqualTo(409);
        socket().send("a");
        host.loop().run();
        assertThat(shown(newer)).isEqualTo("ack 0 first 1: TEXT a");
    }

    @Test
    void whatIsSentAfterAPollWasCutWaitsForTheNext() {
        String id = open();
        MemoryExchange cut = get(id, "via=long&after=0&turn=1");
        cut.cut();
        host.loop().run();
        socket().send("a");
        host.loop().run();
        assertThat(cut.status()).isZero();
        assertThat(shown(get(id, "via=long&after=0&turn=2"))).isEqualTo("ack 0 first 1: TEXT a");
    }

    @Test
    @Covers("FB-7")
    void aCarrierThatIsSwitchedOffIsRefused() {
        use(Polling.builder(handshake -> handler).via(Via.POLL));
        MemoryExchange opened = openWith("Origin", ORIGIN);
        assertThat(opened.text()).contains("\"via\":[\"poll\"]");
        String id = idIn(opened);
        assertThat(get(id, "via=long&turn=1").status()).isEqualTo(403);
        assertThat(get(id, "via=sse&turn=1").status()).isEqualTo(403);
        assertThat(get(id, "via=poll&turn=1").status()).isEqualTo(200);
    }

    // Sending

    @Test
    @Covers({"FB-1", "FB-2"})
    void aRepeatedBlockIsDeliveredOnce() {
        String id = open();
        byte[] block = block(0, 1, Packet.text("a"), Packet.text("b"));
        assertThat(shown(post(id, block))).isEqualTo("ack 2 first 1:");
        assertThat(shown(post(id, block))).isEqualTo("ack 2 first 1:");
        assertThat(shown(post(id, block(0, 2, Packet.text("b"), Packet.text("c")))))
                .isEqualTo("ack 3 first 1:");
        assertThat(shown(post(id, block(0, 1)))).isEqualTo("ack 3 first 1:");
        assertThat(handler.lines()).containsExactly("open", "text a", "text b", "text c");
    }

    @Test
    @Covers("FB-2")
    void aGapIsRefusedAndNothingIsTaken() {
        String id = open();
        MemoryExchange gap = post(id, block(0, 2, Packet.text("b")));
        assertThat(gap.status()).isEqualTo(409);
        assertThat(shown(gap)).isEqualTo("ack 0 first 1:");
        assertThat(handler.lines()).containsExactly("open");
    }

    @Test
    void aPostAcknowledges() {
        String id = open();
        socket().send("a");
        post(id, block(1, 1));
        assertThat(socket().bufferedAmount()).isZero();
        assertThat(post(id, block(2, 1)).status()).isEqualTo(400);
    }

    @Test
    @Covers("FB-4")
    void whatIsNoBlockIsRefusedAndTheSessionLivesOn() {
        host.limits(Limits.builder().maxMessageBytes(1000).build());
        use(Polling.builder(handshake -> handler).maxBlockBytes(1 << 20));
        String id = open();
        assertThat(post(id, new byte[3]).status()).isEqualTo(400);
        assertThat(post(id, new byte[1001]).status()).isEqualTo(413);
        assertThat(serve(
                                "POST",
                                "/chat",
                                block(0, 1),
                                "Duplex-Session",
                                id,
                                "Origin",
                                ORIGIN,
                                "Content-Type",
                                "text/plain")
                        .status())
                .isEqualTo(415);
        assertThat(post(id, block(0, 1, Packet.text("a"))).status()).isEqualTo(200);
    }

    @Test
    void aPostWaitsWhileTheHandlerPauses() {
        String id = open();
        socket().pause();
        host.loop().run();
        MemoryExchange first = post(id, block(0, 1, Packet.text("a")));
        assertThat(first.status()).isZero();
        MemoryExchange repeated = post(id, block(0, 1, Packet.text("a"), Packet.text("b")));
        assertThat(shown(first)).isEqualTo("ack 0 first 1:");
        assertThat(repeated.status()).isZero();
        socket().resume();
        host.loop().run();
        assertThat(shown(repeated)).isEqualTo("ack 2 first 1:");
        assertThat(handler.lines()).containsExactly("open", "text a", "text b");
    }

    @Test
    void aPostThatIsCutHoldsNothingAndIsSentAgain() {
        String id = open();
        socket().pause();
        host.loop().run();
        MemoryExchange cut = post(id, block(0, 1, Packet.text("a")));
        cut.cut();
        host.loop().run();
        socket().resume();
        host.loop().run();
        assertThat(handler.lines()).containsExactly("open");
        assertThat(shown(post(id, block(0, 1, Packet.text("a"))))).isEqualTo("ack 1 first 1:");
        assertThat(handler.lines()).containsExactly("open", "text a");
    }

    @Test
    void aPostThatIsCutTakesNoLaterOneAlong() {
        String id = open();
        socket().pause();
        host.loop().run();
        MemoryExchange cut = post(id, block(0, 1, Packet.text("a")));
        MemoryExchange later = post(id, block(0, 1, Packet.text("a"), Packet.text("b")));
        cut.cut();
        host.loop().run();
        socket().resume();
        host.loop().run();
        assertThat(shown(later)).isEqualTo("ack 2 first 1:");
    }

    @Test
    void anAcknowledgementCountsAtOnceThoughTheHandlerPauses() {
        String id = open();
        socket().pause();
        socket().send("x");
        host.loop().run();
        MemoryExchange held = post(id, block(0, 1, Packet.text("a")));
        assertThat(post(id, block(7, 2)).status()).isEqualTo(400);
        assertThat(socket().bufferedAmount()).isPositive();
        assertThat(shown(post(id, block(1, 2)))).isEqualTo("ack 0 first 2:");
        assertThat(socket().bufferedAmount()).isZero();
        assertThat(held.status()).isZero();
        socket().resume();
        host.loop().run();
        assertThat(shown(held)).isEqualTo("ack 1 first 2:");
    }

    // The end

    @Test
    @Covers("FB-1")
    void theClientCloses() {
        String id = open();
        MemoryExchange poll = get(id, "via=long&after=0&turn=1");
        post(id, block(0, 1, Packet.text("last"), Packet.close(new CloseStatus(4000, "bye"))));
        assertThat(shown(poll)).isEqualTo("ack 2 first 1: CLOSE 4000");
        assertThat(handler.lines()).containsExactly("open", "text last", "close 4000 bye, clean, by PEER");
        assertThat(get(id, "via=poll&after=1&turn=2").status()).isEqualTo(404);
        assertThat(polling.sessions()).isZero();
    }

    @Test
    @Covers({"FB-1", "FB-8"})
    void theServerCloses() {
        String id = open();
        MemoryExchange poll = get(id, "via=long&after=0&turn=1");
        socket().close(1001, "drain");
        host.loop().run();
        assertThat(shown(poll)).isEqualTo("ack 0 first 1: CLOSE 1001 drain");
        assertThat(shown(post(id, block(1, 1, Packet.close(CloseStatus.of(1001))))))
                .isEqualTo("ack 1 first 2:");
        assertThat(handler.lines()).containsExactly("open", "close 1001, clean, by SELF");
        assertThat(polling.sessions()).isZero();
    }

    @Test
    @Covers("FB-3")
    void aSessionThatNobodyComesForExpires() {
        String id = open();
        host.loop().pass(Duration.ofSeconds(61));
        assertThat(handler.lines()).containsExactly("open", "close 1006, by NETWORK");
        assertThat(get(id, "via=poll&turn=1").status()).isEqualTo(404);
    }

    @Test
    void aHeldPollLearnsOfAnAbort() {
        String id = open();
        MemoryExchange poll = get(id, "via=long&after=0&turn=1");
        socket().abort();
        host.loop().run();
        assertThat(poll.status()).isEqualTo(404);
    }

    @Test
    void optionsAreChecked() {
        Polling.Builder builder = Polling.builder(handshake -> handler);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.via());
        assertThatIllegalArgumentException().isThrownBy(() -> builder.via(Via.WEBSOCKET));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.holdTime(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.expiry(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxBlockBytes(1023));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxStreamBytes(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.subprotocols("a", "a"));
    }

    @Test
    void aFaultOfTheHandlerClosesTheSession() {
        use(Polling.builder(handshake -> new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                throw new IllegalStateException("test");
            }
        }));
        String id = open();
        assertThat(post(id, block(0, 1, Packet.text("a"))).status()).isEqualTo(200);
        assertThat(shown(get(id, "via=poll&turn=1"))).contains("CLOSE 1011");
        assertThat(host.faults()).hasSize(1);
    }
}
