package io.duplex.cli.lab;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What the clients of one way have got, and how long after it happened. Thread-safe. */
final class Arrivals {
    private static final long MAX_MICROS = 600_000_000L;
    private static final int DIGITS = 3;

    private final Recorder micros = new Recorder(MAX_MICROS, DIGITS);
    private final LongAdder disordered = new LongAdder();

    /** Of one client: notes an event, which should be the one after the last. */
    long arrived(String event, long last) {
        micros.recordValue(Math.max(0, Math.min(Stamp.now() - Stamp.micros(event), MAX_MICROS)));
        long number = Stamp.number(event);
        if (last != 0 && number != last + 1) {
            disordered.increment();
        }
        return number;
    }

    /** Latencies since the last call. */
    Histogram take() {
        return micros.getIntervalHistogram();
    }

    /** Events that did not follow the one before. */
    long disordered() {
        return disordered.sum();
    }
}
