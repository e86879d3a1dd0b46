package io.duplex.transport;

import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory may be lent at a time. Where the JVM's direct memory runs out, the JDK lets the thread that asks sleep for
 * half a second before it says so, and on an event loop all connections with it: so it is not asked. Thread-safe.
 */
final class MemoryBudget {
    /**
     * Of all event loops, as the memory is the JVM's. A quarter is left to what is not lent: to what was sent to peers that do
     * not read, to TLS, to the pool's gaps.
     */
    static final MemoryBudget SHARED = new MemoryBudget(
            Long.getLong("io.duplex.maxReceiveMemoryBytes", PlatformDependent.estimateMaxDirectMemory() / 4 * 3));

    private final long maxBytes;
    private final AtomicLong lentBytes = new AtomicLong();

    MemoryBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Counts memory that is to be lent.
     *
     * @throws OutOfMemoryError if it would be too much
     */
    void take(long bytes) {
        if (lentBytes.addAndGet(bytes) > maxBytes) {
            lentBytes.addAndGet(-bytes);
            throw new OutOfMemoryError("more than " + maxBytes + " bytes would be held of what peers sent");
        }
    }

    /** Counts memory that was given back. */
    void give(long bytes) {
        lentBytes.addAndGet(-bytes);
    }

    /** What may be lent yet. */
    long left() {
        return maxBytes - lentBytes.get();
    }
}
