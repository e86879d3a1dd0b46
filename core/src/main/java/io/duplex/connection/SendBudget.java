package io.duplex.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes may wait to be sent at a time, over all connections that share the budget: a process has one for all. Thread-safe.
 *
 * <p>No connection may have more waiting than the others have left. So a few that hoard hold much, many hold little each, and
 * who has just begun to fall behind always finds room.
 */
public final class SendBudget {
    private final long maxBytes;
    private final Runnable whenFull;
    private final AtomicLong bytes = new AtomicLong();

    /**
     * Creates a budget of which nothing is taken.
     *
     * @param maxBytes from 0
     * @param whenFull called, on any thread, each time that a connection is refused for it
     */
    public SendBudget(long maxBytes, Runnable whenFull) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes is " + maxBytes);
        }
        this.maxBytes = maxBytes;
        this.whenFull = whenFull;
    }

    /** What may be taken in all. */
    public long maxBytes() {
        return maxBytes;
    }

    /** What is left; less than 0 where {@link #take} took more. */
    public long left() {
        return maxBytes - bytes.get();
    }

    /** Takes bytes, unless there are not so many left. */
    public boolean tryTake(long wanted) {
        if (bytes.addAndGet(wanted) > maxBytes) {
            bytes.addAndGet(-wanted);
            whenFull.run();
            return false;
        }
        return true;
    }

    /** Takes bytes for what was accepted when {@link #isOver} allowed it. */
    void take(long taken) {
        bytes.addAndGet(taken);
    }

    /** Gives bytes back. */
    public void give(long returned) {
        bytes.addAndGet(-returned);
    }

    /** Whether a connection that has {@code waiting} bytes waiting must not add to them. */
    boolean isOver(long waiting) {
        if (waiting > 0 && waiting >= left()) {
            whenFull.run();
            return true;
        }
        return false;
    }
}
