package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Numbered messages over real sockets: none is lost, doubled or out of order. {@code -Dduplex.slow=true} sends ten million.
 */
@Timeout(600)
@Covers({"WS-5.4-5", "WS-5.4-6"})
class NumberedMessagesIT {
    private static final int MILLIONTHS = Boolean.getBoolean("duplex.slow") ? 1_000_000 : 10_000;
    private static final int CONNECTIONS = 10;
    private static final int SUBSCRIBERS = 100;
    private static final AtomicLong ARRIVED = new AtomicLong();

    private WebSocketServer server;
    private WebSocketClient client;

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private void start(PermessageDeflate compression, String path, WebSocketHandler handler) {
        server = WebSocketServer.builder()
                .port(0)
                .threads(2)
                .compression(compression)
                .route(path, handshake -> handler)
                .start();
        client = WebSocketClient.builder().compression(compression).threads(2).build();
    }

    private WebSocket connect(WebSocketHandler handler) {
        return client.connect("ws://127.0.0.1:" + server.port() + "/", handler);
    }

    /** Sends numbers as fast as it may, and checks that they come back one after the other. */
    private static final class Counter implements WebSocketHandler {
        private final int count;
        private final int payloadBytes;
        private final boolean parts;
        private final CompletableFuture<Integer> done = new CompletableFuture<>();
        private int sent;
        private int expected;

        Counter(int count, int payloadBytes, boolean parts) {
            this.count = count;
            this.payloadBytes = payloadBytes;
            this.parts = parts;
        }

        private void sendOn(WebSocket socket) {
            while (sent < count && sent - expected < 1_000) {
                ByteBuffer payload = ByteBuffer.allocate(payloadBytes).putInt(0, sent++);
                SendStatus status;
                if (parts) {
                    int half = payloadBytes / 2;
                    socket.sendBinaryPart(payload.slice(0, half), false);
                    status = socket.sendBinaryPart(payload.slice(half, payloadBytes - half), true);
                } else {
                    status = socket.send(payload);
                }
                if (status != SendStatus.SENT) {
                    return;
                }
            }
        }

        @Override
        public void onOpen(WebSocket socket) {
            sendOn(socket);
        }

        @Override
        public void onDrain(WebSocket socket) {
            sendOn(socket);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            if (payload.getInt(payload.position()) != expected || payload.remaining() != payloadBytes) {
                done.completeExceptionally(new AssertionError("expected " + expected));
                socket.abort();
                return;
            }
            expected++;
            ARRIVED.incrementAndGet();
            if (expected == count) {
                done.complete(expected);
            } else {
                sendOn(socket);
            }
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            done.completeExceptionally(new AssertionError("ended: " + outcome));
        }
    }

    private void count(int messages, int payloadBytes, boolean parts) throws Exception {
        List<Counter> counters = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            Counter counter = new Counter(messages / CONNECTIONS, payloadBytes, parts);
            counters.add(counter);
            connect(counter);
        }
        for (Counter counter : counters) {
            assertThat(counter.done.get(300, TimeUnit.SECONDS)).isEqualTo(messages / CONNECTIONS);
        }
        report();
    }

    private static void report() {
        if (Boolean.getBoolean("duplex.slow")) {
            System.out.println(ARRIVED + " numbered messages so far");
        }
    }

    @Test
    void echo() throws Exception {
        start(PermessageDeflate.DISABLED, "/", new Echo());
        count(4 * MILLIONTHS, 16, false);
    }

    @Test
    void fragmentsBothWays() throws Exception {
        start(PermessageDeflate.DISABLED, "/", new WebSocketHandler() {
            @Override
            public void onBinary(WebSocket socket, ByteBuffer payload) {
                int end = payload.limit();
                payload.limit(payload.position() + 7);
                socket.sendBinaryPart(payload, false);
                payload.limit(end - 1);
                socket.sendBinaryPart(payload, false);
                payload.limit(end);
                socket.sendBinaryPart(payload, true);
            }
        });
        count(2 * MILLIONTHS, 100, true);
    }

    @Test
    void deflateWithContextTakeover() throws Exception {
        start(
                PermessageDeflate.builder()
                        .thresholdBytes(0)
                        .serverNoContextTakeover(false)
                        .build(),
                "/",
                new Echo());
        count(MILLIONTHS, 100, false);
    }

    @Test
    void fanOut() throws Exception {
        CountDownLatch joined = new CountDownLatch(SUBSCRIBERS);
        start(PermessageDeflate.DISABLED, "/", new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.subscribe("numbers");
                joined.countDown();
            }
        });
        int each = 3 * MILLIONTHS / SUBSCRIBERS;
        CountDownLatch done = new CountDownLatch(SUBSCRIBERS);
        AtomicLong slowest = new AtomicLong();
        List<String> wrong = new CopyOnWriteArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            boolean first = i == 0;
            connect(new WebSocketHandler() {
                private int expected;

                @Override
                public void onBinary(WebSocket socket, ByteBuffer payload) {
                    if (payload.getInt(payload.position()) != expected) {
                        wrong.add("expected " + expected);
                    }
                    expected++;
                    ARRIVED.incrementAndGet();
                    if (first) {
                        slowest.set(expected);
                    }
                    if (expected == each) {
                        done.countDown();
                    }
                }
            });
        }
        assertThat(joined.await(30, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < each; i++) {
            while (i - slowest.get() > 2_000) {
                Thread.onSpinWait();
            }
            assertThat(server.publish("numbers", ByteBuffer.allocate(16).putInt(0, i)))
                    .isNotEqualTo(SendStatus.REFUSED);
        }
        assertThat(done.await(200, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong).isEmpty();
        report();
    }
}
