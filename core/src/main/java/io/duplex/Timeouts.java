package io.duplex;

import java.time.Duration;

/**
 * How long each phase of a connection may take. All but the {@link #lifetime()} are on by default; zero switches one off.
 * Immutable and thread-safe.
 */
public final class Timeouts {
    /** The defaults. */
    public static final Timeouts DEFAULT = builder().build();

    private final Duration handshake;
    private final Duration idle;
    private final Duration pingInterval;
    private final Duration pong;
    private final Duration close;
    private final Duration lifetime;
    private final double lifetimeJitter;
    private final int lifetimeCode;

    private Timeouts(Builder builder) {
        handshake = builder.handshake;
        idle = builder.idle;
        pingInterval = builder.pingInterval;
        pong = builder.pong;
        close = builder.close;
        lifetime = builder.lifetime;
        lifetimeJitter = builder.lifetimeJitter;
        lifetimeCode = builder.lifetimeCode;
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

    /**
     * Without a byte from the peer, before a Ping is sent. Default 25 s: below the 60 s of common proxies. A peer that is never
     * silent for so long is not pinged. While a Ping is unanswered there is no other, also where {@link #pong()} is longer: a
     * peer may answer the latest of several only (RFC 6455 §5.5.3), and whose Pong it was would be unknown.
     */
    public Duration pingInterval() {
        return pingInterval;
    }

    /** From such a Ping to the next byte from the peer, of a Pong or of anything. Default 20 s. Then the connection is cut. */
    public Duration pong() {
        return pong;
    }

    /** From our Close frame to the end of TCP. Default 10 s. Then the connection is cut. */
    public Duration close() {
        return close;
    }

    /**
     * From the end of the opening handshake on, however lively the connection is. Default zero, which is none. Then
     * {@link #lifetimeCode()}. For what must be checked anew from time to time, such as a token, and to spread connections over
     * servers that were added.
     */
    public Duration lifetime() {
        return lifetime;
    }

    /**
     * How much shorter a connection's own lifetime may be, by chance, so that those that came together do not go together: a
     * fraction of {@link #lifetime()}. Default 0.1.
     */
    public double lifetimeJitter() {
        return lifetimeJitter;
    }

    /** The close code at the end of the {@link #lifetime()}. Default 1001. */
    public int lifetimeCode() {
        return lifetimeCode;
    }

    /** Starts from these timeouts. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.handshake = handshake;
        builder.idle = idle;
        builder.pingInterval = pingInterval;
        builder.pong = pong;
        builder.close = close;
        builder.lifetime = lifetime;
        builder.lifetimeJitter = lifetimeJitter;
        builder.lifetimeCode = lifetimeCode;
        return builder;
    }

    /** Builds {@link Timeouts}. Confined to one thread at a time. */
    public static final class Builder {
        private Duration handshake = Duration.ofSeconds(10);
        private Duration idle = Duration.ofMinutes(5);
        private Duration pingInterval = Duration.ofSeconds(25);
        private Duration pong = Duration.ofSeconds(20);
        private Duration close = Duration.ofSeconds(10);
        private Duration lifetime = Duration.ZERO;
        private double lifetimeJitter = 0.1;
        private int lifetimeCode = CloseCode.GOING_AWAY;

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

        /**
         * Sets {@link Timeouts#lifetime()}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder lifetime(Duration longest) {
            lifetime = notNegative("lifetime", longest);
            return this;
        }

        /**
         * Sets {@link Timeouts#lifetimeJitter()}.
         *
         * @param fraction 0 to 1
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder lifetimeJitter(double fraction) {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new IllegalArgumentException("lifetime jitter is " + fraction + ", range 0 to 1");
            }
            lifetimeJitter = fraction;
            return this;
        }

        /**
         * Sets {@link Timeouts#lifetimeCode()}, such as 1001 or 1012.
         *
         * @throws IllegalArgumentException if the code may not appear in a Close frame
         */
        public Builder lifetimeCode(int code) {
            if (!CloseCode.isValidInFrame(code)) {
                throw new IllegalArgumentException("close code " + code + " must not be sent");
            }
            lifetimeCode = code;
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
