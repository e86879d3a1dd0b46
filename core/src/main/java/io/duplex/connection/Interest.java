package io.duplex.connection;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * On how many event loops each name has members, and who is told of the first and the last. Thread-safe.
 *
 * <p>Calls about one name never overlap, and no lock is held in one: who makes a call may join or leave from within it. While
 * one thread makes calls about a name, others only count, and it looks again whether there is something to tell.
 */
final class Interest {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Count> counts = new HashMap<>();
    private final Consumer<String> whenFirst;
    private final Consumer<String> whenLast;

    /** Guarded by the lock. */
    private static final class Count {
        private int loops;
        /** Whether the last call was for a first member. */
        private boolean told;

        private boolean telling;
    }

    /** Creates interest in nothing. */
    Interest(Consumer<String> whenFirst, Consumer<String> whenLast) {
        this.whenFirst = whenFirst;
        this.whenLast = whenLast;
    }

    /** A loop has its first member of {@code name}. */
    void joined(String name) {
        count(name, 1);
    }

    /** A loop has lost its last member of {@code name}. */
    void left(String name) {
        count(name, -1);
    }

    private void count(String name, int change) {
        Count count;
        lock.lock();
        try {
            count = counts.computeIfAbsent(name, none -> new Count());
            count.loops += change;
            if (count.telling) {
                return;
            }
            count.telling = true;
        } finally {
            lock.unlock();
        }
        tell(name, count);
    }

    private void tell(String name, Count count) {
        Throwable failure = null;
        for (Consumer<String> call; (call = next(name, count)) != null; ) {
            try {
                call.accept(name);
            } catch (RuntimeException | Error fault) {
                // Which does not change who has joined, nor keeps the next call from being made.
                failure = fault;
            }
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure instanceof RuntimeException fault) {
            throw fault;
        }
    }

    /** The call that is due; {@code null} if none is, and from then on another thread may make the next. */
    private @Nullable Consumer<String> next(String name, Count count) {
        lock.lock();
        try {
            boolean wanted = count.loops > 0;
            if (wanted != count.told) {
                count.told = wanted;
                return wanted ? whenFirst : whenLast;
            }
            count.telling = false;
            if (!wanted) {
                counts.remove(name);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }
}
