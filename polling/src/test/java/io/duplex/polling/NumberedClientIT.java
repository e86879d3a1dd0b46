package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** As {@link NumberedMessagesIT}, with {@link PollingClient} as the client. */
@Timeout(280)
class NumberedClientIT {
    private static final boolean SLOW = Boolean.getBoolean("duplex.slow");
    private static final long TOTAL = SLOW ? 1_000_000 : 40_000;
    /** A connection lives for so many bytes in one direction, on average: longer than most blocks are, or none would come. */
    private static final int MEAN_BYTES = SLOW ? 200_000 : 60_000;
    /** More than a session's opening and its answer. */
    private static final int SPARED_BYTES = 4 << 10;

    private final NumberedMessages server = new NumberedMessages(TOTAL);
    private final NumberedMessages client = new NumberedMessages(TOTAL);

    /** Tells when one end has all it is to get, or has lost its connection. */
    private record End(NumberedMessages messages, CompletableFuture<Void> done) implements WebSocketHandler {
        End(NumberedMessages messages) {
            this(messages, new CompletableFuture<>());
        }

        private void look() {
            if (messages.received() >= TOTAL || !messages.fault().isEmpty()) {
                done.complete(null);
            }
        }

        @Override
        public void onOpen(WebSocket socket) {
            messages.onOpen(socket);
        }

        @Override
        public void onText(WebSocket socket, String text) {
            messages.onText(socket, text);
            look();
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            messages.onBinary(socket, payload);
            look();
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            messages.onClose(socket, outcome);
            look();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Covers({"FB-1", "FB-2"})
    void noMessageIsLostDoubledOrOutOfOrder(Via via) throws Exception {
        exchange(via == Via.POLL || via == Via.LONG ? new Via[] {via} : new Via[] {via, Via.LONG});
    }

    @Test
    @Covers({"FB-1", "FB-2"})
    void norWhenItMovesAsItLikes() throws Exception {
        exchange(Via.values());
    }

    private void exchange(Via... vias) throws Exception {
        End serverEnd = new End(server);
        End clientEnd = new End(client);
        NotingService service = new NotingService(Polling.of(handshake -> serverEnd));
        try (WebSocketServer running = WebSocketServer.builder()
                        .port(0)
                        .service("/chat/**", service)
                        .start();
                BadNetwork network = new BadNetwork(running.port(), MEAN_BYTES, 1, SPARED_BYTES);
                WebSocketClient connecting = WebSocketClient.builder()
                        .fallback(PollingClient.builder()
                                .via(vias)
                                .pollInterval(Duration.ofMillis(100))
                                .build())
                        .build()) {
            connecting.connect("ws://127.0.0.1:" + network.port() + "/chat", clientEnd);
            CompletableFuture.allOf(serverEnd.done(), clientEnd.done()).get(250, TimeUnit.SECONDS);
            assertThat(client.fault()).isEmpty();
            assertThat(server.fault()).isEmpty();
            assertThat(client.received()).isEqualTo(TOTAL);
            assertThat(server.received()).isEqualTo(TOTAL);
            assertThat(network.resets() + network.ends()).isPositive();
            assertThat(service.requests(vias[0])).isPositive();
        }
    }
}
