package io.duplex.conformance.soak;

import java.util.List;
import java.util.function.ToLongFunction;

/** How a figure changes with time, as the straight line that fits its samples best. */
final class Slope {
    private static final double MINUTES_AN_HOUR = 60;

    private Slope() {}

    /**
     * The change in an hour.
     *
     * @param samples one a minute
     * @return 0 if there are fewer than two
     */
    static double perHour(List<Sample> samples, ToLongFunction<Sample> figure) {
        int count = samples.size();
        if (count < 2) {
            return 0;
        }
        double middle = (count - 1) / 2.0;
        double mean = samples.stream().mapToLong(figure).average().orElseThrow();
        double above = 0;
        double below = 0;
        for (int i = 0; i < count; i++) {
            above += (i - middle) * (figure.applyAsLong(samples.get(i)) - mean);
            below += (i - middle) * (i - middle);
        }
        return above / below * MINUTES_AN_HOUR;
    }
}
