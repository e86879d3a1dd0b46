package io.duplex.polling;

import io.duplex.connection.TimerWheel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which carrier a client's session has: the safest one first, so that messages come at once; better ones are tried beside it, and
 * again now and then, and the first that works takes over. What breaks is begun again, with pauses that grow. Confined to the
 * session's loop.
 *
 * <p>One carrier receives at a time, that of the highest turn. A better one that is tried has a turn far ahead: until it has
 * reached the server, the one before goes on below that. Once it has, the one before gives way, and is not begun again as long as
 * the better one is tried.
 */
final class CarrierChoice {
    private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** As long as nothing receives beside it. */
    private static final long LONE_ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MOST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FIRST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long MOST_RETRY_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final TimerWheel timers;
    /** The better first; the last is the safe one. */
    private final List<Via> vias;

    private final Function<? super Via, ? extends ClientCarrier> carriers;
    private final TimerWheel.Timer attemptTimer = new TimerWheel.Timer(this::onAttemptTimeout);
    private final TimerWheel.Timer pauseTimer = new TimerWheel.Timer(this::onPauseOver);
    private final TimerWheel.Timer retryTimer = new TimerWheel.Timer(this::onRetry);

    /** What receives; {@code null} while nothing does. */
    private @Nullable ClientCarrier active;

    /** How good it is: where it stands in the list. */
    private int activeRank;
    /** A better one that is tried; {@code null} if none is. */
    private @Nullable ClientCarrier attempt;

    private int attemptRank;
    private boolean pausing;
    private boolean mayTry = true;
    private boolean stopped;
    private long pauseNanos = FIRST_PAUSE_NANOS;
    private long retryNanos = FIRST_RETRY_NANOS;

    /**
     * Creates a choice that has none yet.
     *
     * @param vias what may be used, the better first; the last is the safe one
     * @param carriers makes them
     */
    CarrierChoice(TimerWheel timers, List<Via> vias, Function<? super Via, ? extends ClientCarrier> carriers) {
        this.timers = timers;
        this.vias = vias;
        this.carriers = carriers;
    }

    /** Whether a better one is tried. */
    boolean isTrying() {
        return attempt != null;
    }

    void start() {
        begin();
    }

    /** What receives at present; {@code null} while nothing does. */
    @Nullable ClientCarrier active() {
        return active;
    }

    private int safest() {
        return vias.size() - 1;
    }

    private void begin() {
        beginSafest();
        if (mayTry && attempt == null && !stopped) {
            tryFrom(0);
        }
    }

    private void beginSafest() {
        ClientCarrier safe = carriers.apply(vias.get(safest()));
        active = safe;
        activeRank = safest();
        safe.start();
    }

    private void tryFrom(int rank) {
        if (rank >= activeRank) {
            attemptsFailed();
            return;
        }
        ClientCarrier tried = carriers.apply(vias.get(rank));
        attempt = tried;
        attemptRank = rank;
        timers.schedule(attemptTimer, ATTEMPT_NANOS);
        tried.start();
    }

    /** None of the better ones works: they are tried again later. */
    private void attemptsFailed() {
        if (activeRank > 0) {
            mayTry = false;
            timers.schedule(retryTimer, retryNanos);
            retryNanos = Math.min(2 * retryNanos, MOST_RETRY_NANOS);
        }
    }

    // What carriers tell

    /** A carrier has brought something. */
    @SuppressWarnings("ReferenceEquality") // this carrier
    void works(ClientCarrier carrier) {
        if (carrier != attempt) {
            return;
        }
        ClientCarrier before = active;
        active = carrier;
        activeRank = attemptRank;
        endAttempt();
        timers.cancel(pauseTimer);
        pausing = false;
        mayTry = true;
        if (before != null) {
            before.stop();
        }
        if (activeRank > 0) {
            timers.schedule(retryTimer, retryNanos);
        } else {
            timers.cancel(retryTimer);
            retryNanos = FIRST_RETRY_NANOS;
        }
    }

    /** What receives has brought something new. */
    void progressed() {
        pauseNanos = FIRST_PAUSE_NANOS;
    }

    /**
     * A carrier has ended.
     *
     * @param pause how long to wait at least; {@code null} if it gave way to another
     */
    @SuppressWarnings("ReferenceEquality") // this carrier
    void ended(ClientCarrier carrier, @Nullable Duration pause) {
        if (stopped) {
            return;
        }
        if (carrier == attempt) {
            attemptFailed();
        } else if (carrier == active) {
            active = null;
            activeRank = safest();
            if (pause != null) {
                pause(pause);
            } else if (attempt == null) {
                begin();
            } else {
                timers.schedule(attemptTimer, LONE_ATTEMPT_NANOS);
            }
        }
    }

    private void pause(Duration least) {
        double chance = 0.5 + ThreadLocalRandom.current().nextDouble();
        timers.schedule(pauseTimer, Math.max(least.toNanos(), (long) (pauseNanos * chance)));
        pauseNanos = Math.min(2 * pauseNanos, MOST_PAUSE_NANOS);
        pausing = true;
    }

    private void attemptFailed() {
        int next = attemptRank + 1;
        endAttempt();
        // It may have taken the turn of the one that received.
        if (active == null && !pausing) {
            beginSafest();
        }
        if (!stopped) {
            tryFrom(next);
        }
    }

    private void endAttempt() {
        attempt = null;
        timers.cancel(attemptTimer);
    }

    // Time

    private long onAttemptTimeout(long nowNanos) {
        ClientCarrier late = attempt;
        if (late != null) {
            late.stop();
            attemptFailed();
        }
        return TimerWheel.Watch.NEVER;
    }

    private long onPauseOver(long nowNanos) {
        pausing = false;
        if (!stopped && active == null) {
            begin();
        }
        return TimerWheel.Watch.NEVER;
    }

    private long onRetry(long nowNanos) {
        mayTry = true;
        if (!stopped && active != null && activeRank > 0 && attempt == null) {
            tryFrom(0);
        }
        return TimerWheel.Watch.NEVER;
    }

    void onReading(boolean reading) {
        ClientCarrier present = active;
        if (present != null) {
            present.onReading(reading);
        }
        ClientCarrier tried = attempt;
        if (tried != null) {
            tried.onReading(reading);
        }
    }

    /** Nothing is to be received any more. */
    void stop() {
        stopped = true;
        timers.cancel(attemptTimer);
        timers.cancel(pauseTimer);
        timers.cancel(retryTimer);
        ClientCarrier tried = attempt;
        ClientCarrier present = active;
        attempt = null;
        active = null;
        if (tried != null) {
            tried.stop();
        }
        if (present != null) {
            present.stop();
        }
    }
}
