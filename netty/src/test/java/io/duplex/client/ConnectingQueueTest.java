package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.client.ConnectingQueue.Turn;
import io.duplex.testkit.Covers;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConnectingQueueTest {
    private final List<String> begun = new ArrayList<>();

    private static InetSocketAddress address(String host) {
        return InetSocketAddress.createUnresolved(host, 80);
    }

    private Turn enter(ConnectingQueue queue, String host, String name) {
        return queue.enter(address(host), () -> begun.add(name));
    }

    @Test
    @Covers("WS-4.1-C2")
    void oneAtATimeConnectsToAnAddressInTheOrderOfEntry() {
        ConnectingQueue queue = new ConnectingQueue(9);
        Turn first = enter(queue, "a", "a1");
        Turn second = enter(queue, "a", "a2");
        enter(queue, "a", "a3");
        enter(queue, "b", "b1");
        assertThat(begun).containsExactly("a1", "b1");
        first.end();
        first.end();
        assertThat(begun).containsExactly("a1", "b1", "a2");
        second.end();
        assertThat(begun).containsExactly("a1", "b1", "a2", "a3");
    }

    @Test
    @Covers("WS-4.1-C2b")
    void thePlacesAreNotTakenByThoseThatWaitForTheirAddress() {
        ConnectingQueue queue = new ConnectingQueue(2);
        Turn first = enter(queue, "a", "a1");
        enter(queue, "a", "a2");
        enter(queue, "b", "b1");
        enter(queue, "c", "c1");
        assertThat(begun).containsExactly("a1", "b1");
        first.end();
        assertThat(begun).containsExactly("a1", "b1", "c1");
    }

    @Test
    void whoDoesNotWantToWaitAnyMoreIsPassedOver() {
        ConnectingQueue queue = new ConnectingQueue(1);
        Turn first = enter(queue, "a", "a1");
        Turn second = enter(queue, "a", "a2");
        Turn ready = enter(queue, "b", "b1");
        enter(queue, "b", "b2");
        second.end();
        ready.end();
        first.end();
        assertThat(begun).containsExactly("a1", "b2");
    }

    @Test
    void nobodyIsForgottenAndTheBoundsHold() {
        Random random = new Random(1);
        for (int round = 0; round < 300; round++) {
            int max = 1 + random.nextInt(4);
            ConnectingQueue queue = new ConnectingQueue(max);
            Map<Turn, String> turns = new HashMap<>();
            Set<Turn> running = new HashSet<>();
            for (int i = 0; i < 60; i++) {
                if (turns.isEmpty() || random.nextInt(3) > 0) {
                    String host = "host" + random.nextInt(5);
                    Turn[] self = new Turn[1];
                    boolean[] early = new boolean[1];
                    self[0] = queue.enter(address(host), () -> {
                        early[0] = true;
                        if (self[0] != null) {
                            running.add(self[0]);
                        }
                    });
                    if (early[0]) {
                        running.add(self[0]);
                    }
                    turns.put(self[0], host);
                } else {
                    Turn ended = List.copyOf(turns.keySet()).get(random.nextInt(turns.size()));
                    turns.remove(ended);
                    running.remove(ended);
                    ended.end();
                }
                assertThat(running.size()).isEqualTo(Math.min(max, (int)
                        turns.values().stream().distinct().count()));
                assertThat(running.stream().map(turns::get)).doesNotHaveDuplicates();
            }
        }
    }
}
