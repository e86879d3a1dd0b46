package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An event loop that takes a turn when the test says so, on the test's thread. */
final class ManualLoop implements Executor {
    private final BlockingQueue<Runnable> turns = new LinkedBlockingQueue<>();

    @Override
    public void execute(Runnable turn) {
        turns.add(turn);
    }

    /** Waits for something to do. */
    void await() throws InterruptedException {
        Runnable turn = turns.poll(60, TimeUnit.SECONDS);
        assertThat(turn).as("came in time").isNotNull();
        turns.add(turn);
    }

    /** Waits for something to do, and does it. */
    void turn() throws InterruptedException {
        Runnable turn = turns.poll(60, TimeUnit.SECONDS);
        assertThat(turn).as("came in time").isNotNull();
        turn.run();
    }

    boolean isIdle() {
        return turns.isEmpty();
    }
}
