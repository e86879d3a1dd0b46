package io.duplex.server;

import io.duplex.transport.SocketLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the event loops from a thread of its own, now and then, and tells of those that have not come round for too long.
 * It costs a loop nothing but what it does anyway, the tick of its timers. Thread-safe.
 */
final class Watchdog {
    /** A loop's tick comes this often; it is no older on a loop that is not blocked. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long LOOKS = 4;
    private static final long PATIENCE_MILLIS = 1000;

    private final Duration after;
    private final Consumer<? super BlockedLoop> told;
    private final Watched[] watched;
    private final Thread thread;
    private volatile boolean stopped;

    private Watchdog(List<SocketLoop> loops, Duration after, Consumer<? super BlockedLoop> told) {
        this.after = after;
        this.told = told;
        this.watched = loops.stream().map(Watched::new).toArray(Watched[]::new);
        this.thread = new Thread(this::run, "duplex-watchdog");
        thread.setDaemon(true);
    }

    /**
     * Starts to look.
     *
     * @param after for how long a loop may be busy; zero to start nothing
     * @return {@code null} if nothing was started
     */
    static @Nullable Watchdog start(List<SocketLoop> loops, Duration after, Consumer<? super BlockedLoop> told) {
        if (after.isZero()) {
            return null;
        }
        Watchdog watchdog = new Watchdog(loops, after, told);
        watchdog.thread.start();
        return watchdog;
    }

    /** Ends the thread, and waits for that for a moment. */
    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
        try {
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long afterNanos = after.toNanos();
        long pauseNanos = Math.max(afterNanos / LOOKS, TimeUnit.MILLISECONDS.toNanos(10));
        long before = System.nanoTime();
        while (!stopped) {
            LockSupport.parkNanos(pauseNanos);
            long now = System.nanoTime();
            // If this thread was late, so were all: the machine or the garbage collector is to blame.
            boolean wasFrozen = now - before > pauseNanos + afterNanos / 2;
            before = now;
            if (!wasFrozen) {
                for (Watched each : watched) {
                    each.look(now, afterNanos + TICK_NANOS);
                }
            }
        }
    }

    private final class Watched {
        private final SocketLoop loop;
        private long toldOfNanos;
        private boolean isTold;

        Watched(SocketLoop loop) {
            this.loop = loop;
        }

        void look(long now, long limitNanos) {
            long beat = loop.beatNanos();
            Thread busy = loop.thread();
            if (busy == null || now - beat < limitNanos || isTold && beat == toldOfNanos) {
                return;
            }
            StackTraceElement[] stack = busy.getStackTrace();
            if (loop.beatNanos() == beat) {
                toldOfNanos = beat;
                isTold = true;
                told.accept(BlockedLoop.of(busy.getName(), Duration.ofNanos(now - beat), stack));
            }
        }
    }
}
