package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Limits;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers that do not read. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
@Covers("WS-POL-7")
class BackPressureIT {
    private static final int MESSAGE_BYTES = 64 << 10;
    private static final int MESSAGES = 1600;
    private static final long BOUND_BYTES = 64 << 20;

    @Parameter
    String io;

    private static byte[] clientMessage() {
        ByteBuffer message = ByteBuffer.allocate(14 + MESSAGE_BYTES);
        message.put((byte) 0x82).put((byte) 0xFF).putLong(MESSAGE_BYTES).putInt(0);
        return message.array();
    }

    /** Sends all messages from a thread of its own. */
    private static final class Flood {
        private final Semaphore sent = new Semaphore(0);
        private final CompletableFuture<Void> writing;

        Flood(RawPeer peer) {
            writing = CompletableFuture.runAsync(
                    () -> {
                        byte[] message = clientMessage();
                        try {
                            for (int i = 0; i < MESSAGES; i++) {
                                peer.send(message);
                                sent.release();
                            }
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    task -> new Thread(task, "flood").start());
        }

        /** Messages that TCP took, when it has taken none for a second. */
        int taken() throws InterruptedException {
            int taken = 0;
            while (sent.tryAcquire(1, TimeUnit.SECONDS)) {
                taken++;
            }
            return taken;
        }

        void end() {
            assertThat(writing).as("writing").succeedsWithin(Duration.ofSeconds(60));
        }
    }

    @Test
    void theServerStopsReadingFromAPeerThatDoesNotRead() throws Exception {
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .timeouts(Timeouts.builder().pingInterval(Duration.ZERO).build())
                        .route("/echo", handshake -> new Echo())
                        .start();
                RawPeer peer = RawPeer.connectSlow(server.port())) {
            peer.send(RawPeer.request("/echo"));
            peer.head();
            long before = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
            Flood flood = new Flood(peer);
            int accepted = flood.taken();
            assertThat(accepted)
                    .as("messages taken of a peer that does not read")
                    .isLessThan(MESSAGES);
            assertThat((long) accepted * MESSAGE_BYTES).isLessThan(BOUND_BYTES);
            long held = PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory() - before;
            assertThat(held).isLessThan(BOUND_BYTES);

            // As soon as it reads, all goes on, and nothing is lost.
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(peer.readHex(10)).isEqualTo("827f0000000000010000");
                peer.read(MESSAGE_BYTES);
            }
            flood.end();
        }
    }

    @Test
    void aQueueThatIsFullClosesTheConnectionOfThePeerThatDoesNotRead() throws Exception {
        CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();
        AtomicInteger accepted = new AtomicInteger();
        WebSocketHandler talker = new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                while (socket.send(ByteBuffer.allocate(MESSAGE_BYTES)) != SendStatus.REFUSED) {
                    accepted.incrementAndGet();
                }
            }

            @Override
            public void onClose(WebSocket socket, CloseOutcome outcome) {
                closed.complete(outcome);
            }
        };
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .limits(Limits.builder().maxQueueBytes(1 << 20).build())
                        .timeouts(
                                Timeouts.builder().close(Duration.ofMillis(300)).build())
                        .route("/", handshake -> talker)
                        .start();
                RawPeer peer = RawPeer.connectSlow(server.port())) {
            peer.send(RawPeer.request("/"));
            CloseOutcome outcome = closed.get(60, TimeUnit.SECONDS);
            assertThat(outcome.closedBy()).isEqualTo(ClosedBy.LIMIT);
            assertThat(outcome.sent()).isNotNull();
            assertThat(outcome.sent().code()).isEqualTo(1013);
            assertThat((long) accepted.get() * MESSAGE_BYTES).isLessThan(BOUND_BYTES);
        }
    }

    @Test
    void onDrainTellsWhenABacklogIsGone() throws Exception {
        CompletableFuture<Long> drained = new CompletableFuture<>();
        WebSocketHandler patient = new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                SendStatus status = SendStatus.SENT;
                while (status != SendStatus.QUEUED) {
                    status = socket.send(ByteBuffer.allocate(MESSAGE_BYTES));
                }
            }

            @Override
            public void onDrain(WebSocket socket) {
                drained.complete(socket.bufferedAmount());
                // So that the peer, which may be about to read again, has something to read.
                socket.send(ByteBuffer.allocate(MESSAGE_BYTES));
            }
        };
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .route("/", handshake -> patient)
                        .start();
                RawPeer peer = RawPeer.connectSlow(server.port())) {
            peer.send(RawPeer.request("/"));
            peer.head();
            while (!drained.isDone()) {
                peer.read(10 + MESSAGE_BYTES);
            }
            assertThat(drained.get()).isLessThan(128L << 10);
        }
    }

    @Test
    void aCloseFrameThatWaitedWhileThePeerEndedItsSideIsAnswered() throws Exception {
        CompletableFuture<WebSocket> paused = new CompletableFuture<>();
        WebSocketHandler pausing = new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                socket.pause();
                paused.complete(socket);
            }
        };
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .threads(1)
                        .route("/", handshake -> pausing)
                        .start();
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            peer.sendHex("81 82 00000000 6869  88 82 00000000 03E8");
            peer.shutdownOutput();
            WebSocket socket = paused.get(60, TimeUnit.SECONDS);
            // The one loop that answers this has seen the end of the other connection before.
            RawPeer.open(server.port(), "/").close();
            socket.resume();
            assertThat(peer.readHex(4)).isEqualTo("880203e8");
            peer.awaitEof();
        }
    }

    @Test
    void aSocketThatPausedReadsNothingMoreFromTcpUntilItResumes() throws Exception {
        CompletableFuture<WebSocket> paused = new CompletableFuture<>();
        AtomicInteger received = new AtomicInteger();
        Semaphore all = new Semaphore(0);
        WebSocketHandler pausing = new WebSocketHandler() {
            @Override
            public void onBinary(WebSocket socket, ByteBuffer payload) {
                if (received.incrementAndGet() == 1) {
                    socket.pause();
                    paused.complete(socket);
                } else if (received.get() == MESSAGES) {
                    all.release();
                }
            }
        };
        try (WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .route("/", handshake -> pausing)
                        .start();
                RawPeer peer = RawPeer.open(server.port(), "/")) {
            Flood flood = new Flood(peer);
            WebSocket socket = paused.get(60, TimeUnit.SECONDS);
            int accepted = flood.taken();
            assertThat(accepted).as("messages that TCP took").isLessThan(MESSAGES);
            assertThat(received.get()).isEqualTo(1);
            socket.resume();
            assertThat(all.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
            flood.end();
        }
    }
}
