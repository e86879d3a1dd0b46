package io.duplex.polling;

import io.duplex.connection.TimerWheel;
import io.duplex.polling.session.PacketQueue;
import io.duplex.polling.session.Session;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What goes up from a client: the packets of its session until the server has them, and which of the server's packets have come.
 * By the WebSocket that carries the session, or else by POSTs, one at a time. Confined to the session's loop.
 */
final class ClientOutflow {
    private static final int SOCKET_FILL_BYTES = 64 << 10;

    /** What may be on the way up a WebSocket without an acknowledgement. */
    private static final int WINDOW_BYTES = 256 << 10;

    /** The server holds a POST while its handler takes nothing; from time to time it is repeated. */
    private static final Duration POST_TIMEOUT = Duration.ofSeconds(60);

    /** How fast any way up is: a longer block gets more time. */
    private static final int LEAST_BYTES_PER_MILLI = 2;

    /** Who has not answered by then may hold the POST; something on the way may end that sooner than the handler. */
    private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int REQUEST_TIMEOUT = 408;
    private static final int BAD_GATEWAY = 502;

    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(15);
    private static final long ACK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_PULSE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long MOST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ClientSession client;
    private final SessionOffer offer;
    private final Session session;
    private final Reception reception;
    private final TimerWheel timers;
    private final TimerWheel.Timer ackTimer = new TimerWheel.Timer(this::onAckTime);
    private final TimerWheel.Timer postTimer = new TimerWheel.Timer(this::onPostTime);
    private final TimerWheel.Timer heldTimer = new TimerWheel.Timer(this::onHeld);
    private final TimerWheel.Timer arrivalTimer = new TimerWheel.Timer(this::onArrival);
    private final TimerWheel.Timer expiryTimer = new TimerWheel.Timer(this::onExpiry);
    private final TimerWheel.Timer pulseTimer = new TimerWheel.Timer(this::onPulse);

    /** What carries up; {@code null} for POSTs. */
    private @Nullable ClientSocket socket;

    private long sent;
    private boolean posting;
    /** Whether that is so for so long that the server may hold it. */
    private boolean held;

    private boolean pausing;
    private boolean fails;
    /** That has been so for the expiry time, but the POST on its way may be held. */
    private boolean overdue;

    private long pauseNanos = FIRST_PAUSE_NANOS;
    private int fillBytes;

    /** The last packet that the server was told to have come. */
    private long told;

    private long untoldBytes;
    /** Whether the timer runs by which it is told. */
    private boolean ackDue;

    /** Whether the timer runs that is about an answer which comes piece by piece. */
    private boolean arriving;

    private boolean ended;

    ClientOutflow(ClientSession client, SessionOffer offer, Session session, Reception reception) {
        this.client = client;
        this.offer = offer;
        this.session = session;
        this.reception = reception;
        this.timers = session.loop().timers();
        this.fillBytes = Math.min(offer.maxBlockBytes(), Block.FILL_BYTES);
    }

    /** From now on it goes by {@code works}, beginning with what is not acknowledged. */
    void moveTo(ClientSocket works) {
        socket = works;
        sent = session.packets().acknowledged();
        works();
        pausing = false;
        pauseNanos = FIRST_PAUSE_NANOS;
        timers.cancel(postTimer);
        notTold();
        flush();
    }

    /** Whether that is what it goes by. */
    @SuppressWarnings("ReferenceEquality") // this carrier
    boolean goesBy(ClientCarrier carrier) {
        return carrier == socket;
    }

    /** It goes by POSTs. */
    void leaveSocket() {
        if (socket != null) {
            socket = null;
            notTold();
            flush();
        }
    }

    // Packets

    /** Sends what waits, as far as it may. */
    void flush() {
        ClientSocket by = socket;
        if (ended) {
            return;
        }
        if (by != null) {
            sendBy(by);
        } else {
            post();
        }
    }

