package io.duplex.conformance.hostile;

import static io.duplex.conformance.hostile.Attacker.BINARY;
import static io.duplex.conformance.hostile.Attacker.CLOSE;
import static io.duplex.conformance.hostile.Attacker.FIN;
import static io.duplex.conformance.hostile.Attacker.RSV1;
import static io.duplex.conformance.hostile.Attacker.TEXT;
import static io.duplex.conformance.hostile.Attacker.bomb;
import static io.duplex.conformance.hostile.Attacker.frame;
import static io.duplex.conformance.hostile.Attacker.header;
import static io.duplex.conformance.hostile.Attacker.request;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.Authentication;
import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What other servers had to mend, done to this one. The tags are the names under which it was published; docs/security.md lists
 * them.
 */
class AdvisoriesIT {
    private static final int LIMIT_BYTES = 1 << 20;
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final Queue<WeakReference<WebSocketHandler>> handlers = new ConcurrentLinkedQueue<>();
    private final Semaphore ends = new Semaphore(0);
    private final CompletableFuture<Authentication> decision = new CompletableFuture<>();
    private WebSocketServer server;

    /** Sends all back, joins what topic it is told to, and keeps something that is its own. */
    private final class Echo implements WebSocketHandler {
        private final byte[] state = new byte[100_000];

        @Override
        public void onOpen(WebSocket socket) {
            handlers.add(new WeakReference<>(this));
            if (socket.handshake().path().equals("/join")) {
                socket.subscribe("secret");
            }
        }

        @Override
        public void onText(WebSocket socket, String text) {
            received.add(text);
            if (text.startsWith("join ")) {
                socket.subscribe(text.substring(5));
            } else if (text.equals("leave me")) {
                socket.close();
            }
            socket.send(text);
        }

        @Override
        public void onBinary(WebSocket socket, java.nio.ByteBuffer payload) {
            state[0]++;
            socket.send(payload);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            ends.release();
        }
    }

    @BeforeEach
    void start() {
        server = WebSocketServer.builder()
                .port(0)
                .timeouts(Timeouts.builder()
                        .handshake(Duration.ofMinutes(1)) // for heads that come byte by byte
                        .close(Duration.ofMillis(300))
                        .build())
                .route("/echo", handshake -> new Echo())
                .route("/join", handshake -> new Echo())
                .route(
                        "/private",
                        io.duplex.server.RouteOptions.builder()
                                .authenticator(handshake -> decision)
                                .build(),
                        handshake -> new Echo())
                .start();
    }

    @AfterEach
    void theServerStillEchoes() throws IOException {
        try (WebSocketServer running = server;
                Attacker friend = open("/echo")) {
            assertThat(running.port()).isPositive();
            friend.send(frame(FIN | TEXT, "still there?".getBytes(UTF_8)));
            assertThat(friend.read(14)).endsWith("still there?".getBytes(UTF_8));
        }
    }

    private Attacker connect() throws IOException {
        return Attacker.connect(server.port());
    }

    private Attacker open(String path, String... fields) throws IOException {
        return Attacker.open(server.port(), path, fields);
    }

    private String statusOf(String request) throws IOException {
        try (Attacker attacker = connect()) {
            attacker.trySend(request.getBytes(ISO_8859_1));
            return attacker.head().substring(9, 12);
        }
    }

    private static Duration since(long beginNanos) {
        return Duration.ofNanos(System.nanoTime() - beginNanos);
    }

    /** Does something. */
    private interface Act {
        void run() throws IOException;
    }

    /** How long that takes at least: a machine that is busy may take longer once or twice. */
    private static Duration leastOf(Act act) throws IOException {
        Duration least = Duration.ofDays(1);
        for (int i = 0; i < 5 && least.compareTo(Duration.ofSeconds(2)) >= 0; i++) {
            long begin = System.nanoTime();
            act.run();
            Duration took = since(begin);
            least = took.compareTo(least) < 0 ? took : least;
        }
        return least;
    }

