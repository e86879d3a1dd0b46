package io.duplex.cli.lab;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Publishes the same events at the same time to all tracks. */
final class Source implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "duplex-lab-source");
        thread.setDaemon(true);
        return thread;
    });
    private final List<Track> tracks;
    private final Plan plan;
    private long number;

    Source(List<Track> tracks, Plan plan) {
        this.tracks = tracks;
        this.plan = plan;
    }

    void start() {
        long nanos = (long) (plan.burst() / plan.eventsPerSecond() * 1e9);
        timer.scheduleAtFixedRate(this::burst, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private void burst() {
        for (int i = 0; i < plan.burst(); i++) {
            String event = Stamp.text(++number, Stamp.now(), plan.payloadBytes());
            tracks.forEach(track -> track.publish(event));
        }
    }

    /** No event follows. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            timer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
