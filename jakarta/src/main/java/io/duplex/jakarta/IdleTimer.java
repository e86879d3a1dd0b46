package io.duplex.jakarta;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Tells when nothing has happened on a session for too long (Jakarta WebSocket §2.1.6). Thread-safe. */
final class IdleTimer {
    private final ContainerSettings settings;
    private final LongConsumer whenIdle;
    private volatile long limitMillis;
    private volatile long lastActiveNanos;

    // Guarded by this.
    private @Nullable ScheduledFuture<?> look;
    private boolean running;

    /**
     * Is to be started.
     *
     * @param limitMillis zero or less for none
     * @param whenIdle is told how many milliseconds were too long, on a thread that must not wait
     */
    IdleTimer(ContainerSettings settings, long limitMillis, LongConsumer whenIdle) {
        this.settings = settings;
        this.limitMillis = limitMillis;
        this.whenIdle = whenIdle;
    }

    long limitMillis() {
        return limitMillis;
    }

    synchronized void limitMillis(long millis) {
        limitMillis = millis;
        restart();
    }

    synchronized void start() {
        running = true;
        restart();
    }

    private void restart() {
        lastActiveNanos = System.nanoTime();
        lookIn(limitNanos());
    }

    private long limitNanos() {
        return TimeUnit.MILLISECONDS.toNanos(limitMillis);
    }

    private void lookIn(long nanos) {
        if (look != null) {
            look.cancel(false);
        }
        look = running && limitMillis > 0 ? settings.later(this::look, nanos) : null;
    }

    /** Something was sent or received. */
    void touch() {
        if (limitMillis > 0) {
            lastActiveNanos = System.nanoTime();
        }
    }

    private void look() {
        synchronized (this) {
            if (!running || limitMillis <= 0) {
                return;
            }
            long leftNanos = limitNanos() - (System.nanoTime() - lastActiveNanos);
            if (leftNanos > 0) {
                lookIn(leftNanos);
                return;
            }
            stop();
        }
        whenIdle.accept(limitMillis);
    }

    /** Tells nothing more. */
    synchronized void stop() {
        running = false;
        lookIn(0);
    }
}
