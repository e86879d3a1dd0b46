package io.duplex.connection;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

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
        loops.compute(name, (same, count) -> {
            if (count == null) {
                whenFirst.accept(name);
            }
            return count == null ? 1 : count + 1;
        });
    }

    /** A loop has lost its last member of {@code name}. */
    void left(String name) {
        loops.computeIfPresent(name, (same, count) -> {
            if (count == 1) {
                whenLast.accept(name);
            }
            return count == 1 ? null : count - 1;
        });
    }
}
