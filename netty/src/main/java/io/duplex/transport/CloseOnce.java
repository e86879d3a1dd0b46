package io.duplex.transport;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A close that happens once: the first call does it, further ones wait for it. Thread-safe. */
public final class CloseOnce {
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch done = new CountDownLatch(1);

    /** Creates a close that has not begun. */
    public CloseOnce() {}

    /** Runs {@code action} if nobody has; returns when it is done. Interrupts do not end the wait. */
    public void run(Runnable action) {
        if (begun.compareAndSet(false, true)) {
            try {
                action.run();
            } finally {
                done.countDown();
            }
        } else {
            awaitUninterruptibly();
        }
    }

    private void awaitUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it has begun. */
    public boolean hasBegun() {
        return begun.get();
    }

    /** Waits until it is done. */
    public void await() throws InterruptedException {
        done.await();
    }
}
