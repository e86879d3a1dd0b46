package io.duplex.connection;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What other threads want a connection to send, until its event loop comes for it. Thread-safe. */
final class Mailbox {
    private final ConcurrentLinkedQueue<Outbound> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** Adds to the end; returns whether the loop must be told to come. */
    boolean add(Outbound outbound) {
        bytes.addAndGet(outbound.length());
        queue.add(outbound);
        return !scheduled.get() && scheduled.compareAndSet(false, true);
    }

    /** The loop has come: from now on it must be told again. To be called before {@link #poll}. */
    void arrived() {
        scheduled.set(false);
    }

    @Nullable Outbound poll() {
        Outbound first = queue.poll();
        if (first != null) {
            bytes.addAndGet(-first.length());
        }
        return first;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    long bytes() {
        return bytes.get();
    }
}
