package io.duplex.client.w3c;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The {@code bufferedAmount} of one socket: what was given to it and has not gone out, as of the task that runs (WebSockets
 * Standard §3.1). Thread-safe.
 */
final class BufferedAmount {
    private final Executor tasks;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong gone = new AtomicLong();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    /** @param tasks the socket's queue: the amount becomes smaller in a task of its own only */
    BufferedAmount(Executor tasks) {
        this.tasks = tasks;
    }

    long bytes() {
        return bytes.get();
    }

    void add(long queued) {
        bytes.addAndGet(queued);
    }

    /** Has a task take away what has gone out. */
    void remove(long transmitted) {
        gone.addAndGet(transmitted);
        if (scheduled.compareAndSet(false, true)) {
            tasks.execute(this::settle);
        }
    }

    private void settle() {
        scheduled.set(false);
        bytes.addAndGet(-gone.getAndSet(0));
    }
}
