package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.transport.RawPeer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that block an event loop are named. */
@Timeout(180)
class WatchdogIT {
    private final BlockingQueue<BlockedLoop> blocked = new LinkedBlockingQueue<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private WebSocketServer server;

    private final class Sleepy implements WebSocketHandler {
        @Override
        public void onText(WebSocket socket, String text) {
            dawdle();
            socket.send(text);
        }

        private void dawdle() {
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private WebSocketHandler slowToMake(Handshake handshake) {
        Sleepy made = new Sleepy();
        made.dawdle();
        return made;
    }

    private WebSocketServer.Builder builder() {
        return WebSocketServer.builder()
                .port(0)
                .threads(1)
                .watchdog(Duration.ofMillis(200))
                .listener(new ServerListener() {
                    @Override
                    public void onLoopBlocked(BlockedLoop loop) {
                        // A machine that is slow may hold up a loop, too, with classes to load: that is not asked here.
                        if (loop.stack().stream()
                                .anyMatch(frame -> frame.getMethodName().equals("dawdle"))) {
                            blocked.add(loop);
                        }
                    }
                })
                .route("/sleepy", handshake -> new Sleepy())
                .route("/slow", this::slowToMake);
    }

    @AfterEach
    void close() {
        release.countDown(); // first of all: a loop that is blocked cannot end
        if (server != null) {
            server.close();
        }
    }

    private BlockedLoop next() throws Exception {
        BlockedLoop next = blocked.poll(60, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void whatBlocksIsNamedOnce() throws Exception {
        server = builder().start();
        try (RawPeer peer = RawPeer.open(server.port(), "/sleepy")) {
            peer.sendHex("81 81 00000000 61");
            BlockedLoop first = next();
            assertThat(first.thread()).startsWith("duplex-server");
            assertThat(first.duration()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(60));
            assertThat(first.culprit())
                    .matches("io\\.duplex\\.server\\.WatchdogIT\\$Sleepy\\.onText\\(WatchdogIT\\.java:\\d+\\)");
            assertThat(first.stack()).anyMatch(frame -> frame.getMethodName().equals("dawdle"));
            assertThat(blocked.poll(600, TimeUnit.MILLISECONDS)).isNull();
            release.countDown();
            assertThat(peer.readHex(3)).isEqualTo("810161");
        }
        assertThat(blocked).isEmpty();
    }

    @Test
    void theMakerOfAHandlerIsNamedToo() throws Exception {
        server = builder().start();
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/slow"));
            assertThat(next().stack()).anyMatch(frame -> frame.getMethodName().equals("slowToMake"));
            release.countDown();
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
        }
    }

    @Test
    void aThreadThatDoesNothingOfOursIsNamedByItsInnermostCall() {
        StackTraceElement call = new StackTraceElement("com.example.Native", "poll", "Native.java", 1);
        assertThat(BlockedLoop.of("t", Duration.ZERO, new StackTraceElement[] {call})
                        .culprit())
                .isEqualTo("com.example.Native.poll(Native.java:1)");
        assertThat(BlockedLoop.of("t", Duration.ZERO, new StackTraceElement[0]).culprit())
                .isEqualTo("nothing");
    }

    @Test
    void zeroSwitchesItOff() throws Exception {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("duplex-watchdog")) {
                thread.join(60_000); // that of a server before, which has been told to end
            }
        }
        server = builder().watchdog(Duration.ZERO).start();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("duplex-watchdog"));
    }
}
