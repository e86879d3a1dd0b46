package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * As {@link NumberedMessagesTest}, over real sockets in a network that cuts them. {@code -Dduplex.slow=true} sends a million each
 * way.
 */
@Timeout(280)
class NumberedMessagesIT {
    private static final long TOTAL = Boolean.getBoolean("duplex.slow") ? 1_000_000 : 10_000;
    /** A connection lives for so many bytes in one direction, on average. */
    private static final int MEAN_BYTES = TOTAL > 10_000 ? 200_000 : 30_000;

    private static final List<Via> VIAS = List.of(Via.WEBSOCKET, Via.SSE, Via.LONG, Via.POLL);

    private final NumberedMessages server = new NumberedMessages(TOTAL);

    @ParameterizedTest
    @EnumSource
    @Covers({"FB-1", "FB-2", "POLL-11"})
    void noMessageIsLostDoubledOrOutOfOrder(Via via) throws Exception {
        exchange(random -> via);
    }

    @Test
    @Covers({"FB-1", "FB-2"})
    void norWhenTheSessionMoves() throws Exception {
        exchange(random -> VIAS.get(random.nextInt(VIAS.size())));
    }

    private interface Choice {
        Via next(Random random);
    }

    private void exchange(Choice choice) throws Exception {
        Polling polling = Polling.of(handshake -> server);
        try (WebSocketServer running = WebSocketServer.builder()
                        .port(0)
                        .service("/chat/**", polling)
                        .start();
                BadNetwork network = new BadNetwork(running.port(), MEAN_BYTES, 1)) {
            SocketClient client = new SocketClient(URI.create("http://127.0.0.1:" + network.port() + "/chat"), TOTAL);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                while (!client.hasSentAll()) {
                    try {
                        client.sendOnce();
                    } catch (InterruptedException ended) {
                        return;
                    }
                }
            });
            Random random = new Random(2);
            while (!client.hasReceivedAll() || !client.hasSentAll()) {
                client.receive(choice.next(random), random);
            }
            sending.join();
            client.close();
            assertThat(client.incoming().fault()).isEmpty();
            assertThat(server.fault()).isEmpty();
            assertThat(client.incoming().received()).isEqualTo(TOTAL);
            assertThat(server.received()).isEqualTo(TOTAL);
            System.out.printf(
                    "%d messages each way, %d requests, %d connections cut, %d failures seen%n",
                    TOTAL, client.requests(), network.cuts(), client.failures());
        }
    }
}
