package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.ThreadLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Eight threads send, ping and close at random on the same connections. A round is the life of one connection;
 * {@code -Dduplex.slow=true} plays a million.
 */
@Timeout(600)
class SendRacesTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = Boolean.getBoolean("duplex.slow") ? 1_000_000 : 3_000;
    private static final int AT_ONCE = 100;
    private static final int PHASES = 3;
    private static final byte[] PING = {};

    private final ThreadLoop loop = new ThreadLoop();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final AtomicLong messages = new AtomicLong();
    private final AtomicReference<String> fault = new AtomicReference<>("");

    @AfterEach
    void stop() {
        threads.shutdownNow();
        loop.close();
    }

    /** What one thread sends on one connection: its name, a number that counts up, and as many letters. */
    private static String message(int thread, int number) {
        return thread + " " + number + " " + "x".repeat(number * 37 % 200);
    }

    /** Checks that what comes is whole, and in the order of each thread; and that there is one end. */
    private final class Checking implements WebSocketHandler {
        private final int[] last = new int[THREADS];
        private final AtomicInteger ends = new AtomicInteger();
        private final CountDownLatch ended;

        Checking(CountDownLatch ended) {
            this.ended = ended;
        }

        private void check(String text) {
            messages.incrementAndGet();
            String[] words = text.split(" ", -1);
            int thread = Integer.parseInt(words[0]);
            int number = Integer.parseInt(words[1]);
            if (!text.equals(message(thread, number)) || number <= last[thread]) {
                fault.set("came: " + text + " after " + last[thread]);
            }
            last[thread] = number;
        }

        @Override
        public void onText(WebSocket socket, String text) {
            check(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            check(StandardCharsets.UTF_8.decode(payload).toString());
        }

        @Override
        public void onPing(WebSocket socket, ByteBuffer payload) {
            if (payload.hasRemaining()) {
                check(StandardCharsets.UTF_8.decode(payload).toString());
            }
        }

        @Override
        public void onError(WebSocket socket, WebSocketException error) {
            fault.set("error: " + error);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            if (ends.incrementAndGet() != 1) {
                fault.set("ended " + ends + " times");
            }
            ended.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Covers({"WS-5.4-5", "WS-5.4-6"})
    void framesStayWholeAndEachConnectionEndsOnce(boolean compressed) throws Exception {
        for (int round = 0; round < ROUNDS / 2; round += AT_ONCE) {
            CountDownLatch ended = new CountDownLatch(2 * AT_ONCE);
            List<MemoryLink> links = connect(compressed, ended);
            List<Future<List<CompletableFuture<Void>>>> work = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                work.add(threads.submit(() -> play(thread, links)));
            }
            for (Future<List<CompletableFuture<Void>>> played : work) {
                for (CompletableFuture<Void> promise : played.get()) {
                    assertThat(promise.handle((sent, failure) -> true).get(30, TimeUnit.SECONDS))
                            .isTrue();
                }
            }
            assertThat(ended.await(30, TimeUnit.SECONDS)).as("all have ended").isTrue();
            assertThat(fault.get()).isEmpty();
        }
        assertThat(messages.get()).as("messages and pings that arrived").isGreaterThan(ROUNDS / 2);
    }

    private List<MemoryLink> connect(boolean compressed, CountDownLatch ended) {
        CompletableFuture<List<MemoryLink>> made = new CompletableFuture<>();
        loop.execute(() -> {
            MemoryNetwork network = new MemoryNetwork(loop)
                    .compression(
                            compressed
                                    ? PermessageDeflate.builder()
                                            .thresholdBytes(20)
                                            .serverNoContextTakeover(false)
                                            .build()
                                    : PermessageDeflate.DISABLED);
            List<MemoryLink> links = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                links.add(network.connect(new Checking(ended), new Checking(ended)));
            }
            made.complete(links);
        });
        return made.join();
    }

    /** One thread's part in the rounds: calls at random, then some that close among them, and in the end it closes. */
    private List<CompletableFuture<Void>> play(int thread, List<MemoryLink> links) throws InterruptedException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        List<CompletableFuture<Void>> promises = new ArrayList<>();
        int[] sent = new int[2 * links.size()];
        for (int phase = 0; phase < PHASES; phase++) {
            for (int step = 0; step < links.size(); step++) {
                int end = random.nextInt(sent.length);
                MemoryLink link = links.get(end / 2);
                WebSocket socket = end % 2 == 0 ? link.client() : link.server();
                String message = message(thread, ++sent[end]);
                if (phase > 0 && random.nextInt(20) == 0) {
                    close(socket, random);
                } else {
                    act(socket, message, promises, random);
                }
            }
            awaitTurn();
        }
        for (MemoryLink link : links) {
            (random.nextBoolean() ? link.client() : link.server()).close(4000 + thread, "over");
        }
        return promises;
    }

    /** Lets the loop do what has been asked of it. */
    private void awaitTurn() throws InterruptedException {
        CountDownLatch turn = new CountDownLatch(1);
        loop.execute(turn::countDown);
        assertThat(turn.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private static void close(WebSocket socket, ThreadLocalRandom random) {
        if (random.nextInt(4) == 0) {
            socket.abort();
        } else {
            socket.close(1000, "");
        }
    }

    private static void act(
            WebSocket socket, String message, List<CompletableFuture<Void>> promises, ThreadLocalRandom random) {
        ByteBuffer bytes = ByteBuffer.wrap(message.getBytes(StandardCharsets.UTF_8));
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> socket.send(message);
            case 3, 4 -> socket.send(bytes);
            case 5 -> socket.sendText(bytes);
            case 6, 7 -> socket.ping(bytes.remaining() <= 125 ? bytes : ByteBuffer.wrap(PING));
            case 8 -> socket.pong(ByteBuffer.allocate(3));
            case 9 -> promises.add(socket.sendAsync(message));
            case 10 -> promises.add(socket.sendAsync(bytes));
            default -> socket.sendLatest("key", message);
        }
    }
}
