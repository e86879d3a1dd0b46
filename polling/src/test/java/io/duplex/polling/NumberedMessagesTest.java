package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.polling.session.MemoryExchange;
import io.duplex.polling.session.MemoryHost;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Numbered messages both ways over each carrier, with requests that are cut and repeated: none is lost, doubled or out of order.
 * {@code -Dduplex.slow=true} sends a million each way.
 */
class NumberedMessagesTest {
    private static final long TOTAL = Boolean.getBoolean("duplex.slow") ? 1_000_000 : 20_000;
    private static final int FAULT_PERCENT = 10;
    private static final List<Via> VIAS = List.of(Via.WEBSOCKET, Via.SSE, Via.LONG, Via.POLL);

    private final MemoryHost host = new MemoryHost().limits(Limits.DEFAULT);
    private final NumberedMessages server = new NumberedMessages(TOTAL);

    private ModelClient client(long seed) {
        Polling polling =
                Polling.builder(handshake -> server).maxStreamBytes(64 << 10).build();
        polling.start(host);
        return new ModelClient(host, polling, new Random(seed), TOTAL, FAULT_PERCENT);
    }

    /** The server sends on when there is room, as its handler would by a timer. */
    private void goOn() {
        if (!host.sessions().isEmpty()) {
            server.sendMore(host.sessions().get(0));
            host.loop().run();
        }
    }

    private void expectAll(ModelClient client) {
        assertThat(client.incoming().fault()).isEmpty();
        assertThat(server.fault()).isEmpty();
        assertThat(client.incoming().received()).isEqualTo(TOTAL);
        assertThat(server.received()).isEqualTo(TOTAL);
        assertThat(host.faults()).isEmpty();
        assertThat(client.faults()).isPositive();
        System.out.printf("%d messages each way, %d requests, %d faults%n", TOTAL, client.requests(), client.faults());
    }

    @ParameterizedTest
    @EnumSource
    @Covers({"FB-1", "FB-2", "POLL-3", "SSE-5"})
    void noMessageIsLostDoubledOrOutOfOrder(Via via) {
        ModelClient client = client(via.name().hashCode());
        while (!client.isDone() || !server.isDone()) {
            client.step(via);
            goOn();
        }
        expectAll(client);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @Covers({"FB-1", "FB-2"})
    void norWhenTheSessionMoves(long seed) {
        ModelClient client = client(seed);
        Random random = new Random(-seed);
        Via via = Via.LONG;
        while (!client.isDone() || !server.isDone()) {
            if (random.nextInt(5) == 0) {
                via = VIAS.get(random.nextInt(VIAS.size()));
            }
            client.step(via);
            goOn();
        }
        expectAll(client);
    }

    @Test
    void theClientIsHeardThoughTheServerAlwaysHasMore() {
        NumberedMessages busy = new NumberedMessages(Long.MAX_VALUE);
        Polling polling = Polling.of(handshake -> busy);
        polling.start(host);
        String id = serve(polling, "POST", "/", new byte[0]).text().replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
        byte[] zero = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'b', 0, 0, 0, 1, '0'};
        MemoryExchange held = serve(polling, "POST", "/", zero, "Duplex-Session", id);
        assertThat(held.isEnded()).isFalse();
        MemoryExchange all = serve(polling, "GET", "/?via=long&turn=1", new byte[0], "Duplex-Session", id);
        Block block = Block.parse(Role.SERVER, ByteBuffer.wrap(all.content()));
        serve(polling, "GET", "/?via=long&turn=2&after=" + block.count(), new byte[0], "Duplex-Session", id);
        assertThat(held.status()).isEqualTo(200);
        assertThat(busy.received()).isEqualTo(1);
        assertThat(busy.fault()).isEmpty();
    }

    private MemoryExchange serve(Polling polling, String method, String target, byte[] body, String... fields) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/octet-stream"));
        all.addAll(List.of(fields));
        MemoryExchange exchange =
                new MemoryExchange(host.loop().shared(), method, target, body, all.toArray(String[]::new));
        polling.serve(exchange);
        host.loop().run();
        return exchange;
    }

    @Test
    void timeDoesNotEndASessionThatIsUsed() {
        ModelClient client = client(0);
        for (int i = 0; i < 30 && !client.isDone(); i++) {
            client.step(Via.LONG);
            goOn();
            host.loop().pass(Duration.ofSeconds(31));
        }
        assertThat(host.sessions()).hasSize(1);
    }
}
