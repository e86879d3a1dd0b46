package io.duplex.server;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import java.time.Duration;
import java.util.function.IntConsumer;

/**
 * How a server is to be emptied without all its clients coming back at the same moment elsewhere. Immutable and thread-safe
 * if its progress callback is.
 */
public final class Drain {
    /** The defaults. */
    public static final Drain DEFAULT = builder().build();

    private final CloseStatus status;
    private final Duration notice;
    private final Duration period;
    private final Duration deadline;
    private final IntConsumer progress;

    private Drain(Builder builder) {
        status = builder.status;
        notice = builder.notice;
        period = builder.period;
        deadline = builder.deadline;
        progress = builder.progress;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the Close frames say. Default 1001 without a reason. */
    public CloseStatus status() {
        return status;
    }

    /** For how long the server only says that it is not ready. Default 0; a year at most, as all of these. */
    public Duration notice() {
        return notice;
    }

    /** Over which time the Close frames are spread. Default 5 s. */
    public Duration period() {
        return period;
    }

    /** When whatever is left is cut, counted from the beginning. Default 25 s. */
    public Duration deadline() {
        return deadline;
    }

    /** Who is told how many connections are left. Default: nobody. */
    public IntConsumer progress() {
        return progress;
    }

    /** Starts from these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.status = status;
        builder.notice = notice;
        builder.period = period;
        builder.deadline = deadline;
        builder.progress = progress;
        return builder;
    }

    /** Builds {@link Drain}s. Confined to one thread at a time. */
    public static final class Builder {
        /** Longer than anybody waits, and not so long that a sum of two overflows. */
        private static final Duration MOST = Duration.ofDays(365);

        private CloseStatus status = new CloseStatus(CloseCode.GOING_AWAY, "");
        private Duration notice = Duration.ZERO;
        private Duration period = Duration.ofSeconds(5);
        private Duration deadline = Duration.ofSeconds(25);
        private IntConsumer progress = left -> {};

        private Builder() {}

        /**
         * Sets what the Close frames say. Default 1001 without a reason; 1012 tells clients that know it to come back after a
         * short random wait.
         *
         * @throws IllegalArgumentException if the code may not appear in a Close frame, or the reason is too long
         */
        public Builder status(int code, String reason) {
            if (!CloseCode.isValidInFrame(code)) {
                throw new IllegalArgumentException("close code " + code + " must not be sent");
            }
            status = new CloseStatus(code, reason);
            return this;
        }

        /**
         * Sets for how long the server only says that it is not ready, so that load balancers look elsewhere, before it closes
         * the first connection. Default: not at all.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder notice(Duration time) {
            notice = notNegative("notice", time);
            return this;
        }

        /**
         * Sets over which time the Close frames are spread: ten batches a second. Default 5 s; zero sends all at once.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder period(Duration time) {
            period = notNegative("period", time);
            return this;
        }

        /**
         * Sets when whatever is left is cut, counted from the beginning. Default 25 s: Kubernetes waits for 30 s.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder deadline(Duration time) {
            deadline = notNegative("deadline", time);
            return this;
        }

        /**
         * Sets who is told how many connections are left: at the beginning, whenever it has changed, about ten times a second
         * at most, and at the end. Called on the thread that drains; what it throws is logged.
         */
        public Builder progress(IntConsumer left) {
            progress = left;
            return this;
        }

        /** Builds the options. */
        public Drain build() {
            return new Drain(this);
        }

        /** Within bounds: what is longer than a year lasts a year. */
        private static Duration notNegative(String name, Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
            }
            return value.compareTo(MOST) > 0 ? MOST : value;
        }
    }
}
