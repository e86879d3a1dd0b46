package io.duplex.client;

import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * When a {@link ReconnectingWebSocket} comes back. The delay before the n-th attempt in a row is a random time between zero and
 * {@code initialDelay * 2^(n-1)}, at most {@code maxDelay} (exponential back-off with full jitter): clients that lose a server
 * together do not come back together. A server's Retry-After makes it longer, up to an hour. Immutable; thread-safe if its
 * functions are.
 */
public final class Reconnect {
    /** The defaults. */
    public static final Reconnect DEFAULT = builder().build();

    private final Duration initialDelay;
    private final Duration maxDelay;
    private final int maxAttempts;
    private final Duration stableAfter;
    private final int queueBytes;
    private final Predicate<? super Outage> retryIf;
    private final BiConsumer<? super Outage, ? super Duration> onRetry;

    private Reconnect(Builder builder) {
        initialDelay = builder.initialDelay;
        maxDelay = builder.maxDelay;
        maxAttempts = builder.maxAttempts;
        stableAfter = builder.stableAfter;
        queueBytes = builder.queueBytes;
        retryIf = builder.retryIf;
        onRetry = builder.onRetry;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The upper bound of the first delay. Default 1 s. */
    public Duration initialDelay() {
        return initialDelay;
    }

    /** What the upper bound of a delay grows to. Default 1 min. */
    public Duration maxDelay() {
        return maxDelay;
    }

    /** Failures in a row after which it is given up. Default {@link Integer#MAX_VALUE}: the delays bound the load. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** How long a connection must last for the count of failures to begin anew. Default 30 s. */
    public Duration stableAfter() {
        return stableAfter;
    }

    /** Bytes of messages that wait while there is no connection. Default 0: they are refused. */
    public int queueBytes() {
        return queueBytes;
    }

    boolean retries(Outage outage) {
        return outage.failures() < maxAttempts && retryIf.test(outage);
    }

    void tell(Outage outage, Duration delay) {
        onRetry.accept(outage, delay);
    }

    /** The delay after so many failures in a row. */
    Duration delay(int failures, RandomGenerator random) {
        long bound = initialDelay.toNanos();
        long max = maxDelay.toNanos();
        for (int i = 1; i < failures && bound < max; i++) {
            bound = bound > max / 2 ? max : 2 * bound;
        }
        return Duration.ofNanos(random.nextLong(Math.min(bound, max) + 1));
    }

    /** Builds {@link Reconnect}s. Confined to one thread at a time. */
    public static final class Builder {
        private static final Duration LONGEST = Duration.ofDays(365);

        private Duration initialDelay = Duration.ofSeconds(1);
        private Duration maxDelay = Duration.ofMinutes(1);
        private int maxAttempts = Integer.MAX_VALUE;
        private Duration stableAfter = Duration.ofSeconds(30);
        private int queueBytes;
        private Predicate<? super Outage> retryIf = Outage::isTransient;
        private BiConsumer<? super Outage, ? super Duration> onRetry = (outage, delay) -> {};

        private Builder() {}

        /**
         * Sets {@link Reconnect#initialDelay()}.
         *
         * @param delay 1 ms to 365 days
         * @throws IllegalArgumentException if it is not
         */
        public Builder initialDelay(Duration delay) {
            initialDelay = inRange("initialDelay", delay);
            return this;
        }

        /**
         * Sets {@link Reconnect#maxDelay()}. One below the initial delay takes its place.
         *
         * @param delay 1 ms to 365 days
         * @throws IllegalArgumentException if it is not
         */
        public Builder maxDelay(Duration delay) {
            maxDelay = inRange("maxDelay", delay);
            return this;
        }

        private static Duration inRange(String name, Duration delay) {
            if (delay.compareTo(Duration.ofMillis(1)) < 0 || delay.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(name + " is " + delay + ", range 1 ms to 365 days");
            }
            return delay;
        }

        /**
         * Sets {@link Reconnect#maxAttempts()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxAttempts(int number) {
            if (number <= 0) {
                throw new IllegalArgumentException("maxAttempts is " + number + ", must be positive");
            }
            maxAttempts = number;
            return this;
        }

        /**
         * Sets {@link Reconnect#stableAfter()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder stableAfter(Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException("stableAfter is " + time + ", must not be negative");
            }
            stableAfter = time;
            return this;
        }

        /**
         * Sets {@link Reconnect#queueBytes()}: how much is kept, in order, while there is no connection, and sent when there is
         * one again, after {@code onOpen}. A message counts with what it takes in memory: its bytes, two for each char of a text,
         * and 64 more. What does not fit is refused.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder queueBytes(int bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("queueBytes is " + bytes + ", must not be negative");
            }
            queueBytes = bytes;
            return this;
        }

        /**
         * Sets who decides whether to come back. It is asked on an event loop and must not block; if it throws, it is given up.
         * Default: {@link Outage#isTransient}, to which one's own may turn in its turn.
         */
        public Builder retryIf(Predicate<? super Outage> decision) {
            retryIf = decision;
            return this;
        }

        /**
         * Sets who is told of each outage that is not the end, and of the delay. It is called on an event loop and must not
         * block; if it throws, it is given up. Default: nobody.
         */
        public Builder onRetry(BiConsumer<? super Outage, ? super Duration> listener) {
            onRetry = listener;
            return this;
        }

        /** Builds the policy. */
        public Reconnect build() {
            return new Reconnect(this);
        }
    }
}