    private void sendBy(ClientSocket by) {
        PacketQueue packets = session.packets();
        sent = Math.max(sent, packets.acknowledged());
        while (by.isReady() && sent < packets.last() && packets.bytesUpTo(sent) < WINDOW_BYTES) {
            Block.Filled block =
                    Block.fill(packets, sent, reception.last(), Math.min(SOCKET_FILL_BYTES, offer.maxBlockBytes()));
            sent = block.last();
            tell();
            by.send(block.bytes());
        }
    }

    private void post() {
        PacketQueue packets = session.packets();
        if (posting || pausing || packets.last() == packets.acknowledged()) {
            return;
        }
        posting = true;
        held = false;
        timers.schedule(heldTimer, HELD_NANOS);
        long before = packets.acknowledged();
        Block.Filled block = Block.fill(packets, before, reception.last(), fillBytes);
        tell();
        client.post(
                block.bytes(),
                POST_TIMEOUT.plusMillis(block.bytes().remaining() / LEAST_BYTES_PER_MILLI),
                answer -> onPosted(answer, before, block.last() == before + 1),
                this::onPostFailed);
    }

    private void onPostFailed(IOException cause) {
        if (cause instanceof HttpTimeoutException) {
            // The handler may take its time; whether the server lives is seen by what receives.
            endPost();
            works();
            flush();
        } else {
            postBroke(CarrierFailure.of(cause), held);
        }
    }

    private long onHeld(long nowNanos) {
        held = true;
        return TimerWheel.Watch.NEVER;
    }

    private void endPost() {
        posting = false;
        timers.cancel(heldTimer);
    }

    /** The server takes what is sent, or may hold it: the session lives as long as something receives. */
    private void works() {
        fails = false;
        overdue = false;
        timers.cancel(expiryTimer);
    }

    /** Whether something on the way that waits no longer for the server answers so. */
    private static boolean isOfWaiting(int status) {
        return status == 200 || status == REQUEST_TIMEOUT || status >= BAD_GATEWAY;
    }

    private void onPosted(HttpResponse<BoundedBody.Content> answer, long before, boolean isOnePacket) {
        int status = answer.statusCode();
        if (status == 413) {
            shorten(isOnePacket);
            return;
        }
        CarrierFailure fault = status == 200 || status == 409 ? answered(answer.body()) : CarrierFailure.of(answer);
        if (fault == null && session.packets().acknowledged() == before) {
            // To a POST that a later one has displaced, or to one with a gap, which a client does not make.
            fault = CarrierFailure.of("the server takes nothing");
        }
        if (fault != null) {
            postBroke(fault, held && isOfWaiting(status));
        } else if (!ended) {
            endPost();
            works();
            pauseNanos = FIRST_PAUSE_NANOS;
            flush();
        }
    }

    private @Nullable CarrierFailure answered(BoundedBody.Content body) {
        return body.isWhole()
                ? client.take(body.bytes())
                : CarrierFailure.of("the server's answer to a POST is too long");
    }

    /** Something on the way takes no requests of that length. */
    private void shorten(boolean isOnePacket) {
        if (isOnePacket) {
            client.lose(CarrierFailure.of("the server answered 413 to a message"));
        } else {
            endPost();
            fillBytes /= 2;
            flush();
        }
    }

    /** @param waited whether the server may just have held it, with nothing wrong */
    private void postBroke(CarrierFailure failure, boolean waited) {
        endPost();
        if (ended) {
            return;
        }
        if (failure.isGone()) {
            client.lose(failure);
            return;
        }
        if (socket != null) {
            return; // it goes another way now
        }
        if (waited) {
            works();
        } else if (overdue) {
            client.lose(failure);
            return;
        } else if (!fails) {
            fails = true;
            timers.schedule(expiryTimer, offer.expiry().toNanos());
        }
        pausing = true;
        timers.schedule(
                postTimer,
                Math.max(pauseNanos, client.bounded(failure.retryAfter()).toNanos()));
        pauseNanos = Math.min(2 * pauseNanos, MOST_PAUSE_NANOS);
    }

