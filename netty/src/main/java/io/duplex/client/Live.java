package io.duplex.client;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What of one client lives and has to end with it: event loops may be shared. Thread-safe. */
final class Live<T> {
    private static final long MARGIN_NANOS = 1_000_000_000;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private final Set<T> live = new HashSet<>();
    private final Consumer<? super T> ask;
    private final Consumer<? super T> cut;
    private boolean closing;

    /**
     * Creates it with nothing in it.
     *
     * @param ask asks for an orderly end
     * @param cut ends at once
     */
    Live(Consumer<? super T> ask, Consumer<? super T> cut) {
        this.ask = ask;
        this.cut = cut;
    }

    /** Adds what has begun; {@code false} if the client closes, so that it must go. */
    synchronized boolean add(T begun) {
        live.add(begun);
        return !closing;
    }

    /** Removes what is gone. */
    synchronized void remove(T gone) {
        live.remove(gone);
        if (live.isEmpty()) {
            notifyAll();
        }
    }

    /**
     * Asks all for an orderly end, and waits until nothing is left; then cuts.
     *
     * @param closeTimeout by which each cuts itself; a little later this stops waiting. Zero for no limit
     */
    void close(Duration closeTimeout) {
        synchronized (this) {
            closing = true;
        }
        all().forEach(ask);
        if (!awaitNone(closeTimeout.isZero() ? Long.MAX_VALUE : closeTimeout.toNanos() + MARGIN_NANOS)) {
            all().forEach(cut);
            awaitNone(MARGIN_NANOS);
        }
    }

    private synchronized List<T> all() {
        return List.copyOf(live);
    }

    private synchronized boolean awaitNone(long nanos) {
        long start = System.nanoTime();
        boolean interrupted = false;
        while (!live.isEmpty() && System.nanoTime() - start < nanos) {
            long left = Math.max(1, (nanos - (System.nanoTime() - start)) / NANOS_PER_MILLI);
            try {
                wait(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return live.isEmpty();
    }
}
