package io.duplex;

import java.time.Duration;

/**
 * How fast one peer may send. Each rate is a token bucket: after a silence a burst may come at once, then so much a second.
 * Time is looked at about ten times a second. None is on by default, because only the application knows what is much: what a
 * peer can make this side hold is bounded by {@link Limits} anyway. Immutable and thread-safe.
 */
public final class RateLimits {
    /** No limit. */
    public static final RateLimits NONE = builder().build();

    /** What becomes of a peer that is too fast. */
    public enum Excess {
        /** Its bytes are left in TCP until it is within the limits again, which slows it down. It notices a delay only. */
        SLOW_DOWN,
        /** The connection is closed with 1008; the message that is too much is dropped. */
        CLOSE
    }

    private final int messages;
    private final long bytes;
    private final int controlFrames;
    private final Duration burst;
    private final Excess excess;

    private RateLimits(Builder builder) {
        messages = builder.messages;
        bytes = builder.bytes;
        controlFrames = builder.controlFrames;
        burst = builder.burst;
        excess = builder.excess;
    }

    /** Starts without limits. */
    public static Builder builder() {
        return new Builder();
    }

    /** Messages a second, whatever their length; 0 for no limit, which is the default. */
    public int messages() {
        return messages;
    }

    /** Bytes a second, as they come from the network, frame headers included; 0 for no limit, which is the default. */
    public long bytes() {
        return bytes;
    }

    /** Pings and Pongs a second; 0 for no limit, which is the default. */
    public int controlFrames() {
        return controlFrames;
    }

    /** How many seconds' worth may come at once after a silence. Default 1 s. */
    public Duration burst() {
        return burst;
    }

    /** What becomes of a peer that is too fast. Default {@link Excess#SLOW_DOWN}. */
    public Excess excess() {
        return excess;
    }

    /** Whether there is any limit. */
    public boolean isOn() {
        return messages > 0 || bytes > 0 || controlFrames > 0;
    }

    /** Starts from these limits. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.messages = messages;
        builder.bytes = bytes;
        builder.controlFrames = controlFrames;
        builder.burst = burst;
        builder.excess = excess;
        return builder;
    }

    /** Builds {@link RateLimits}. Confined to one thread at a time. */
    public static final class Builder {
        private static final Duration LEAST_BURST = Duration.ofMillis(200);
        private static final Duration MOST_BURST = Duration.ofHours(1);

        private int messages;
        private long bytes;
        private int controlFrames;
        private Duration burst = Duration.ofSeconds(1);
        private Excess excess = Excess.SLOW_DOWN;

        private Builder() {}

        /**
         * Sets {@link RateLimits#messages()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder messages(int perSecond) {
            messages = (int) notNegative("messages", perSecond);
            return this;
        }

        /**
         * Sets {@link RateLimits#bytes()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder bytes(long perSecond) {
            bytes = notNegative("bytes", perSecond);
            return this;
        }

        /**
         * Sets {@link RateLimits#controlFrames()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder controlFrames(int perSecond) {
            controlFrames = (int) notNegative("controlFrames", perSecond);
            return this;
        }

        /**
         * Sets {@link RateLimits#burst()}.
         *
         * @throws IllegalArgumentException if it is below 200 ms or above an hour
         */
        public Builder burst(Duration worth) {
            if (worth.compareTo(LEAST_BURST) < 0 || worth.compareTo(MOST_BURST) > 0) {
                throw new IllegalArgumentException(
                        "burst is " + worth + ", range " + LEAST_BURST + " to " + MOST_BURST);
            }
            burst = worth;
            return this;
        }

        /** Sets {@link RateLimits#excess()}. */
        public Builder excess(Excess policy) {
            excess = policy;
            return this;
        }

        /** Builds the limits. */
        public RateLimits build() {
            return new RateLimits(this);
        }

        private static long notNegative(String name, long value) {
            if (value < 0) {
                throw new IllegalArgumentException(name + " a second is " + value + ", must not be negative");
            }
            return value;
        }
    }
}
