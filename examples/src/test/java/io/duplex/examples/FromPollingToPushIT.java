package io.duplex.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.examples.FromPollingToPush.Result;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The steps of the guide run, and each is worth its while. */
class FromPollingToPushIT {
    private static final int CLIENTS = 8;
    private static final int CHANGES = 4;

    @Test
    void eachStepTakesLessAndBringsTheLastChangeToEverybody() throws Exception {
        List<Result> steps =
                new FromPollingToPush(CLIENTS, CHANGES, Duration.ofMillis(250), Duration.ofMillis(50)).run();
        Result polling = steps.get(0);
        Result etag = steps.get(1);
        Result bridge = steps.get(2);
        Result changes = steps.get(3);
        Result push = steps.get(4);
        assertThat(etag.bytes()).isLessThan(polling.bytes());
        assertThat(bridge.requests()).isLessThan(etag.requests() / 2);
        assertThat(bridge.bytes()).isLessThan(etag.bytes());
        assertThat(changes.bytes()).isLessThan(bridge.bytes());
        assertThat(push.requests()).isZero();
        assertThat(push.bytes()).isLessThan(bridge.bytes());
        assertThat(push.updates()).isEqualTo((long) CLIENTS * CHANGES);
        assertThat(steps).allMatch(step -> step.updates() >= CLIENTS);
    }
}
