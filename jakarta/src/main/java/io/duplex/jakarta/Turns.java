package io.duplex.jakarta;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Whose turn it is to send on a connection. A message in parts has it from its first part to its last, so that its sender, when
 * it waits for the peer, waits for nobody else. Those who wait block; what must not block is kept, and sent before the next turn
 * begins. Thread-safe.
 */
final class Turns {
    /** Messages that may be kept at a time. */
    private static final int MAX_KEPT = 1_000;

    private final Semaphore turn = new Semaphore(1, true);
    private final Queue<Runnable> kept = new ConcurrentLinkedQueue<>();
    private final AtomicInteger keptCount = new AtomicInteger();
    private final long timeoutNanos;

    Turns(long timeoutNanos) {
        this.timeoutNanos = timeoutNanos;
    }

    /**
     * Waits for the turn.
     *
     * @throws IOException if somebody else keeps it for too long
     */
    void take() throws IOException, InterruptedException {
        if (!turn.tryAcquire(timeoutNanos, TimeUnit.NANOSECONDS)) {
            throw new IOException("another message in parts has not ended for "
                    + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
        }
        sendKept();
    }

    /** Takes the turn if nobody has it. */
    boolean tryTake() {
        boolean taken = turn.tryAcquire();
        if (taken) {
            sendKept();
        }
        return taken;
    }

    /** Ends the turn, after what was kept meanwhile. */
    void end() {
        do {
            sendKept();
            turn.release();
        } while (!kept.isEmpty() && turn.tryAcquire());
    }

    /** Ends all turns, as the connection has ended: nobody waits any more. */
    void endAll() {
        turn.release(Integer.MAX_VALUE / 2);
        sendKept();
    }

    private void sendKept() {
        for (Runnable next = kept.poll(); next != null; next = kept.poll()) {
            keptCount.decrementAndGet();
            next.run();
        }
    }

    /** Sends with the end of the turn that somebody has. */
    CompletableFuture<Void> afterwards(Supplier<CompletableFuture<Void>> send) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        if (keptCount.incrementAndGet() > MAX_KEPT) {
            keptCount.decrementAndGet();
            sent.completeExceptionally(
                    new IOException("over " + MAX_KEPT + " messages wait for the end of another one"));
            return sent;
        }
        kept.add(() -> send.get().whenComplete((nothing, failure) -> {
            if (failure == null) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(failure);
            }
        }));
        // It may have ended before this was kept.
        if (turn.tryAcquire()) {
            end();
        }
        return sent;
    }
}
