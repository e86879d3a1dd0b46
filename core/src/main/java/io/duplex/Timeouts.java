package io.duplex;

import java.time.Duration;

/**
 * How long each phase of a connection may take. All are on by default; zero switches one off. Immutable and thread-safe.
 */
public final class Timeouts {
    /** The defaults. */
    public static final Timeouts DEFAULT = builder().build();

    private final Duration handshake;
    private final Duration idle;
    private final Duration pingInterval;
    private final Duration pong;
    private final Duration close;

    private Timeouts(Builder builder) {
        handshake = builder.handshake;
        idle = builder.idle;
        pingInterval = builder.pingInterval;
        pong = builder.pong;
        close = builder.close;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** From accept (server) or connect (client) to the end of the opening handshake, TLS included. Default 10 s. */
    public Duration handshake() {
        return handshake;
    }

    /** Without a byte from the peer; any byte counts, a Pong too. Default 5 min. Then 1001. */
    public Duration idle() {
        return idle;
    }

    /** Without a byte from the peer, before a Ping is sent. Default 25 s: below the 60 s of common proxies. */
    public Duration pingInterval() {
        return pingInterval;
    }

    /** From such a Ping to the next byte from the peer. Default 20 s. Then the connection is cut. */
    public Duration pong() {
        return pong;
    }

    /** From our Close frame to the end of TCP. Default 10 s. Then the connection is cut. */
    public Duration close() {
        return close;
    }

    /** Builds {@link Timeouts}. Confined to one thread at a time. */
    public static final class Builder {
        private Duration handshake = Duration.ofSeconds(10);
        private Duration idle = Duration.ofMinutes(5);
        private Duration pingInterval = Duration.ofSeconds(25);
        private Duration pong = Duration.ofSeconds(20);
        private Duration close = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * Sets {@link Timeouts#handshake()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder handshake(Duration timeout) {
            handshake = notNegative("handshake timeout", timeout);
            return this;
        }

        /**
         * Sets {@link Timeouts#idle()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder idle(Duration timeout) {
            idle = notNegative("idle timeout", timeout);
            return this;
        }

        /**
         * Sets {@link Timeouts#pingInterval()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder pingInterval(Duration interval) {
            pingInterval = notNegative("ping interval", interval);
            return this;
        }

        /**
         * Sets {@link Timeouts#pong()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder pong(Duration timeout) {
            pong = notNegative("pong timeout", timeout);
            return this;
        }

        /**
         * Sets {@link Timeouts#close()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder close(Duration timeout) {
            close = notNegative("close timeout", timeout);
            return this;
        }

        /** Builds the timeouts. */
        public Timeouts build() {
            return new Timeouts(this);
        }

        private static Duration notNegative(String name, Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
            }
            return value;
        }
    }
}
