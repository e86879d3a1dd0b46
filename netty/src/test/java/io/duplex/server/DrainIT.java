package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.transport.RawPeer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a server is emptied: who is told what, when, and what becomes of those who do not answer. */
@Timeout(180)
class DrainIT {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final CountDownLatch drains = new CountDownLatch(1);
    private final WebSocketServer server = WebSocketServer.builder()
            .port(0)
            .threads(2)
            .timeouts(Timeouts.builder().close(Duration.ofSeconds(20)).build())
            .healthRoute("/health")
            .listener(new ServerListener() {
                @Override
                public void onStart(WebSocketServer started) {
                    events.add("start " + started.isReady());
                }

                @Override
                public void onDrain(WebSocketServer draining) {
                    events.add("drain " + draining.isReady());
                    drains.countDown();
                }

                @Override
                public void onStop(WebSocketServer stopped) {
                    events.add("stop " + stopped.connections());
                }
            })
            .route("/", handshake -> new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    try {
                        socket.send(String.valueOf(server().isReady()));
                        server().drain();
                    } catch (IllegalStateException e) {
                        events.add(e.getMessage());
                    }
                }

                @Override
                public void onClose(WebSocket socket, CloseOutcome outcome) {
                    events.add("closed " + outcome.closedBy());
                }
            })
            .start();
    private final List<RawPeer> peers = new ArrayList<>();
    // The common pool of a small machine may have one thread, and peers are closed in no order.
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private WebSocketServer server() {
        return server;
    }

    @AfterEach
    void close() throws IOException {
        for (RawPeer peer : peers) {
            peer.hangUp();
        }
        server.close();
        threads.shutdownNow();
    }

    private RawPeer open() throws IOException {
        RawPeer peer = RawPeer.open(server.port(), "/");
        peers.add(peer);
        return peer;
    }

    private String health() throws IOException {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return peer.readAll();
        }
    }

    private CompletableFuture<Void> drain(Drain.Builder how) throws InterruptedException {
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(how.build()), threads);
        assertThat(drains.await(60, TimeUnit.SECONDS)).isTrue();
        return drained;
    }

    private static void answerClose(RawPeer peer, String frame) throws IOException {
        assertThat(peer.readHex(4)).isEqualTo(frame);
        peer.sendHex("88 82 00000000" + frame.substring(4));
        peer.awaitEof();
        peer.hangUp();
    }

    @Test
    void connectionsAreClosedInBatchesAndCountedDown() throws Exception {
        for (int i = 0; i < 20; i++) {
            open();
        }
        List<Integer> left = new ArrayList<>();
        long start = System.nanoTime();
        CompletableFuture<Void> drained = drain(
                Drain.builder().status(1012, "").period(Duration.ofSeconds(3)).progress(left::add));
        List<CompletableFuture<Void>> closed = new ArrayList<>();
        for (RawPeer peer : peers) {
            closed.add(CompletableFuture.runAsync(
                    () -> {
                        try {
                            answerClose(peer, "880203f4");
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    },
                    threads));
        }
        for (CompletableFuture<Void> each : closed) {
            each.get(60, TimeUnit.SECONDS);
        }
        drained.get(60, TimeUnit.SECONDS);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThan(Duration.ofMillis(2400))
                .isLessThan(Duration.ofSeconds(20));
        assertThat(left).startsWith(20).endsWith(0).isSortedAccordingTo((a, b) -> b - a);
        assertThat(left.size()).isGreaterThan(3);
        assertThat(events).contains("start true", "drain false", "closed SELF", "stop 0");
    }

    @Test
    void meanwhileNobodyComesInAndTheHealthRouteSaysSo() throws Exception {
        assertThat(server.isReady()).isTrue();
        assertThat(health()).startsWith("HTTP/1.1 200 ").endsWith("ready\n");
        RawPeer open = open();
        CompletableFuture<Void> drained = drain(Drain.builder().notice(Duration.ofSeconds(100)));
        assertThat(server.isReady()).isFalse();
        assertThat(health()).startsWith("HTTP/1.1 503 ").endsWith("shutting down\n");
        try (RawPeer late = RawPeer.connect(server.port())) {
            late.send(RawPeer.request("/"));
            assertThat(late.readAll())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nRetry-After: 10\r\n")
                    .endsWith("server is shutting down\n");
        }
        open.reset(); // the last one: there is nothing to wait for
        drained.get(60, TimeUnit.SECONDS);
    }

    @Test
    void whoDoesNotAnswerIsCutAtTheDeadline() throws Exception {
        RawPeer deaf = open();
        CompletableFuture<Void> drained =
                drain(Drain.builder().period(Duration.ZERO).deadline(Duration.ofMillis(500)));
        drained.get(60, TimeUnit.SECONDS);
        assertThat(deaf.readHex(4)).isEqualTo("880203e9");
        deaf.awaitEnd();
        assertThat(events).contains("closed SELF");
    }

    @Test
    void anInterruptCutsAtOnce() throws Exception {
        open();
        Thread thread = new Thread(() -> {
            server.drain(Drain.builder().notice(Duration.ofSeconds(100)).build());
            events.add("interrupted " + Thread.currentThread().isInterrupted());
        });
        thread.start();
        assertThat(drains.await(60, TimeUnit.SECONDS)).isTrue();
        thread.interrupt();
        thread.join(60_000);
        assertThat(thread.isAlive()).isFalse();
        assertThat(events).contains("interrupted true");
    }

    @Test
    void aProgressCallbackThatThrowsDoesNotKeepTheServer() throws Exception {
        open().reset();
        drain(Drain.builder().progress(left -> {
                    throw new IllegalStateException("on purpose");
                }))
                .get(60, TimeUnit.SECONDS);
        assertThat(events).contains("stop 0");
    }

    @Test
    void drainingTwiceOrClosingMeanwhileIsWaiting() throws Exception {
        open().reset();
        CompletableFuture<Void> drained = drain(Drain.builder());
        server.drain();
        server.close();
        drained.get(60, TimeUnit.SECONDS);
        assertThat(events.stream().filter(event -> event.startsWith("stop"))).hasSize(1);
    }

    @Test
    void aHandlerMustNotWaitForItsOwnEnd() throws Exception {
        RawPeer peer = open();
        peer.sendHex("81 81 00000000 61");
        assertThat(peer.readHex(6)).isEqualTo("810474727565");
        assertThat(events.poll(60, TimeUnit.SECONDS)).isEqualTo("start true");
        assertThat(events.poll(60, TimeUnit.SECONDS)).startsWith("drain() waits");
    }

    @Test
    void optionsHaveRanges() {
        Drain.Builder builder = Drain.builder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.status(1006, ""));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.notice(Duration.ofNanos(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.period(Duration.ofNanos(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.deadline(Duration.ofNanos(-1)));
    }
}
