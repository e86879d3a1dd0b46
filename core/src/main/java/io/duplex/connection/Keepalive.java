package io.duplex.connection;

import io.duplex.Timeouts;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the peer is alive (RFC 6455 §5.5.2): when to send a Ping, when to give up. Any byte from the peer is a sign
 * of life. Pure arithmetic over times that it is given, which count as {@link System#nanoTime} does. Confined to one thread
 * at a time.
 */
final class Keepalive {
    /** What is to be done now. */
    enum Action {
        WAIT,
        /** Send a Ping. */
        PING,
        /** Begin the closing handshake: nothing came for the idle timeout. */
        CLOSE,
        /** Cut the connection: the answer to a Ping, or to a Close frame, is overdue. */
        CUT
    }

    private enum Phase {
        LISTENING,
        /** Nothing has come since the Ping. */
        PINGING,
        /** Something has, but not the Pong. */
        PONG_OWED,
        CLOSING
    }

    /** What {@link #nextNanos} returns if nothing will ever be due. */
    static final long NEVER = Long.MAX_VALUE;

    private final Timeouts timeouts;
    private Phase phase = Phase.LISTENING;
    private long heardNanos;
    /** When the Ping was sent, or the closing handshake began. */
    private long phaseNanos;

    private long pendingBytes;
    /** Negative before the first. Read by other threads. */
    private volatile int roundTripMicros = -1;

    Keepalive(Timeouts timeouts, long nowNanos) {
        this.timeouts = timeouts;
        this.heardNanos = nowNanos;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** Notes a sign of life. */
    void heard(long nowNanos) {
        heardNanos = nowNanos;
        if (phase == Phase.PINGING) {
            phase = Phase.PONG_OWED;
        }
    }

    /** Notes when exactly the Ping was sent that {@link #due} asked for. */
    void pinged(long nowNanos) {
        phaseNanos = nowNanos;
    }

    /** Notes a Pong, whose bytes were {@link #heard} before. */
    void ponged(long nowNanos) {
        if (phase == Phase.PONG_OWED) {
            phase = Phase.LISTENING;
            long micros = TimeUnit.NANOSECONDS.toMicros(nowNanos - phaseNanos);
            roundTripMicros = (int) Math.max(0, Math.min(micros, Integer.MAX_VALUE));
        }
    }

    /** From the last Ping that was answered to its Pong; {@code null} before the first. Thread-safe. */
    @Nullable Duration roundTripTime() {
        int micros = roundTripMicros;
        return micros < 0 ? null : Duration.of(micros, ChronoUnit.MICROS);
    }

    /**
     * Notes how much waits for the peer: that it became less is a sign of life, and the only one from a peer that is not
     * read from until it has read.
     */
    void pending(long bytes, long nowNanos) {
        if (bytes < pendingBytes) {
            heard(nowNanos);
        }
        pendingBytes = bytes;
    }

    /** From now on only the close timeout counts; returns whether that is news. */
    boolean beginClose(long nowNanos) {
        if (phase == Phase.CLOSING) {
            return false;
        }
        phase = Phase.CLOSING;
        phaseNanos = nowNanos;
        return true;
    }

    /** What is due at {@code nowNanos}. After {@link Action#PING} a Ping must be sent. */
    Action due(long nowNanos) {
        if (phase != Phase.CLOSING && nowNanos - heardNanos >= nanos(timeouts.idle())) {
            return Action.CLOSE;
        }
        if (untilPhaseEnds(nowNanos) > 0) {
            return Action.WAIT;
        }
        if (phase == Phase.PINGING || phase == Phase.CLOSING) {
            return Action.CUT;
        }
        phase = Phase.PINGING;
        phaseNanos = nowNanos;
        return Action.PING;
    }

    /** Nanoseconds from {@code nowNanos} to when {@link #due} is to be asked again; {@link #NEVER} if never. */
    long nextNanos(long nowNanos) {
        long next = untilPhaseEnds(nowNanos);
        if (phase != Phase.CLOSING) {
            next = Math.min(next, left(timeouts.idle(), heardNanos, nowNanos));
        }
        return next;
    }

    private long untilPhaseEnds(long nowNanos) {
        return switch (phase) {
            case LISTENING, PONG_OWED -> left(timeouts.pingInterval(), heardNanos, nowNanos);
            case PINGING -> left(timeouts.pong(), phaseNanos, nowNanos);
            case CLOSING -> left(timeouts.close(), phaseNanos, nowNanos);
        };
    }

    private static long left(Duration timeout, long sinceNanos, long nowNanos) {
        long nanos = nanos(timeout);
        return nanos == NEVER ? NEVER : nanos - (nowNanos - sinceNanos);
    }

    private static long nanos(Duration timeout) {
        return timeout.isZero() ? NEVER : TimeUnit.NANOSECONDS.convert(timeout);
    }

    /** The timeout that {@code action} is about, such as {@code "pong timeout of 20 s"}. */
    String describe(Action action) {
        if (action == Action.CLOSE) {
            return "idle timeout of " + seconds(timeouts.idle());
        }
        return phase == Phase.CLOSING
                ? "close timeout of " + seconds(timeouts.close())
                : "pong timeout of " + seconds(timeouts.pong());
    }

    static String seconds(Duration timeout) {
        double seconds = timeout.toMillis() / 1000.0;
        return (seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds)) + " s";
    }
}
