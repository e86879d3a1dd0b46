package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseCode;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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
    private static final boolean SLOW = Boolean.getBoolean("duplex.slow");
    private static final long TOTAL = SLOW ? 1_000_000 : 10_000;
    /** A connection lives for so many bytes in one direction, on average: many a block takes several tries. */
    private static final int MEAN_BYTES = 16 << 10;
    /** Between two moves, at most: packets that came or were acknowledged. */
    private static final int MOVE_PACKETS = SLOW ? 4_000 : 400;

    private static final List<Via> VIAS = List.of(Via.WEBSOCKET, Via.SSE, Via.LONG, Via.POLL);

    /** By the query with which a session was opened: the network may have kept some from their client. */
    private final Map<String, NumberedMessages> sessions = new ConcurrentHashMap<>();

    @ParameterizedTest
    @EnumSource
    @Covers({"FB-1", "FB-2", "POLL-11"})
    void noMessageIsLostDoubledOrOutOfOrder(Via via) throws Exception {
        exchange(via.token(), client -> client.receive(via, Long.MAX_VALUE, false));
    }

    @Test
    @Covers({"FB-1", "FB-2"})
    void norWhenTheSessionMoves() throws Exception {
        Random random = new Random(2);
        exchange("moving", client -> {
            while (!client.isDone()) {
                Via next = VIAS.get(random.nextInt(VIAS.size()));
                client.receive(next, 1 + random.nextInt(MOVE_PACKETS), random.nextBoolean());
            }
        });
    }

    private interface Course {
        void run(SocketClient client) throws InterruptedException;
    }

    private void exchange(String name, Course course) throws Exception {
        Polling polling = Polling.of(handshake -> {
            NumberedMessages server = new NumberedMessages(TOTAL);
            sessions.put(handshake.query(), server);
            return server;
        });
        long start = System.nanoTime();
        try (WebSocketServer running = WebSocketServer.builder()
                        .port(0)
                        .service("/chat/**", polling)
                        .start();
                BadNetwork network = new BadNetwork(running.port(), MEAN_BYTES, 1);
                SocketClient client = new SocketClient(network.port(), "/chat", TOTAL)) {
            course.run(client);
            client.finish();
            NumberedMessages server = sessions.get(client.openingQuery());
            assertThat(client.incoming().fault()).isEmpty();
            assertThat(server.closed())
                    .as("the end of the session")
                    .succeedsWithin(Duration.ofMinutes(1))
                    .extracting(outcome -> outcome.status().code())
                    .isEqualTo(CloseCode.NORMAL);
            assertThat(server.fault()).isEmpty();
            assertThat(client.incoming().received()).isEqualTo(TOTAL);
            assertThat(server.received()).isEqualTo(TOTAL);
            assertThat(network.resets() + network.ends()).isPositive();
            System.out.printf(
                    "%s: %d messages each way, %d requests, %d connections reset, %d ended, %d failures seen, %d repeats, "
                            + "%d moves, %d ms%n",
                    name,
                    TOTAL,
                    client.wires().requests(),
                    network.resets(),
                    network.ends(),
                    client.wires().failures(),
                    client.repeats(),
                    client.moves(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        }
    }
}
