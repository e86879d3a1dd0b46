package io.duplex.connection;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Timeouts;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is due when on one connection: {@link Keepalive}, the end of its lifetime, and the end of a hold by {@link RateGate};
 * all on one timer. Confined to the event loop, but for {@link #roundTripTime}.
 */
final class Deadlines implements TimerWheel.Watch {
    private final Connection connection;
    private final Loop loop;
    private final Transport transport;
    private final Keepalive keepalive;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
    private final @Nullable RateGate rates;
    /** When the lifetime ends, if there is one. */
    private final long endNanos;

    Deadlines(Connection connection, Loop loop, Transport transport, Timeouts timeouts, @Nullable RateGate rates) {
        this.connection = connection;
        this.loop = loop;
        this.transport = transport;
        this.rates = rates;
        long nowNanos = loop.coarseNanos();
        this.keepalive = new Keepalive(timeouts, nowNanos);
        this.endNanos = timeouts.lifetime().isZero() ? 0 : nowNanos + drawLifetime(timeouts);
    }

    private long drawLifetime(Timeouts timeouts) {
        double chance = (loop.workspace().nextMaskingKey() >>> 1) / (double) Integer.MAX_VALUE;
        long longest = TimeUnit.NANOSECONDS.convert(timeouts.lifetime());
        // A hundred years is for ever, and far from an overflow.
        return Math.min((long) (longest * (1 - timeouts.lifetimeJitter() * chance)), TimeUnit.DAYS.toNanos(36_525));
    }

    /** Learns of the last sign of life; before {@link Keepalive} is asked, so that what came before a Ping does not answer it. */
    private void hear() {
        if (connection.takeHeard()) {
            keepalive.heard(connection.heardNanos());
        }
    }

    /** Notes a Pong. */
    void ponged() {
        hear();
        keepalive.ponged(loop.exactNanos());
    }

    @Nullable Duration roundTripTime() {
        return keepalive.roundTripTime();
    }

    /** From now on only the close timeout counts. */
    void beginClose() {
        if (keepalive.beginClose(loop.exactNanos())) {
            schedule();
        }
    }

    /** Has the timer look when the next thing is due. */
    void schedule() {
        long nanos = nextNanos(loop.coarseNanos());
        if (nanos == NEVER) {
            cancel();
        } else {
            loop.timers().schedule(timer, nanos);
        }
    }

    void cancel() {
        loop.timers().cancel(timer);
    }

    private long nextNanos(long nowNanos) {
        hear();
        long next = keepalive.nextNanos(nowNanos);
        if (connection.takesMessages()) {
            if (hasEnd()) {
                next = Math.min(next, endNanos - nowNanos);
            }
            if (rates != null && rates.isOver()) {
                next = Math.min(next, rates.debtNanos(nowNanos));
            }
        }
        return next;
    }

    private boolean hasEnd() {
        return !keepalive.timeouts().lifetime().isZero();
    }

    @Override
    public long onTimer(long nowNanos) {
        hear();
        if (rates != null && rates.settle(nowNanos)) {
            loop.execute(connection::settle);
        }
        if (connection.isSilenced()) {
            keepalive.heard(nowNanos);
        }
        keepalive.pending(transport.pendingBytes(), nowNanos);
        if (connection.takesMessages() && hasEnd() && nowNanos - endNanos >= 0) {
            Timeouts timeouts = keepalive.timeouts();
            expire("lifetime of " + Keepalive.seconds(timeouts.lifetime()), timeouts.lifetimeCode());
        }
        return act(keepalive.due(nowNanos)) ? nextNanos(nowNanos) : NEVER;
    }

    /** Does what the keepalive wants; returns whether there is more to wait for. */
    private boolean act(Keepalive.Action action) {
        switch (action) {
            case WAIT -> {}
            case PING -> {
                connection.sendKeepalive();
                keepalive.pinged(loop.exactNanos());
            }
            case CLOSE -> expire(keepalive.describe(action), CloseCode.GOING_AWAY);
            case CUT -> {
                connection.cut(keepalive.describe(action));
                return false;
            }
        }
        return true;
    }

    private void expire(String why, int code) {
        connection.endWith(ClosedBy.TIMEOUT, why, null, new CloseStatus(code, why));
        connection.settle();
    }
}
