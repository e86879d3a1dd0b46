package io.duplex.conformance.hostile;

import static io.duplex.conformance.hostile.Attacker.BINARY;
import static io.duplex.conformance.hostile.Attacker.CLOSE;
import static io.duplex.conformance.hostile.Attacker.FIN;
import static io.duplex.conformance.hostile.Attacker.PING;
import static io.duplex.conformance.hostile.Attacker.RSV1;
import static io.duplex.conformance.hostile.Attacker.TEXT;
import static io.duplex.conformance.hostile.Attacker.bomb;
import static io.duplex.conformance.hostile.Attacker.frame;
import static io.duplex.conformance.hostile.Attacker.header;
import static io.duplex.conformance.hostile.Attacker.request;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All attacks against one server with little memory, which a friend uses after each: what one leaves behind is there when the
 * next comes. {@code -Dduplex.hostile=N} makes each N times as big.
 */
class HostileWorldIT {
    private static final int TIMES = Integer.getInteger("duplex.hostile", 1);
    private static final int MIB = 1 << 20;
    /** Heap, direct memory, and what the JVM takes besides, with much to spare: to find a leak, not a kilobyte. */
    private static final long MOST_RESIDENT_BYTES = 700L * MIB;

    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

    private static Victim victim;

    private final List<Attacker> attackers = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        victim = Victim.start("--faults");
    }

    @AfterAll
    static void stop() throws IOException {
        victim.close();
    }

    @AfterEach
    void theServerStillEchoes() throws IOException {
        victim.mustEcho();
        for (Attacker each : attackers) {
            each.close();
        }
        victim.mustEcho();
        assertThat(victim.log()).doesNotContain("OutOfMemoryError: Java heap");
        assertThat(victim.residentBytes()).isLessThan(MOST_RESIDENT_BYTES);
    }

    private Attacker connect() throws IOException {
        return kept(Attacker.connect(victim.port()));
    }

    private Attacker open(String path, String... fields) throws IOException {
        return kept(Attacker.open(victim.port(), path, fields));
    }

    private Attacker openNarrow(String path) throws IOException {
        return kept(Attacker.openNarrow(victim.port(), path));
    }

    private Attacker kept(Attacker attacker) {
        attackers.add(attacker);
        return attacker;
    }

    private static byte[] repeated(byte[] bytes, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(bytes.length * times);
        for (int i = 0; i < times; i++) {
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    // Handshake

    @Test
    void whoIsSilentOrDripsIsClosedWithinTheTimeOfAHandshake() throws IOException {
        long begin = System.nanoTime();
        for (int i = 0; i < 200 * TIMES; i++) {
            connect();
            connect().send("GET /ec");
        }
        Attacker dripping = connect();
        byte[] endless = (request("/echo").strip() + "\r\nX: ").getBytes(ISO_8859_1);
        int sent = 0;
        while (Duration.ofNanos(System.nanoTime() - begin).toMillis() < 9_500) {
            victim.mustEcho();
            if (sent < 4_000) {
                dripping.trySend(new byte[] {sent < endless.length ? endless[sent] : (byte) 'x'});
                sent++;
            }
        }
        for (Attacker each : attackers) {
            String answer = each.readAll();
            assertThat(answer.isEmpty() || answer.startsWith("HTTP/1.1 408 "))
                    .as(answer)
                    .isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(40));
    }

    @Test
    void headsWithoutEndAreCutOff() throws IOException {
        byte[] start = request("/echo").strip().concat("\r\n").getBytes(ISO_8859_1);
        byte[] fields = repeated("a: b\r\n".getBytes(ISO_8859_1), 20_000);
        byte[] line = repeated("x".getBytes(ISO_8859_1), MIB);
        for (int i = 0; i < 20 * TIMES; i++) {
            for (byte[] endless : List.of(fields, line)) {
                Attacker attacker = connect().send(start);
                attacker.trySend(endless);
                assertThat(attacker.readAll())
                        .satisfiesAnyOf(
                                answer -> assertThat(answer).startsWith("HTTP/1.1 431 "),
                                answer -> assertThat(answer)
                                        .as("the answer was reset away")
                                        .isEmpty());
            }
        }
    }

    @Test
    void noiseIsNoRequest() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 200 * TIMES; i++) {
            byte[] noise = new byte[1 + random.nextInt(2000)];
            random.nextBytes(noise);
            Attacker attacker = connect();
            attacker.trySend(noise);
            attacker.shutdownOutput();
            assertThat(attacker.readAll()).doesNotContain("101 Switching");
        }
    }

    @Test
    void noiseBehindAHandshakeIsNoMessage() throws IOException {
        Random random = new Random(8);
        for (int i = 0; i < 200 * TIMES; i++) {
            byte[] noise = new byte[1 + random.nextInt(20_000)];
            random.nextBytes(noise);
            Attacker attacker = open("/echo", DEFLATE);
            attacker.trySend(noise);
        }
    }

    // Frames

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, (1L << 31) - 1, (1L << 31) + 5, MIB + 1})
    void lengthsBeyondTheLimitAreRefusedAtOnce(long length) throws IOException {
        Attacker attacker = open("/echo").send(header(FIN | BINARY, length));
        assertThat(attacker.closeCode()).isIn(1002, 1009);
    }

    @Test
    @Tag("Java-WebSocket#1507")
    void announcedLengthsTakeNoMemory() throws IOException {
        long before = victim.residentBytes();
        for (int i = 0; i < 1000 * TIMES; i++) {
            open("/echo").send(header(FIN | BINARY, MIB)).send(new byte[1]);
        }
        assertThat(victim.residentBytes() - before).isLessThan(64L * MIB);
    }

    @Test
    void unfinishedMessagesTakeNoMoreThanTheBudget() throws IOException {
        byte[] most = header(BINARY, MIB - 1);
        byte[] payload = new byte[MIB - 1];
        for (int i = 0; i < 150 * TIMES; i++) {
            Attacker attacker = open("/echo");
            attacker.trySend(most);
            attacker.trySend(payload);
        }
    }

    @Test
    void whoHoldsHalfAMessageForLongMakesRoomForOthers() throws IOException {
        byte[] most = header(BINARY, MIB - 1);
        byte[] half = new byte[MIB / 2];
        for (int i = 0; i < 100 * TIMES; i++) {
            Attacker attacker = open("/echo");
            attacker.trySend(most);
            attacker.trySend(half);
        }
        assertThat(attackers.get(0).patient().closeCode()).isEqualTo(1013);
        Attacker honest = open("/echo").send(frame(FIN | BINARY, new byte[MIB - 1]));
        assertThat(honest.read(10 + MIB - 1)).startsWith(FIN | BINARY, 127);
    }

    @Test
    void longHeadsOnManyConnectionsTakeNoMoreThanTheirBudget() throws IOException {
        String field = "Cookie: " + "x".repeat(15_000);
        List<String> littleForHeads = List.of("env", "JAVA_TOOL_OPTIONS=-Dio.duplex.maxRequestMemoryBytes=1000000");
        try (Victim small = Victim.start(littleForHeads)) {
            String answer;
            do {
                answer = kept(Attacker.connect(small.port()))
                        .send(request("/echo", field))
                        .head();
            } while (answer.startsWith("HTTP/1.1 101 ") && attackers.size() < 200);
            assertThat(answer).startsWith("HTTP/1.1 503 ");
            small.mustEcho();
        }
    }

    @Test
    void emptyAndTinyFragmentsAreCounted() throws IOException {
        byte[] empty = repeated(frame(0, new byte[0]), 140_000);
        byte[] tiny = repeated(frame(0, new byte[1]), 140_000);
        for (byte[] fragments : List.of(empty, tiny)) {
            Attacker attacker = open("/echo").send(frame(BINARY, new byte[0]));
            attacker.trySend(fragments);
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void floodsOfPingsThatNobodyReadsTheAnswersOfEndInSilence() throws IOException {
        byte[] pings = repeated(frame(FIN | PING, new byte[125]), 2_000);
        for (int i = 0; i < 20 * TIMES; i++) {
            Attacker attacker = openNarrow("/echo");
            new Thread(() -> attacker.trySend(pings)).start();
        }
    }

    @Test
    void floodsOfEmptyMessagesAndOfCloseFramesHarmNobody() throws IOException {
        byte[] messages = repeated(frame(FIN | TEXT, new byte[0]), 10_000);
        byte[] closes = repeated(frame(FIN | CLOSE, new byte[] {3, (byte) 0xE8}), 10_000);
        for (int i = 0; i < 10 * TIMES; i++) {
            Attacker chatty = open("/chat/x");
            assertThat(chatty.trySend(messages)).isIn(true, false);
            Attacker closing = open("/echo");
            closing.trySend(closes);
            assertThat(closing.closeCode()).isEqualTo(1000);
        }
    }

    @Test
    void bombsAreStoppedAtTheLimitWhileTheyInflate() throws IOException {
        byte[] bomb = frame(FIN | RSV1 | BINARY, bomb(60 * MIB));
        for (int i = 0; i < 50 * TIMES; i++) {
            Attacker attacker = open("/echo", DEFLATE);
            attacker.trySend(bomb);
            assertThat(attacker.closeCode()).isEqualTo(1009);
        }
    }

    @Test
    void bombsOfManyMessagesTakeTurnsWithOthers() throws IOException {
        byte[] message = frame(FIN | RSV1 | BINARY, bomb(MIB));
        byte[] messages = repeated(message, 100);
        for (int i = 0; i < 10 * TIMES; i++) {
            Attacker attacker = open("/throw/ping", DEFLATE);
            new Thread(() -> attacker.trySend(messages)).start();
        }
        for (int i = 0; i < 5; i++) {
            long begin = System.nanoTime();
            victim.mustEcho();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void whatCompressionRemembersTakesNoMoreThanTheBudget() throws IOException {
        byte[] window = frame(FIN | RSV1 | BINARY, bomb(33_000));
        byte[] unfinished = frame(RSV1 | BINARY, new byte[] {0});
        for (int i = 0; i < 3_000 * TIMES; i++) {
            Attacker attacker = open("/throw/ping", DEFLATE);
            attacker.trySend(window);
            attacker.trySend(unfinished);
        }
        victim.mustEcho();
        Attacker plain = connect().send(request("/echo", DEFLATE));
        assertThat(plain.head()).startsWith("HTTP/1.1 101 ").doesNotContain("permessage-deflate");
        plain.send(frame(FIN | BINARY, new byte[10]));
        assertThat(plain.read(2 + 10)).startsWith(FIN | BINARY, 10);
        for (Attacker each : attackers) {
            each.close();
        }
        attackers.clear();
        // All is given back, as soon as the loop has seen the ends.
        long begin = System.nanoTime();
        Attacker friend;
        do {
            friend = connect().send(request("/echo", DEFLATE));
        } while (!friend.head().contains("permessage-deflate")
                && Duration.ofNanos(System.nanoTime() - begin).toSeconds() < 20);
        friend.send(window).send(frame(FIN | CLOSE, new byte[] {3, (byte) 0xE8}));
        assertThat(friend.closeCode()).isEqualTo(1000);
    }

    @Test
    void whoSendsByteByByteIsServedLikeOthers() throws IOException {
        Attacker slow = connect();
        for (byte each : request("/echo").getBytes(ISO_8859_1)) {
            slow.send(new byte[] {each});
        }
        assertThat(slow.head()).startsWith("HTTP/1.1 101 ");
        for (byte each : frame(FIN | TEXT, "a byte a time".getBytes(ISO_8859_1))) {
            slow.send(new byte[] {each});
        }
        assertThat(new String(slow.read(15), ISO_8859_1)).endsWith("a byte a time");
    }

    // Output

    @ParameterizedTest
    @ValueSource(strings = {"/big", "/flood"})
    void whatIsNotReadTakesNoMoreThanTheBudget(String path) throws IOException {
        for (int i = 0; i < 100 * TIMES; i++) {
            openNarrow(path).trySend(frame(FIN | TEXT, new byte[1]));
        }
    }

    @Test
    void anEchoThatIsNotReadIsNotFedEither() throws IOException {
        byte[] messages = repeated(frame(FIN | BINARY, new byte[64 << 10]), 100);
        for (int i = 0; i < 50 * TIMES; i++) {
            Attacker attacker = openNarrow("/echo");
            new Thread(() -> attacker.trySend(messages)).start();
        }
    }

    @Test
    void manyRoomsWithASlowMemberEachTakeNoMoreThanTheBudget() throws Exception {
        byte[] say = frame(
                FIN | TEXT,
                ("{\"type\":\"say\",\"name\":\"a\",\"text\":\"" + "x".repeat(1900) + "\"}").getBytes(ISO_8859_1));
        byte[] much = repeated(say, 2_500);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 60 * TIMES; i++) {
            openNarrow("/chat/room" + i);
            Attacker speaker = open("/chat/room" + i);
            threads.add(new Thread(() -> {
                speaker.trySend(much);
            }));
            Thread reader = new Thread(() -> {
                try {
                    speaker.closeCode();
                } catch (IOException | AssertionError ended) {
                    // by the end of the test
                }
            });
            reader.start();
        }
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            each.join(Duration.ofSeconds(60).toMillis());
        }
    }

    @Test
    void aRoomThatEverybodyEntersFillsUp() throws IOException {
        for (int i = 0; i < 600; i++) {
            open("/chat/crowd");
        }
        assertThat(attackers.get(599).closeCode()).isEqualTo(1013);
    }

    // Application

    @ParameterizedTest
    @ValueSource(strings = {"/throw", "/throw/open", "/throw/ping", "/throw/error", "/close", "/abort", "/reentrant"})
    void handlersThatMisbehaveEndTheirOwnConnectionsOnly(String path) throws IOException {
        for (int i = 0; i < 50 * TIMES; i++) {
            Attacker attacker = open(path);
            attacker.trySend(frame(FIN | PING, new byte[0]));
            attacker.trySend(frame(FIN | TEXT, "hi".getBytes(ISO_8859_1)));
            if (path.startsWith("/throw")) {
                assertThat(attacker.closeCode()).isEqualTo(1011);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/throw/make 500", "/refuse 403"})
    void handlersThatCannotBeMadeAreAnswered(String pathAndStatus) throws IOException {
        String[] words = pathAndStatus.split(" ", 2);
        assertThat(connect().send(request(words[0])).head()).startsWith("HTTP/1.1 " + words[1] + " ");
    }

    @Test
    void handlersThatBlockHaveABound() throws IOException {
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            open("/block");
        }
        // All at once, while the first of them block.
        for (Attacker each : attackers) {
            each.send(frame(FIN | TEXT, "x".getBytes(ISO_8859_1)));
        }
        for (Attacker each : attackers) {
            if ((each.read(1)[0] & 0xFF) == (FIN | CLOSE)) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void aHandlerThatBlocksItsLoopIsNamedByTheWatchdog() throws IOException {
        Attacker attacker = open("/stall");
        long begin = System.nanoTime();
        // On a machine that is busy the watchdog may be late; it looks away then, and at the next time again.
        do {
            attacker.send(frame(FIN | TEXT, "x".getBytes(ISO_8859_1)));
            assertThat(new String(attacker.message(), ISO_8859_1)).isEqualTo("stalled");
        } while (!(victim.log().contains("event loop") && victim.log().contains("FaultEndpoints"))
                && Duration.ofNanos(System.nanoTime() - begin).toMillis() < 60_000);
        assertThat(victim.log()).contains("event loop", "FaultEndpoints");
    }

    @Test
    void whoIsNotReadIsHeldUpByTcp() throws IOException {
        byte[] much = repeated(frame(FIN | BINARY, new byte[64 << 10]), 1_000);
        for (int i = 0; i < 10 * TIMES; i++) {
            Attacker attacker = open("/never-read");
            new Thread(() -> attacker.trySend(much)).start();
        }
    }

    // Ends

    @Test
    void anEndAtEachByteOfASessionHarmsNobody() throws IOException {
        ByteArrayOutputStream session = new ByteArrayOutputStream();
        session.writeBytes(request("/echo", DEFLATE).getBytes(ISO_8859_1));
        session.writeBytes(frame(FIN | TEXT, "Hello".getBytes(ISO_8859_1)));
        session.writeBytes(frame(FIN | RSV1 | BINARY, bomb(1000)));
        session.writeBytes(frame(FIN | PING, new byte[3]));
        session.writeBytes(frame(FIN | CLOSE, new byte[] {3, (byte) 0xE8}));
        byte[] all = session.toByteArray();
        for (int length = 0; length <= all.length; length++) {
            byte[] some = java.util.Arrays.copyOf(all, length);
            connect().send(some).close();
            connect().send(some).reset();
            Attacker half = connect().send(some);
            half.shutdownOutput();
            half.readAll();
            connect().send(some);
        }
    }

    @Test
    void aStormOfReconnectionsPasses() throws IOException {
        for (int i = 0; i < 2_000 * TIMES; i++) {
            Attacker attacker = Attacker.open(victim.port(), "/chat/storm");
            if (i % 2 == 0) {
                attacker.reset();
            } else {
                attacker.close();
            }
        }
    }
}
