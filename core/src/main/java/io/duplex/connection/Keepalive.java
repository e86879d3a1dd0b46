package io.duplex.connection;

import io.duplex.Timeouts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the peer is alive (RFC 6455 §5.5.2): when to send a Ping, when to give up. Any byte from the peer is a sign
 * of life. Pure arithmetic over times that it is given. Confined to one thread at a time.
 */
final class Keepalive {
    /** What is to be done now. */
    enum Action {
        WAIT,
        PING,
        GIVE_UP
    }

    private static final long OFF = Long.MAX_VALUE / 4;

    private final Timeouts timeouts;
    private long lastHeardNanos;
    private long pingSentNanos;
    private boolean pinging;
    private boolean closing;
    private long closeStartedNanos;
    private @Nullable String expired;

    Keepalive(Timeouts timeouts, long nowNanos) {
        this.timeouts = timeouts;
        this.lastHeardNanos = nowNanos;
    }

    /** Notes a sign of life. */
    void heard(long nowNanos) {
        lastHeardNanos = nowNanos;
        pinging = false;
    }

    /** Notes that a Close frame was sent or received: from now on only the close timeout counts. */
    void beginClose(long nowNanos) {
        if (!closing) {
            closing = true;
            closeStartedNanos = nowNanos;
        }
    }

    /** What is due at {@code nowNanos}. After {@link Action#PING} a Ping must be sent. */
    Action due(long nowNanos) {
        if (closing) {
            return check("close timeout", closeStartedNanos, timeouts.close(), nowNanos);
        }
        if (check("idle timeout", lastHeardNanos, timeouts.idle(), nowNanos) == Action.GIVE_UP) {
            return Action.GIVE_UP;
        }
        if (pinging) {
            return check("pong timeout", pingSentNanos, timeouts.pong(), nowNanos);
        }
        if (nowNanos - lastHeardNanos >= nanos(timeouts.pingInterval())) {
            pinging = true;
            pingSentNanos = nowNanos;
            return Action.PING;
        }
        return Action.WAIT;
    }

    private Action check(String name, long since, Duration timeout, long nowNanos) {
        if (nowNanos - since < nanos(timeout)) {
            return Action.WAIT;
        }
        expired = name + " of " + seconds(timeout) + " s";
        return Action.GIVE_UP;
    }

    /** Nanoseconds from {@code nowNanos} to when {@link #due} is to be asked again. */
    long nextNanos(long nowNanos) {
        if (closing) {
            return closeStartedNanos + nanos(timeouts.close()) - nowNanos;
        }
        long idle = lastHeardNanos + nanos(timeouts.idle());
        long ping = pinging ? pingSentNanos + nanos(timeouts.pong()) : lastHeardNanos + nanos(timeouts.pingInterval());
        return Math.min(idle, ping) - nowNanos;
    }

    /** The timeout that {@link Action#GIVE_UP} was about, such as {@code "pong timeout of 20 s"}. */
    String expired() {
        return String.valueOf(expired);
    }

    private static long nanos(Duration timeout) {
        return timeout.isZero() || timeout.toSeconds() > OFF / 1_000_000_000L ? OFF : timeout.toNanos();
    }

    private static String seconds(Duration timeout) {
        double seconds = timeout.toMillis() / 1000.0;
        return seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds);
    }
}
