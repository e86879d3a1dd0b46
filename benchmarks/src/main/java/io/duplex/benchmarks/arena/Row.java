package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import io.duplex.benchmarks.load.Figures;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One server at one case: medians over its processes.
 *
 * @param good the figures, one at least unless all failed
 * @param failures what went wrong, each time it did
 */
record Row(Contestant contestant, Case what, List<Entry> good, List<String> failures) {
    /** {@code null} if there is nothing. */
    static @Nullable Row of(Results results, Contestant contestant, Case what) {
        List<Entry> entries = results.of(contestant.id(), what);
        if (entries.isEmpty()) {
            return null;
        }
        List<Entry> good = entries.stream()
                .filter(entry -> entry.figures().failure() == null)
                .toList();
        List<String> failures = entries.stream()
                .map(entry -> entry.figures().failure())
                .filter(Objects::nonNull)
                .toList();
        return new Row(contestant, what, good, failures);
    }

    boolean hasFigures() {
        return !good.isEmpty();
    }

    /** What servers are compared by: CPU microseconds a message, or bytes an idle connection. */
    double cost() {
        return median(Row::costOf);
    }

    double lowest() {
        return good.stream().mapToDouble(Row::costOf).min().orElse(Double.NaN);
    }

    double highest() {
        return good.stream().mapToDouble(Row::costOf).max().orElse(Double.NaN);
    }

    private static double costOf(Entry entry) {
        if (entry.what().work() != Case.Work.IDLE) {
            return entry.figures().cpuMicros();
        }
        Long rss = entry.figures().rssPerConnection();
        return rss == null ? Double.NaN : rss;
    }

    double heap() {
        return median(entry -> {
            Long heap = entry.heapPerConnection();
            return heap == null ? Double.NaN : heap;
        });
    }

    double figure(ToDoubleFunction<Figures> figure) {
        return median(entry -> figure.applyAsDouble(entry.figures()));
    }

    private double median(ToDoubleFunction<Entry> figure) {
        double[] sorted = good.stream().mapToDouble(figure).sorted().toArray();
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
