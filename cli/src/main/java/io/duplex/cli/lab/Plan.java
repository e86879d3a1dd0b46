package io.duplex.cli.lab;

import java.time.Duration;

/**
 * What an experiment does. Immutable.
 *
 * @param clients of each way
 * @param eventsPerSecond over time; bursts included
 * @param burst events that come at once
 * @param payloadBytes of an event
 * @param pollInterval between two short polls
 * @param network between clients and servers
 */
public record Plan(
        int clients, double eventsPerSecond, int burst, int payloadBytes, Duration pollInterval, Network network) {
    private static final int MAX_CLIENTS = 1000;
    private static final int MAX_PAYLOAD_BYTES = 16 << 10;
    private static final double MAX_RATE = 10_000;
    private static final int MAX_BURST = 1000;

    /** The ways of the network. */
    public record Network(Duration roundTrip, double loss) {
        private static final Duration MAX_ROUND_TRIP = Duration.ofSeconds(5);

        /**
         * Checks.
         *
         * @param roundTrip added to what the machine takes, at most 5 s
         * @param loss the part of segments that come late by a retransmission, 0 to 0.5
         * @throws IllegalArgumentException if a value is out of range
         */
        public Network {
            if (roundTrip.isNegative() || roundTrip.compareTo(MAX_ROUND_TRIP) > 0) {
                throw new IllegalArgumentException("round-trip time is " + roundTrip + ", range 0 to 5 s");
            }
            if (!(loss >= 0 && loss <= 0.5)) {
                throw new IllegalArgumentException("loss is " + loss + ", range 0 to 0.5");
            }
        }
    }

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if a value is out of range
     */
    public Plan {
        require("clients", clients, 1, MAX_CLIENTS);
        require("burst", burst, 1, MAX_BURST);
        require("payload", payloadBytes, Stamp.MIN_BYTES, MAX_PAYLOAD_BYTES);
        if (!(eventsPerSecond > 0 && eventsPerSecond <= MAX_RATE)) {
            throw new IllegalArgumentException("events a second are " + eventsPerSecond + ", range above 0 to 10000");
        }
        if (pollInterval.toMillis() < 10 || pollInterval.toSeconds() > 600) {
            throw new IllegalArgumentException("poll interval is " + pollInterval + ", range 0.01 to 600 s");
        }
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + ", range " + least + " to " + most);
        }
    }
}
