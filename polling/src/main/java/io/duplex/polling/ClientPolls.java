package io.duplex.polling;

import io.duplex.connection.TimerWheel;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Polls, one after the other: held by the server until there is something, or at intervals. Confined to the session's loop. */
final class ClientPolls implements ClientCarrier {
    /** For the way there and back, and for a server that is slow. */
    private static final Duration MARGIN = Duration.ofSeconds(15);

    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ClientSession session;
    private final Via via;
    private final long intervalNanos;
    private final Duration timeout;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTime);
    /** An answer without packets that comes sooner was not held. */
    private final long earlyNanos;

    /** Before what was not held is asked for again. */
    private long pauseNanos;

    private long turn;
    private boolean asking;
    /** Whether the request is a long one, and young. */
    private boolean early;

    private boolean stopped;
    /** Whether the next request waits for the handler to take messages. */
    private boolean waiting;

    /** @param interval between short polls, and at most between long ones that are not held */
    ClientPolls(ClientSession session, Via via, Duration hold, Duration interval) {
        this.session = session;
        this.via = via;
        this.intervalNanos = interval.toNanos();
        this.pauseNanos = firstPauseNanos();
        this.earlyNanos = hold.toNanos() / 2;
        this.timeout = via == Via.LONG ? hold.plus(MARGIN) : MARGIN;
    }

    private long firstPauseNanos() {
        return via == Via.LONG ? Math.min(FIRST_PAUSE_NANOS, intervalNanos) : intervalNanos;
    }

    @Override
    public void start() {
        request();
    }

    @Override
    public void stop() {
        stopped = true;
        session.loop().timers().cancel(timer);
    }

    @Override
    public void onReading(boolean reading) {
        if (reading && waiting && !stopped) {
            request();
        }
    }

    private void request() {
        if (!session.isReading()) {
            waiting = true;
            return;
        }
        waiting = false;
        turn = session.nextTurn();
        asking = true;
        early = via == Via.LONG;
        if (early) {
            session.loop().timers().schedule(timer, earlyNanos);
        }
        session.get(via, turn, timeout, this::onAnswer, this::onFailure);
    }

    private void onFailure(IOException cause) {
        session.loop().timers().cancel(timer);
        if (!stopped) {
            session.broke(this, CarrierFailure.of(cause));
        }
    }

    private void onAnswer(HttpResponse<BoundedBody.Content> answer) {
        asking = false;
        session.loop().timers().cancel(timer);
        int status = answer.statusCode();
        long before = session.received();
        // What comes after it has given way is good, too: it was under way.
        CarrierFailure fault = status == 200 ? session.take(answer.body()) : CarrierFailure.of(answer);
        if (stopped) {
            return;
        }
        if (status == 409) {
            session.gaveWay(this, turn);
        } else if (fault != null) {
            session.broke(this, fault);
        } else {
            session.works(this);
            goOn(session.received() > before);
        }
    }

    private void goOn(boolean hasNews) {
        if (stopped) {
            return;
        }
        if (via == Via.LONG && (hasNews || !early)) {
            pauseNanos = firstPauseNanos();
            request();
        } else {
            session.loop().timers().schedule(timer, pauseNanos);
            pauseNanos = Math.min(2 * pauseNanos, intervalNanos);
        }
    }

    /** The request is not young any more, or it is time for the next. */
    private long onTime(long nowNanos) {
        early = false;
        if (!asking && !stopped) {
            request();
        }
        return TimerWheel.Watch.NEVER;
    }
}
