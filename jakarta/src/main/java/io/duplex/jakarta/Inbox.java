package io.duplex.jakarta;

import io.duplex.ReadyState;
import io.duplex.WebSocket;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has brought and its endpoint has not seen yet. One thread at a time takes it out, in order, so that
 * callbacks never overlap; it is there only while there is something. If much waits, the peer is slowed down. Thread-safe.
 */
final class Inbox {
    /** Items that wait before the peer is slowed down. */
    static final int MAX_ITEMS = 256;

    /** Their bytes before the peer is slowed down. */
    static final int MAX_BYTES = 256 << 10;

    /** Something that has come. */
    interface Item {
        /** Bytes that it holds. */
        default int size() {
            return 0;
        }
    }

    /** Takes items out. */
    @FunctionalInterface
    interface Taker {
        void take(Item item);
    }

    /** Never rejects. */
    private final Executor executor;

    private final Taker taker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Queue<Item> items = new ArrayDeque<>(4);
    private @Nullable WebSocket socket;
    private long bytes;
    private boolean running;
    private boolean paused;
    /** Who takes items out; {@code null} if nobody does. */
    private volatile @Nullable Thread taking;

    Inbox(Executor executor, Taker taker) {
        this.executor = executor;
        this.taker = taker;
    }

    /** Tells which socket to pause. */
    void open(WebSocket opened) {
        lock.lock();
        try {
            socket = opened;
        } finally {
            lock.unlock();
        }
    }

    /** Puts an item at the end. */
    void offer(Item item) {
        WebSocket toPause = null;
        boolean start;
        lock.lock();
        try {
            items.add(item);
            bytes += item.size();
            arrived.signal();
            start = !running;
            running = true;
            if (!paused && (items.size() >= MAX_ITEMS || bytes >= MAX_BYTES)) {
                paused = true;
                toPause = socket;
            }
        } finally {
            lock.unlock();
        }
        if (toPause != null) {
            toPause.pause();
        }
        if (start) {
            executor.execute(this::run);
        }
    }

    /**
     * Puts an item at the end, and takes it out here if nobody takes out anything now.
     *
     * @return whether it has been taken out, or will be as soon as the caller returns, which takes items out itself
     */
    boolean offerHere(Item item) {
        boolean here;
        lock.lock();
        try {
            here = !running;
            running = true;
            if (!here) {
                items.add(item);
                bytes += item.size();
                arrived.signal();
            }
        } finally {
            lock.unlock();
        }
        if (here) {
            taking = Thread.currentThread();
            taker.take(item);
            goOn();
        }
        return here || taking == Thread.currentThread();
    }

    /** Leaves the rest to a thread of its own. */
    private void goOn() {
        taking = null;
        lock.lock();
        try {
            running = !items.isEmpty();
            if (!running) {
                return;
            }
        } finally {
            lock.unlock();
        }
        executor.execute(this::run);
    }

    private void run() {
        taking = Thread.currentThread();
        for (Item item = next(false); item != null; item = next(false)) {
            taker.take(item);
        }
    }

    /**
     * Waits for the next item: for the thread that takes items out, in the middle of a message that comes in parts.
     *
     * @throws InterruptedException if the wait is interrupted
     */
    Item await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (items.isEmpty()) {
                arrived.await();
            }
        } finally {
            lock.unlock();
        }
        Item item = next(true);
        if (item == null) {
            throw new AssertionError("another thread takes items out");
        }
        return item;
    }

    private @Nullable Item next(boolean stay) {
        Item item;
        WebSocket toResume = null;
        lock.lock();
        try {
            item = items.poll();
            if (item == null) {
                running = stay;
                taking = stay ? taking : null;
            } else {
                bytes -= item.size();
            }
            if (paused && items.size() <= MAX_ITEMS / 2 && bytes <= MAX_BYTES / 2) {
                paused = false;
                toResume = socket;
            }
        } finally {
            lock.unlock();
        }
        if (toResume != null && toResume.readyState() != ReadyState.CLOSED) {
            toResume.resume();
        }
        return item;
    }
}
