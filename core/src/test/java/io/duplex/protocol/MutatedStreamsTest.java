package io.duplex.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import org.junit.jupiter.api.Test;

/** Valid sessions, damaged: a small part of what {@code ./fuzz mutations} does. Another seed: {@code -Dduplex.seed=...}. */
class MutatedStreamsTest {
    private static final int STREAMS = 100_000;
    private static final long SEED = Long.getLong("duplex.seed", 1);

    @Test
    @Covers({"WS-6.2-1", "WS-10.4-1", "WS-10.7-1"})
    void noDamagedSessionDoesHarm() {
        MutatedStreams onHeap = new MutatedStreams(false);
        MutatedStreams direct = new MutatedStreams(true);
        for (int i = 0; i < STREAMS; i += 2) {
            onHeap.run(SEED + i);
            direct.run(SEED + i + 1);
        }
        for (Event event : Event.values()) {
            assertThat(onHeap.count(event)).as(event.name()).isPositive();
            assertThat(direct.count(event)).as(event.name()).isPositive();
        }
    }
}
