package io.duplex.cli.lab;

import org.HdrHistogram.Histogram;

/**
 * What was measured of one way.
 *
 * @param delivered events, over all clients
 * @param disordered of these, how many did not follow the one before
 * @param latency in microseconds, from when an event happened to when a client had it
 */
public record Result(Way way, Costs costs, long delivered, long disordered, Histogram latency) {
    private static final double NANOS_A_MICRO = 1000;

    /** Processor time of the server for each delivery, in microseconds; NaN if nothing was delivered. */
    public double cpuMicrosPerEvent() {
        return delivered == 0 || costs.cpuNanos() < 0 ? Double.NaN : costs.cpuNanos() / NANOS_A_MICRO / delivered;
    }

    /** Bytes on TCP for each delivery, both ways, headers included; NaN if nothing was delivered. */
    public double bytesPerEvent() {
        return delivered == 0 ? Double.NaN : (double) (costs.bytesUp() + costs.bytesDown()) / delivered;
    }
}
