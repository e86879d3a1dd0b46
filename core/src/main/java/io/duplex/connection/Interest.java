package io.duplex.connection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** On how many event loops each name has members, and who is told of the first and the last. Thread-safe. */
final class Interest {
    private final Map<String, Integer> loops = new ConcurrentHashMap<>();
    private final Consumer<String> whenFirst;
    private final Consumer<String> whenLast;

    /** Creates interest in nothing. Calls about one name never overlap. */
    Interest(Consumer<String> whenFirst, Consumer<String> whenLast) {
        this.whenFirst = whenFirst;
        this.whenLast = whenLast;
    }

    /** A loop has its first member of {@code name}. */
    void joined(String name) {
        Call first = new Call(whenFirst);
        loops.compute(name, (same, count) -> {
            if (count == null) {
                first.make(name);
            }
            return count == null ? 1 : count + 1;
        });
        first.rethrow();
    }

    /** A loop has lost its last member of {@code name}. */
    void left(String name) {
        Call last = new Call(whenLast);
        loops.computeIfPresent(name, (same, count) -> {
            if (count == 1) {
                last.make(name);
            }
            return count == 1 ? null : count - 1;
        });
        last.rethrow();
    }

    /** A call whose failure must not keep a name from being counted. */
    private static final class Call {
        private final Consumer<String> callee;
        private @Nullable RuntimeException failure;

        Call(Consumer<String> callee) {
            this.callee = callee;
        }

        void make(String name) {
            try {
                callee.accept(name);
            } catch (RuntimeException fault) {
                failure = fault;
            }
        }

        void rethrow() {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
