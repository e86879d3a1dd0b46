package io.duplex.connection;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.RateLimits;
import io.duplex.protocol.Event;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counts what one peer sends against {@link RateLimits}. Each bucket is one number, the time up to which what came is paid
 * for: it lies at most a burst behind the clock, and before it when too much came. Confined to one thread at a time.
 */
final class RateGate {
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RateLimits limits;
    private final long burstNanos;
    private long messagesNanos;
    private long bytesNanos;
    private long controlFramesNanos;
    private boolean over;

    private RateGate(RateLimits limits, long nowNanos) {
        this.limits = limits;
        this.burstNanos = limits.burst().toNanos();
        this.messagesNanos = nowNanos - burstNanos;
        this.bytesNanos = messagesNanos;
        this.controlFramesNanos = messagesNanos;
    }

    /** The gate of a new connection; {@code null} if there is no limit. */
    static @Nullable RateGate of(RateLimits limits, long nowNanos) {
        return limits.isOn() ? new RateGate(limits, nowNanos) : null;
    }

    /** Bytes have come. */
    void bytes(int number, long nowNanos) {
        if (limits.bytes() > 0) {
            bytesNanos = paid(bytesNanos, cost(number, limits.bytes()), nowNanos);
        }
    }

    /** An event has come. */
    void event(Event event, boolean lastPart, long nowNanos) {
        switch (event) {
            case TEXT, BINARY -> message(nowNanos);
            case TEXT_PART, BINARY_PART -> {
                if (lastPart) {
                    message(nowNanos);
                }
            }
            case PING, PONG -> {
                if (limits.controlFrames() > 0) {
                    controlFramesNanos = paid(controlFramesNanos, SECOND_NANOS / limits.controlFrames(), nowNanos);
                }
            }
            case CLOSE_RECEIVED, FAILED -> {}
        }
    }

    private void message(long nowNanos) {
        if (limits.messages() > 0) {
            messagesNanos = paid(messagesNanos, SECOND_NANOS / limits.messages(), nowNanos);
        }
    }

    /** What {@code number} costs at a rate, without overflow: a read is at most some megabytes. */
    private static long cost(int number, long perSecond) {
        return number * SECOND_NANOS / perSecond;
    }

    private long paid(long paidNanos, long costNanos, long nowNanos) {
        long ahead = Math.max(paidNanos - nowNanos, -burstNanos) + costNanos;
        over |= ahead > 0;
        return nowNanos + ahead;
    }

    /** Whether too much came, as far as was looked. */
    boolean isOver() {
        return over;
    }

    /** Nanoseconds until all is paid for; not positive if it is. */
    long debtNanos(long nowNanos) {
        return Math.max(Math.max(messagesNanos - nowNanos, bytesNanos - nowNanos), controlFramesNanos - nowNanos);
    }

    /** Looks at the clock; whether what was too much is paid for now. */
    boolean settle(long nowNanos) {
        if (over && debtNanos(nowNanos) <= 0) {
            over = false;
            return true;
        }
        return false;
    }

    /** Whether a peer that is too fast is closed. */
    boolean closes() {
        return limits.excess() == RateLimits.Excess.CLOSE;
    }

    /** What a peer is told that is closed. */
    CloseStatus status() {
        return new CloseStatus(CloseCode.POLICY_VIOLATION, describe(exceededMost()));
    }

    /** What was exceeded most, for the log, such as {@code "RateLimits.messages: more than 100 messages a second"}. */
    String detail() {
        Rate most = exceededMost();
        return "RateLimits." + most.option + ": " + describe(most);
    }

    private Rate exceededMost() {
        if (messagesNanos - bytesNanos >= 0 && messagesNanos - controlFramesNanos >= 0) {
            return Rate.MESSAGES;
        }
        return bytesNanos - controlFramesNanos >= 0 ? Rate.BYTES : Rate.CONTROL_FRAMES;
    }

    private String describe(Rate rate) {
        return switch (rate) {
            case MESSAGES -> "more than " + limits.messages() + " messages a second";
            case BYTES -> "more than " + limits.bytes() + " bytes a second";
            case CONTROL_FRAMES -> "more than " + limits.controlFrames() + " control frames a second";
        };
    }

    /** What is counted, and the option that bounds it. */
    private enum Rate {
        MESSAGES("messages"),
        BYTES("bytes"),
        CONTROL_FRAMES("controlFrames");

        private final String option;

        Rate(String option) {
            this.option = option;
        }
    }
}
