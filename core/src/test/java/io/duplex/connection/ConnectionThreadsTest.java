package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Covers;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.ThreadLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** Real threads that send and close at the same time. */
@Timeout(60)
class ConnectionThreadsTest {
    private static final int THREADS = 8;
    private static final int EACH = 1000;

    private final ThreadLoop loop = new ThreadLoop();
    private final MemoryNetwork network = new MemoryNetwork(loop);

    @AfterEach
    void stop() {
        loop.close();
    }

    private MemoryLink connect(WebSocketHandler client, WebSocketHandler server) {
        CompletableFuture<MemoryLink> link = new CompletableFuture<>();
        loop.execute(() -> link.complete(network.connect(client, server)));
        return link.join();
    }

    private static List<Thread> start(int threads, IntConsumer work) {
        List<Thread> started = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            Thread thread = new Thread(() -> work.accept(number));
            thread.start();
            started.add(thread);
        }
        return started;
    }

    @RepeatedTest(5)
    @Covers({"WS-5.4-5", "WS-5.4-6"})
    void messagesOfEachThreadArriveWholeAndInItsOrder() throws InterruptedException {
        CountDownLatch arrived = new CountDownLatch(THREADS * EACH);
        int[] next = new int[THREADS];
        List<String> disorder = new ArrayList<>();
        MemoryLink link = connect(
                new WebSocketHandler() {
                    @Override
                    public void onText(WebSocket socket, String text) {
                        int thread = text.charAt(0) - '0';
                        if (!text.equals(thread + " " + next[thread] + " " + "x".repeat(next[thread] % 50))) {
                            disorder.add(text);
                        }
                        next[thread]++;
                        arrived.countDown();
                    }
                },
                new WebSocketHandler() {});
        start(THREADS, thread -> {
            for (int i = 0; i < EACH; i++) {
                String text = thread + " " + i + " " + "x".repeat(i % 50);
                if (thread == 0) {
                    loop.execute(() -> link.server().send(text));
                } else {
                    link.server().send(text);
                }
            }
        });
        assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(disorder).isEmpty();
        assertThat(link.server().bufferedAmount()).isZero();
    }

    @RepeatedTest(5)
    void everyQueuedSendIsFollowedByOnDrain() throws InterruptedException {
        int rounds = 200;
        CompletableFuture<Void> done = new CompletableFuture<>();
        Semaphore drained = new Semaphore(0);
        MemoryLink link = connect(new WebSocketHandler() {}, new WebSocketHandler() {
            @Override
            public void onDrain(WebSocket socket) {
                drained.release();
            }
        });
        List<Thread> threads = start(1, thread -> {
            for (int queued = 0; queued < rounds; ) {
                drained.drainPermits();
                if (link.server().send("x".repeat(30_000)) == SendStatus.QUEUED) {
                    queued++;
                    drained.acquireUninterruptibly();
                }
            }
            done.complete(null);
        });
        done.join();
        threads.get(0).join();
    }

    @RepeatedTest(20)
    void howeverManyThreadsCloseThereIsOneEnd() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(2);
        WebSocketHandler counting = new WebSocketHandler() {
            @Override
            public void onClose(WebSocket socket, CloseOutcome outcome) {
                closed.countDown();
            }
        };
        RecordingHandler client = new RecordingHandler(counting);
        RecordingHandler server = new RecordingHandler(counting);
        MemoryLink link = connect(client, server);
        List<Thread> threads = start(THREADS, thread -> {
            Connection socket = thread % 2 == 0 ? link.client() : link.server();
            socket.send("last words");
            if (thread == 3) {
                socket.abort();
            } else {
                socket.close(4000 + thread, "");
            }
        });
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
        for (RecordingHandler end : List.of(client, server)) {
            assertThat(end.lines()).noneMatch(line -> line.contains("BROKEN"));
            assertThat(end.lines().stream().filter(line -> line.startsWith("close")))
                    .hasSize(1);
        }
    }
}
