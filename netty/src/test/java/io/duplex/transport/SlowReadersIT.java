package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many peers that hardly read, and one that does, on the same server: what the many cost, and how long the one waits. {@code
 * -Dduplex.slow=true} has two thousand of them. The memory is that of this process, both sides included.
 */
@Timeout(280)
@Covers("WS-POL-7")
class SlowReadersIT {
    private static final boolean FULL = Boolean.getBoolean("duplex.slow");
    private static final int READERS = FULL ? 2_000 : 100;
    private static final int AT_A_TIME = 4;
    private static final long MOST_BYTES = 256L << 20;
    /** A machine that is busy takes its time; whoever waits for those who do not read waits for ever. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(FULL ? 1 : 10);

    private final List<SocketChannel> slow = new ArrayList<>();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(3);
    private final CountDownLatch joined = new CountDownLatch(READERS + 1);
    private final AtomicLong longestNanos = new AtomicLong();
    private final AtomicLong echoes = new AtomicLong();
    private final Semaphore fed = new Semaphore(AT_A_TIME);
    private final Map<SocketChannel, ByteBuffer> unsent = new HashMap<>();

    @AfterEach
    void hangUp() throws IOException {
        clock.shutdownNow();
        for (SocketChannel channel : slow) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.close();
        }
    }

    /** Joins the feed and echoes. */
    private final class Member implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe("feed");
            joined.countDown();
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }
    }

    /** Reads at once, and looks at the time in each message. */
    private final class Good implements WebSocketHandler {
        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            long took = System.nanoTime() - payload.getLong(payload.position());
            longestNanos.accumulateAndGet(took, Math::max);
            if (payload.remaining() == Long.BYTES) {
                echoes.incrementAndGet();
            } else {
                fed.release();
            }
        }
    }

    private WebSocketServer start() {
        return WebSocketServer.builder()
                .port(0)
                .threads(2)
                .timeouts(Timeouts.builder()
                        .pingInterval(Duration.ZERO)
                        .close(Duration.ofMillis(200))
                        .build())
                .route("/", handshake -> new Member())
                .start();
    }

    private static ByteBuffer stamped(int bytes) {
        return ByteBuffer.allocate(bytes).putLong(0, System.nanoTime());
    }

    private void connectSlow(int port) throws IOException {
        for (int i = 0; i < READERS; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 10);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channel.write(ByteBuffer.wrap(RawPeer.request("/").getBytes(StandardCharsets.ISO_8859_1)));
            channel.configureBlocking(false);
            slow.add(channel);
        }
    }

    /** Every second one reads about 10 kB/s, the others nothing. */
    private void readALittle() {
        ByteBuffer little = ByteBuffer.allocate(1_000);
        for (int i = 0; i < slow.size(); i += 2) {
            try {
                slow.get(i).read(little.clear());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Does something a number of times, each so many milliseconds after the one before. */
    private void repeat(int times, int periodMillis, Runnable action) throws Exception {
        CountDownLatch left = new CountDownLatch(times);
        ScheduledFuture<?> running = clock.scheduleAtFixedRate(
                () -> {
                    if (left.getCount() > 0) {
                        action.run();
                        left.countDown();
                    }
                },
                0,
                periodMillis,
                TimeUnit.MILLISECONDS);
        assertThat(left.await(200, TimeUnit.SECONDS)).isTrue();
        running.cancel(false);
    }

    private static void report(String figures) {
        if (FULL) {
            System.out.println(figures);
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** What this process holds: the heap after a collection, and Netty's buffers, used or not. */
    private static long heldBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
                + PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 1024, 16 << 10})
    void slowReadersCostLittleAndDelayNobody(int payloadBytes) throws Exception {
        // Just below where the first would be closed.
        int messages = Math.min((Limits.DEFAULT.maxQueueBytes() - (256 << 10)) / payloadBytes, FULL ? 14_000 : 2_000);
        try (WebSocketServer server = start();
                WebSocketClient client = WebSocketClient.builder().threads(1).build()) {
            WebSocket good = client.connect("ws://127.0.0.1:" + server.port() + "/", new Good());
            connectSlow(server.port());
            assertThat(joined.await(60, TimeUnit.SECONDS)).isTrue();
            clock.scheduleAtFixedRate(this::readALittle, 0, 100, TimeUnit.MILLISECONDS);
            long before = heldBytes();
            clock.scheduleAtFixedRate(() -> good.send(stamped(Long.BYTES)), 0, 10, TimeUnit.MILLISECONDS);
            long start = System.nanoTime();
            // As fast as the good client gets them.
            for (int i = 0; i < messages; i++) {
                assertThat(fed.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
                server.publish("feed", stamped(payloadBytes));
            }
            assertThat(fed.tryAcquire(AT_A_TIME, 60, TimeUnit.SECONDS))
                    .as("the good client gets all")
                    .isTrue();
            long took = System.nanoTime() - start;
            long longest = longestNanos.get(); // before the collection, which stops everybody
            long cost = heldBytes() - before;
            report(READERS + " slow readers, " + messages + " messages of " + payloadBytes + " B in " + millis(took)
                    + " ms: " + (cost >> 20) + " MiB, longest delay of a good client " + millis(longest)
                    + " ms, " + echoes + " echoes");
            assertThat(cost).isLessThan(MOST_BYTES);
            assertThat(longest).isLessThan(MOST_NANOS);
            assertThat(echoes.get()).isPositive();
            assertThat(good.readyState()).isEqualTo(ReadyState.OPEN);
        }
    }

    /** Frames with a key of zeros, so that the payload stands as it is. */
    private static ByteBuffer frames(int count, int payloadBytes) {
        ByteBuffer frames = ByteBuffer.allocate(count * (8 + payloadBytes));
        for (int i = 0; i < count; i++) {
            frames.put((byte) 0x82)
                    .put((byte) 0xFE)
                    .putShort((short) payloadBytes)
                    .putInt(0);
            frames.position(frames.position() + payloadBytes);
        }
        return frames.flip();
    }

    @Test
    void peersThatSendAndDoNotReadTheEchoCostLittleAndDelayNobody() throws Exception {
        try (WebSocketServer server = start();
                WebSocketClient client = WebSocketClient.builder().threads(1).build()) {
            WebSocket good = client.connect("ws://127.0.0.1:" + server.port() + "/", new Good());
            connectSlow(server.port());
            assertThat(joined.await(60, TimeUnit.SECONDS)).isTrue();
            long before = heldBytes();
            clock.scheduleAtFixedRate(() -> good.send(stamped(Long.BYTES)), 0, 10, TimeUnit.MILLISECONDS);
            ByteBuffer frames = frames(256, 1_000);
            AtomicLong taken = new AtomicLong();
            repeat(FULL ? 40 : 10, 50, () -> slow.forEach(channel -> taken.addAndGet(writeOn(channel, frames))));
            long longest = longestNanos.get(); // before the collection, which stops everybody
            long cost = heldBytes() - before;
            report(READERS + " peers that do not read sent " + (taken.get() >> 20) + " MiB: " + (cost >> 20)
                    + " MiB, longest delay of a good client " + millis(longest) + " ms, " + echoes
                    + " echoes");
            assertThat(cost).isLessThan(MOST_BYTES);
            assertThat(longest).isLessThan(MOST_NANOS);
            assertThat(taken.get()).as("bytes that were sent").isPositive();
            assertThat(echoes.get()).as("echoes to the good client").isPositive();
            assertThat(good.readyState()).isEqualTo(ReadyState.OPEN);
        }
    }

    /** Writes what the socket takes, from where it stopped the last time. */
    private long writeOn(SocketChannel channel, ByteBuffer frames) {
        ByteBuffer pending = unsent.computeIfAbsent(channel, same -> frames.duplicate());
        try {
            return channel.write(pending);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!pending.hasRemaining()) {
                unsent.remove(channel);
            }
        }
    }
}
