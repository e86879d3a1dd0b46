package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import io.duplex.transport.Echo;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What is left after many connections: nothing. By default 1,000 of each kind; with {@code -Dduplex.slow=true} 10,000.
 */
class LeakIT {
    private static final boolean FULL = Boolean.getBoolean("duplex.slow");
    private static final int CONNECTS = FULL ? 10_000 : 1_000;
    private static final int AT_A_TIME = 200;

    /** What a process holds. */
    private record Holdings(long fileDescriptors, long directBytes, long bufferPoolBytes, long pooledBytes) {
        static Holdings now() {
            long buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
            return new Holdings(
                    ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                            .getOpenFileDescriptorCount(),
                    PlatformDependent.usedDirectMemory(),
                    buffers,
                    PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
        }
    }

    private final List<WeakReference<Object>> handlers = new ArrayList<>();

    /** Counts itself out. */
    private static final class Counting implements WebSocketHandler {
        private final CountDownLatch closed;

        Counting(CountDownLatch closed) {
            this.closed = closed;
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.send("hello");
        }

        @Override
        public void onText(WebSocket socket, String text) {
            socket.close();
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            closed.countDown();
        }
    }

    private Counting handler(CountDownLatch closed) {
        Counting handler = new Counting(closed);
        handlers.add(new WeakReference<>(handler));
        return handler;
    }

    /** Makes connections that echo once and close. */
    private void connect(WebSocketClient client, String uri, int number) throws Exception {
        CountDownLatch closed = new CountDownLatch(number);
        Semaphore places = new Semaphore(AT_A_TIME);
        for (int i = 0; i < number; i++) {
            places.acquire();
            client.connectAsync(uri, handler(closed)).whenComplete((socket, failure) -> places.release());
        }
        assertThat(closed.await(120, TimeUnit.SECONDS)).as("all closed").isTrue();
    }

    /** Makes attempts that fail, or that are cancelled on the way. */
    private void fail(WebSocketClient client, String silent, String refusing, int number) throws Exception {
        AtomicInteger failed = new AtomicInteger();
        List<CompletableFuture<WebSocket>> attempts = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            CompletableFuture<WebSocket> attempt =
                    client.connectAsync(i % 2 == 0 ? silent : refusing, handler(new CountDownLatch(1)));
            attempts.add(attempt.whenComplete((socket, failure) -> failed.incrementAndGet()));
            if (i % 2 == 0) {
                attempt.cancel(false);
            }
        }
        for (CompletableFuture<WebSocket> attempt : attempts) {
            assertThat(attempt.handle((socket, failure) -> failure).get(60, TimeUnit.SECONDS))
                    .isNotNull();
        }
        assertThat(failed.get()).isEqualTo(number);
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("duplex-client"))
                .collect(Collectors.toSet());
    }

    @Test
    void nothingIsLeftOfConnectionsAndAttempts() throws Exception {
        int refusingPort;
        try (ServerSocket free = new ServerSocket(0)) {
            refusingPort = free.getLocalPort();
        }
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .route("/", handshake -> new Echo())
                        .start();
                ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String uri = "ws://127.0.0.1:" + server.port() + "/";
            String silentUri = "ws://127.0.0.1:" + silent.getLocalPort() + "/";
            String refusingUri = "ws://127.0.0.1:" + refusingPort + "/";
            // What is allocated once and for all: pools, classes.
            try (WebSocketClient client = WebSocketClient.create()) {
                connect(client, uri, CONNECTS / 4);
                fail(client, silentUri, refusingUri, CONNECTS / 4);
            }
            for (Thread thread : threads()) {
                thread.join(60_000); // it has been told to end, and holds something until then
            }
            Holdings before = Holdings.now();
            Set<Thread> threads = threads();
            try (WebSocketClient client = WebSocketClient.create()) {
                connect(client, uri, CONNECTS);
                fail(client, silentUri, refusingUri, CONNECTS);
            }
            for (Thread thread : threads()) {
                if (!threads.contains(thread)) {
                    thread.join(60_000); // it has been told to end
                    assertThat(thread.isAlive()).as(thread.getName()).isFalse();
                }
            }
            // The server hears of the last ends a little later.
            Holdings after = Holdings.now();
            for (int i = 0; i < 600 && after.fileDescriptors() > before.fileDescriptors() + 2; i++) {
                assertThat(new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS))
                        .isFalse();
                after = Holdings.now();
            }
            assertThat(after.fileDescriptors())
                    .as("file descriptors")
                    .isLessThanOrEqualTo(before.fileDescriptors() + 2);
            // The pool keeps chunks of 4 MiB for later; nothing may grow with the number of connections.
            assertThat(after.directBytes()).as("direct memory").isLessThanOrEqualTo(before.directBytes() + (8 << 20));
            assertThat(after.bufferPoolBytes())
                    .as("buffer pools")
                    .isLessThanOrEqualTo(before.bufferPoolBytes() + (8 << 20));
            assertThat(after.pooledBytes()).as("pooled memory").isLessThanOrEqualTo(before.pooledBytes() + (8 << 20));
            if (FULL) {
                System.out.println(CONNECTS + " connections: " + before + " -> " + after);
            }
        }
        assertThat(handlers).hasSizeGreaterThan(2 * CONNECTS).satisfies(LeakIT::areCollected);
    }

    private static void areCollected(List<? extends WeakReference<Object>> references) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        long left;
        do {
            System.gc();
            left = references.stream()
                    .filter(reference -> reference.get() != null)
                    .count();
        } while (left > 0 && System.nanoTime() < deadline);
        assertThat(left).as("handlers that are still reachable").isZero();
    }
}