    private long onPostTime(long nowNanos) {
        pausing = false;
        flush();
        return TimerWheel.Watch.NEVER;
    }

    private long onExpiry(long nowNanos) {
        if (!fails || socket != null) {
            fails = false;
        } else if (posting && held) {
            overdue = true;
        } else {
            client.lose(CarrierFailure.of("the server takes no messages"));
        }
        return TimerWheel.Watch.NEVER;
    }

    // Acknowledging. Polls do it by themselves.

    /** The server is about to be told of all that has come. */
    void tell() {
        told = reception.last();
        untoldBytes = 0;
        ackDue = false;
        timers.cancel(ackTimer);
        hasArrived();
    }

    /** More of an answer to a poll has come: while that goes on, nothing else may tell the server that the client lives. */
    void onPiece() {
        if (!ended && !arriving) {
            arriving = true;
            timers.schedule(arrivalTimer, pulseNanos());
        }
    }

    /** No more of it comes, or there is no need to say so. */
    void hasArrived() {
        arriving = false;
        timers.cancel(arrivalTimer);
    }

    private long onArrival(long nowNanos) {
        if (!ended) {
            acknowledge();
        }
        return TimerWheel.Watch.NEVER;
    }

    /**
     * More has come.
     *
     * @param cost what the server holds for it: many a small message is much
     */
    void acknowledgeSoon(long cost) {
        untoldBytes += cost;
        if (ended || client.isPolled()) {
            return;
        }
        if (untoldBytes >= offer.ackBytes()) {
            acknowledge();
        } else if (!ackDue) {
            ackDue = true;
            timers.schedule(ackTimer, ACK_NANOS);
        }
    }

    private long onAckTime(long nowNanos) {
        ackDue = false;
        if (!ended && told < reception.last()) {
            acknowledge();
        }
        return TimerWheel.Watch.NEVER;
    }

    /** By a POST beside the one that is held maybe for want of this. */
    private void acknowledge() {
        ClientSocket by = socket;
        tell();
        if (by != null) {
            by.send(reception.acknowledgement());
        } else {
            client.post(
                    reception.acknowledgement(),
                    ACK_TIMEOUT,
                    answer -> {
                        if (answer.statusCode() != 200 || answered(answer.body()) != null) {
                            notTold();
                        }
                    },
                    cause -> notTold());
        }
    }

    /** The server may not know what has come. */
    void notTold() {
        told = 0;
        if (reception.last() > 0) {
            acknowledgeSoon(0);
        }
    }

    /** A client that takes nothing does not poll: so the server sees that it lives. */
    private long onPulse(long nowNanos) {
        if (ended || session.isReading()) {
            return TimerWheel.Watch.NEVER;
        }
        acknowledge();
        return pulseNanos();
    }

    private long pulseNanos() {
        return Math.min(MOST_PULSE_NANOS, offer.expiry().toNanos() / 3);
    }

    /** Whether the handler takes messages. */
    void onReading(boolean reading) {
        if (reading) {
            timers.cancel(pulseTimer);
        } else {
            timers.schedule(pulseTimer, pulseNanos());
        }
    }

    /**
     * All has come, or the session is lost: nothing more goes, but word of the last that came. Nobody waits for the answer.
     *
     * @param cutting whether requests are given up, one of which may have been about to say it
     */
    void end(boolean cutting) {
        ended = true;
        told = cutting ? 0 : told;
        for (TimerWheel.Timer timer : List.of(ackTimer, postTimer, heldTimer, arrivalTimer, expiryTimer, pulseTimer)) {
            timers.cancel(timer);
        }
        if (told < reception.last()) {
            ClientSocket by = socket;
            if (by != null) {
                by.send(reception.acknowledgement());
            } else {
                client.sayLast(reception.acknowledgement());
            }
        }
    }
}
