package io.duplex.benchmarks.arena;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.duplex.benchmarks.load.Case;
import io.duplex.benchmarks.load.Figures;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one server at one case, taken once.
 *
 * @param run the {@link Run}'s id
 * @param heapPerConnection live Java heap for each idle connection, in bytes; {@code null} in other work
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Entry(int run, String server, Case what, @Nullable Long heapPerConnection, Figures figures) {
    boolean isOf(String otherServer, Case otherCase) {
        return server.equals(otherServer) && what.equals(otherCase);
    }
}