    private void awaitEnds(int connections) throws InterruptedException {
        assertThat(ends.tryAcquire(connections, 60, TimeUnit.SECONDS))
                .as("ends of connections")
                .isTrue();
    }

    // Lengths and frames

    @Test
    @Tag("CVE-2020-13935")
    @Tag("CVE-2026-43678")
    void aLengthThatIsNoneEndsTheConnectionAtOnce() throws IOException {
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MIN_VALUE + 1}) {
            try (Attacker attacker = open("/echo").send(header(FIN | BINARY, length))) {
                assertThat(attacker.closeCode()).isEqualTo(1002);
            }
        }
    }

    @Test
    @Tag("CVE-2020-27813")
    void aLengthThatOverflowsWhatCameBeforeIsTooBig() throws IOException {
        try (Attacker attacker = open("/echo")) {
            attacker.send(frame(BINARY, new byte[10])).send(header(FIN, Long.MAX_VALUE - 5));
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    @Tag("Java-WebSocket#1508")
    void aMessageInFragmentsIsTooBigAsSoonAsItIsAnnounced() throws IOException {
        try (Attacker attacker = open("/echo")) {
            attacker.send(frame(BINARY, new byte[LIMIT_BYTES - 1])).send(frame(0, new byte[1]));
            attacker.send(header(0, 1));
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    @Tag("CVE-2026-62389")
    @Tag("CVE-2026-44545")
    void aMessageThatNeverEndsIsTooBigSomeDay() throws IOException {
        try (Attacker attacker = open("/echo").send(frame(TEXT, new byte[0]))) {
            byte[] some = frame(0, new byte[32 << 10]);
            int sent = 0;
            while (sent < 100 && attacker.trySend(some)) {
                sent++;
            }
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    @Tag("CVE-2026-48779")
    void tinyFragmentsAreTooManySomeDay() throws IOException {
        try (Attacker attacker = open("/echo").send(frame(BINARY, new byte[1]))) {
            byte[] tiny = frame(0, new byte[1]);
            byte[] many = new byte[tiny.length * 1000];
            for (int at = 0; at < many.length; at += tiny.length) {
                System.arraycopy(tiny, 0, many, at, tiny.length);
            }
            int sent = 0;
            while (sent < 200 && attacker.trySend(many)) {
                sent++;
            }
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    @Tag("CVE-2022-21676")
    void reservedBitsEndTheirOwnConnectionOnly() throws IOException {
        for (int bits : new int[] {0x10, 0x20, 0x30, 0x40, 0x70}) {
            try (Attacker attacker = open("/echo").send(frame(FIN | TEXT | bits, new byte[1]))) {
                assertThat(attacker.closeCode()).isEqualTo(1002);
            }
        }
    }

    @Test
    @Tag("CVE-2026-45736")
    void memoryOfOthersIsNotShownToAnybody() throws IOException {
        try (Attacker other = open("/echo");
                Attacker attacker = open("/echo")) {
            other.send(frame(FIN | BINARY, "secret".repeat(10_000).getBytes(UTF_8)));
            other.read(4 + 60_000);
            attacker.send(header(FIN | BINARY, 60_000)).send(new byte[100]);
            attacker.shutdownOutput();
            assertThat(attacker.readAll()).isEmpty();
        }
    }

    // Compression

    @Test
    @Tag("netty-4.1.122")
    @Tag("CVE-2026-42587")
    @Tag("CVE-2026-54464")
    @Tag("CVE-2026-54490")
    void aBombIsTooBigWhileItInflates() throws IOException {
        try (Attacker attacker = open("/echo", DEFLATE).send(frame(FIN | RSV1 | BINARY, bomb(60 << 20)))) {
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    @Tag("CVE-2026-42587")
    void bodiesOfRequestsAreNotInflated() throws IOException {
        for (String coding : List.of("br", "zstd", "snappy", "gzip", "deflate")) {
            assertThat(statusOf("GET /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: " + coding
                            + "\r\nContent-Length: 4\r\n\r\nabcd"))
                    .isEqualTo("404");
        }
    }

    @Test
    @Tag("CVE-2026-29035")
    void compressedNoiseIsAFailureOfItsConnection() throws IOException {
        Random random = new Random(29035);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[1 + random.nextInt(500)];
            random.nextBytes(noise);
            try (Attacker attacker = open("/echo", DEFLATE).send(frame(FIN | RSV1 | BINARY, noise))) {
                attacker.trySend(frame(FIN | CLOSE, new byte[] {3, (byte) 0xE8}));
                assertThat(attacker.closeCode()).isIn(1000, 1007, 1009);
            }
        }
    }

    // Handshake

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sec-WebSocket-Protocol: b%sx",
                "Sec-WebSocket-Protocol: %s",
                "Sec-WebSocket-Extensions: a;b=\"%s",
                "Sec-WebSocket-Extensions: %s",
                "Connection: %s",
                "Origin: %s",
                "X-Long: %s"
            })
    @Tag("CVE-2021-32640")
    @Tag("CVE-2020-7662")
    @Tag("CVE-2020-7663")
    void longFieldsAreReadInLinearTime(String field) throws IOException {
        assertThat(leastOf(() -> {
                    for (String each : List.of(" ", ",", "\\", "a,", ";", "\"", "a;a=\"\\\",", ", ;", "=")) {
                        assertThat(statusOf(
                                        request("/echo", String.format(field, each.repeat(15_000 / each.length())))))
                                .isIn("101", "400", "403");
                    }
                }))
                .isLessThan(Duration.ofSeconds(2));
    }

    @Test
    @Tag("CVE-2023-43669")
    void aLongHeadThatComesByteByByteCostsNoMoreThanItsBytes() throws IOException {
        assertThat(leastOf(() -> {
                    try (Attacker attacker = connect()) {
                        attacker.send(request("/echo").strip() + "\r\nX: ");
                        for (int i = 0; i < 15_000; i++) {
                            attacker.send(new byte[] {'x'});
                        }
                        attacker.send("\r\n\r\n");
                        assertThat(attacker.head()).startsWith("HTTP/1.1 101 ");
                    }
                }))
                .isLessThan(Duration.ofSeconds(5));
    }

    @Test
    @Tag("CVE-2024-37890")
    @Tag("CVE-2026-28980")
    @Tag("CVE-2026-54465")
    void moreFieldsThanTheLimitAreRefused() throws IOException {
        String[] fields = new String[2_000];
        java.util.Arrays.fill(fields, "a: b");
        assertThat(statusOf(request("/echo", fields))).isEqualTo("431");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "[::1", "[]", "a b", "a:b", "a:70000", "%", "http://a/", "\u00e4"})
    @Tag("CVE-2026-61666")
    void aHostThatIsNoneIsRefused(String host) throws IOException {
        assertThat(statusOf(request("/echo").replace("Host: localhost", "Host: " + host)))
                .isEqualTo("400");
    }

    @Test
    @Tag("granian-subprotocol")
    void aSubprotocolThatIsNotAsciiIsRefused() throws IOException {
        assertThat(statusOf(request("/echo", "Sec-WebSocket-Protocol: caf\u00e9")))
                .isEqualTo("400");
    }

    @Test
    @Tag("CVE-2026-59725")
    void aBodyWhereNoneBelongsIsRefused() throws IOException {
        assertThat(statusOf("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
                        + "Content-Length: 4\r\n\r\n\u00ff\u00fe\u0000\u0001"))
                .isIn("405", "426");
        assertThat(statusOf(request("/echo", "Content-Length: 4") + "\u00ff\u00fe\u0000\u0001"))
                .isEqualTo("400");
    }

    @Test
    @Tag("CVE-2026-41700")
    void aPageOfAnotherOriginIsRefusedWhateverCookieItHas() throws IOException {
        assertThat(statusOf(request("/echo", "Origin: https://evil.example", "Cookie: session=1")))
                .isEqualTo("403");
    }

    // What the application sees

    @Test
    @Tag("CVE-2025-41254")
    void nothingThatIsSentBeforeTheDecisionReachesAHandler() throws Exception {
        try (Attacker attacker = connect()) {
            attacker.send(request("/private")).send(frame(FIN | TEXT, "transfer".getBytes(UTF_8)));
            decision.complete(Authentication.refuse(403));
            assertThat(attacker.head()).startsWith("HTTP/1.1 403 ");
            assertThat(attacker.readAll()).doesNotContain("transfer");
        }
        assertThat(received).isEmpty();
        assertThat(handlers).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"join *", "join >", "join s*", "join #{T(java.lang.Runtime).getRuntime()}"})
    @Tag("CVE-2018-1270")
    void whatAPeerSaysIsNeverAPatternOrAnExpression(String join) throws IOException {
        try (Attacker member = open("/join");
                Attacker attacker = open("/echo")) {
            member.send(frame(FIN | TEXT, "I am in".getBytes(UTF_8)));
            assertThat(member.read(2 + 7)).endsWith("I am in".getBytes(UTF_8));
            attacker.send(frame(FIN | TEXT, join.getBytes(UTF_8)));
            attacker.read(2 + join.length());
            server.publish("secret", "for members");
            member.read(2 + 11);
            attacker.send(frame(FIN | TEXT, "and?".getBytes(UTF_8)));
            assertThat(attacker.read(6)).endsWith("and?".getBytes(UTF_8));
        }
    }

    @Test
    @Tag("CVE-2026-22735")
    void lineBreaksInAMessageEndNothing() throws IOException {
        byte[] text = "data: a\n\ndata: b\r\n\r\nevent: c\n\n".getBytes(UTF_8);
        try (Attacker attacker = open("/echo").send(frame(FIN | TEXT, text))) {
            assertThat(attacker.read(2 + text.length)).endsWith(text);
        }
        assertThat(received).hasSize(1);
    }

    // Ends

    @Test
    @Tag("CVE-2021-42340")
    void nothingIsLeftOfConnectionsHoweverTheyEnd() throws Exception {
        for (int i = 0; i < 20; i++) {
            open("/echo").close();
            open("/echo").send(frame(TEXT, new byte[10])).reset();
            Attacker half = open("/echo", DEFLATE).send(frame(FIN | TEXT, new byte[5]));
            half.shutdownOutput();
            half.readAll();
        }
        awaitEnds(60);
        long begin = System.nanoTime();
        while (handlers.stream().anyMatch(handler -> handler.get() != null)) {
            System.gc();
            assertThat(since(begin)).as("until all are collected").isLessThan(Duration.ofSeconds(60));
            Thread.onSpinWait();
        }
    }

    @Test
    @Tag("CVE-2024-23672")
    @Tag("CVE-2024-22201")
    void whoDoesNotEndItsSideIsCut() throws Exception {
        byte[] leave = frame(FIN | TEXT, "leave me".getBytes(UTF_8));
        try (Attacker silent = open("/echo").send(leave);
                Attacker answering = open("/echo").send(leave).send(frame(FIN | CLOSE, new byte[] {3, (byte) 0xE8}))) {
            awaitEnds(2);
            assertThat(silent.closeCode()).isEqualTo(1000);
            assertThat(answering.closeCode()).isEqualTo(1000);
        }
    }

    @Test
    @Tag("CVE-2026-48802")
    void connectionsTakeNoThreads() throws IOException {
        List<Attacker> attackers = new java.util.ArrayList<>();
        open("/echo").close();
        int before = Thread.activeCount();
        for (int i = 0; i < 200; i++) {
            attackers.add(open("/echo").send(frame(FIN | TEXT, new byte[1])));
        }
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(before + 4);
        for (Attacker each : attackers) {
            each.close();
        }
    }
}
