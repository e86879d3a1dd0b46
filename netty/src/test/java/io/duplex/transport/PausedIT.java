package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transports that are told not to read. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
class PausedIT {
    private static final int MUCH_BYTES = 100_000;
    /** What is read to find out whether the peer has ended its side. */
    private static final int LITTLE_BYTES = 4 << 10;

    private static final int LOOK_MILLIS = 100;
    private static final int READ_BYTES = 256 << 10;
    /** What a socket takes though nobody reads. */
    private static final int SOCKET_BYTES = 16 << 10;

    private static final int PAUSES = 20;

    @Parameter
    String io;

    private final BlockingQueue<SocketTransport> transports = new LinkedBlockingQueue<>();
    private final AtomicLong received = new AtomicLong();
    private final CompletableFuture<Void> firstRead = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean pausesAgain;
    private LoopGroup loops;
    private int port;

    /** Reads once, and then no more, or once more whenever it is told to read again. */
    private final class Pausing implements SocketListener {
        private final SocketTransport transport;

        Pausing(SocketTransport transport) {
            this.transport = transport;
        }

        @Override
        public void onReadable(ByteBuffer in) {
            received.addAndGet(in.remaining());
            in.position(in.limit());
            if (pausesAgain) {
                transport.setReading(false);
            }
            if (!firstRead.isDone()) {
                transport.setReading(false);
                transports.add(transport);
                firstRead.complete(null);
            }
        }

        @Override
        public void onEof() {
            ended.complete(null);
            transport.close();
        }

        @Override
        public void onClosed(@Nullable Throwable failure) {}
    }

    @BeforeEach
    void listen() throws Exception {
        loops = new LoopGroup(IoKind.parse(io), 1, "paused", true);
        InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        Channel listening = loops.server(local, false, null, Duration.ZERO, Pausing::new)
                .bind()
                .sync()
                .channel();
        port = ((InetSocketAddress) listening.localAddress()).getPort();
    }

    @AfterEach
    void stop() {
        loops.shutdown();
    }

    /** Returns when the loop has looked at its sockets some times. */
    private static void awaitTurns(SocketTransport transport) throws Exception {
        transport
                .loop()
                .eventLoop()
                .schedule(() -> {}, LOOK_MILLIS, TimeUnit.MILLISECONDS)
                .get(60, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theEndOfAPeerIsNoReasonToReadAllThatIsBeforeIt() throws Exception {
        try (RawPeer peer = RawPeer.connect(port)) {
            peer.send(new byte[1]);
            SocketTransport transport = transports.poll(60, TimeUnit.SECONDS);
            assertThat(transport).isNotNull();
            peer.send(new byte[MUCH_BYTES]);
            peer.shutdownOutput();
            awaitTurns(transport);
            if (io.equals("epoll")) {
                assertThat(received.get()).isLessThanOrEqualTo(1 + LITTLE_BYTES);
                assertThat(ended).isNotDone();
            }
            transport.execute(() -> transport.setReading(true));
            ended.get(60, TimeUnit.SECONDS);
            assertThat(received.get()).isEqualTo(1 + MUCH_BYTES);
        }
    }

    @Test
    void thatAPeerHasGoneIsToldThoughItsFirstBytesMadeAPause() throws Exception {
        assumeThat(io).isEqualTo("epoll");
        try (RawPeer peer = RawPeer.connect(port)) {
            peer.send(new byte[1]);
            assertThat(transports.poll(60, TimeUnit.SECONDS)).isNotNull();
            peer.shutdownOutput();
            ended.get(60, TimeUnit.SECONDS);
        }
    }

    /** More than one read takes, and then what one read does not fill, each with the end behind it. */
    @ParameterizedTest
    @ValueSource(ints = {3 * READ_BYTES, READ_BYTES, 10})
    void nothingIsForgottenThatCameBeforeTheLoopLooked(int bytes) throws Exception {
        try (RawPeer peer = RawPeer.connect(port)) {
            peer.send(new byte[1]);
            SocketTransport transport = transports.poll(60, TimeUnit.SECONDS);
            assertThat(transport).isNotNull();
            CountDownLatch sent = new CountDownLatch(1);
            transport.execute(() -> {
                transport.setReading(true);
                await(sent);
            });
            int first = Math.min(bytes, SOCKET_BYTES);
            peer.send(new byte[first]);
            if (first == bytes) {
                peer.shutdownOutput();
                sent.countDown();
            } else {
                sent.countDown();
                peer.send(new byte[bytes - first]);
                peer.shutdownOutput();
            }
            ended.get(60, TimeUnit.SECONDS);
            assertThat(received.get()).isEqualTo(1 + bytes);
        }
    }

    @Test
    @Timeout(120)
    void whatAFastPeerSendsIsReadNoFurtherThanOneReadAfterEachPause() throws Exception {
        pausesAgain = true;
        try (RawPeer peer = RawPeer.connect(port)) {
            Thread flood = new Thread(() -> {
                byte[] some = new byte[MUCH_BYTES];
                try {
                    while (true) {
                        peer.send(some);
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
            flood.setDaemon(true);
            flood.start();
            SocketTransport transport = transports.poll(60, TimeUnit.SECONDS);
            assertThat(transport).isNotNull();
            for (int i = 0; i < PAUSES; i++) {
                awaitTurns(transport);
                long before = received.get();
                transport.execute(() -> transport.setReading(true));
                while (received.get() == before) {
                    Thread.onSpinWait();
                }
                awaitTurns(transport);
                assertThat(received.get() - before).as("read %d", i).isLessThanOrEqualTo(READ_BYTES);
            }
            transport.execute(transport::abort);
            flood.join(20_000);
        }
    }

    @Test
    void aSocketThatIsAdoptedAfterTheEndOfTheLoopsIsToldOf() throws Exception {
        LoopGroup gone = new LoopGroup(IoKind.NIO, 1, "gone", true);
        gone.shutdown();
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        try (SocketChannel socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            socket.configureBlocking(false);
            gone.adopt(socket, transport -> new SocketListener() {
                @Override
                public void onReadable(ByteBuffer in) {}

                @Override
                public void onEof() {}

                @Override
                public void onClosed(@Nullable Throwable failure) {
                    told.complete(failure);
                }
            });
            assertThat(told.get(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(socket.isOpen()).isFalse();
        }
    }
}
