package io.duplex.connection;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Role;
import io.duplex.protocol.Event;
import io.duplex.protocol.Protocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Whether one connection takes messages in: not while the handler paused, the peer sent too fast, or does not read what it
 * caused (a server's only). And what had been read by then. Confined to the event loop.
 */
final class Intake {
    /**
     * What one read may become by inflation before others have their turn, in bytes. A read of 256 KiB becomes more if it shrank
     * to less than a sixteenth; then its sender gets 40 MiB a second.
     */
    static final int TURN_INFLATED_BYTES = 4 << 20;

    /**
     * How long a peer may have something held of what it sent, be it half a message or what it does not let us answer, while
     * little is left of the memory for such: a link that is slow brings a message of some size in that time.
     */
    static final int MAX_HELD_SECONDS = 10;

    /** Events of a turn after which the clock is first looked at. */
    private static final int FIRST_EVENTS = 16;

    /** Events after which it is looked at again. */
    static final int LOOK_EVENTS = 32;

    /** What a message counts for that was inflated. */
    private static final int COMPRESSED_EVENTS = 16;

    /** Compressed octets that may take long though they become nothing. */
    private static final int LONG_INPUT_BYTES = 16 << 10;

    private final Connection connection;
    private final Loop loop;
    private final Transport transport;
    private final Deadlines deadlines;
    /**
     * Whether a peer that does not read is not read from. Only a server does that: where both sides did, and both had sent
     * more than the network holds, each would wait for the other for ever.
     */
    private final boolean waitsForReader;
    /** {@code null} without rate limits. */
    private final @Nullable RateGate rates;

    private boolean paused;
    /** Whether it is for others to have their turn. */
    private boolean resting;
    /** What this read has become. */
    private int inflated;

    /** Whether a message of this peer was ever published. */
    private boolean publishes;
    /** Another loop that is behind with the last one; {@code null} if none is. */
    private @Nullable Loop behind;

    /** Of this turn, since the clock was last looked at. */
    private int events;
    /** Whether {@link #turnNanos} stands. */
    private boolean timed;

    private long turnNanos;
    /** How long the last turn took that was too long. */
    private long lastedNanos;

    private boolean reading = true;
    /** {@code null} while nothing is kept. */
    private @Nullable KeptInput kept;

    Intake(
            Connection connection,
            Role role,
            Loop loop,
            Transport transport,
            Deadlines deadlines,
            @Nullable RateGate rates) {
        this.waitsForReader = role == Role.SERVER;
        this.connection = connection;
        this.loop = loop;
        this.transport = transport;
        this.deadlines = deadlines;
        this.rates = rates;
    }

    /** Whether messages should wait. */
    boolean isHeld() {
        return resting || (isHeldBack() || waitsForReader && transport.isCongested()) && connection.takesMessages();
    }

    /** Whether it is by this side's choice that nothing comes. */
    boolean isSilenced() {
        return isHeldBack() && connection.takesMessages();
    }

    /**
     * Only until this side begins to close, be it that its Close frame has to wait: from then on messages are dropped, and a
     * peer that cannot send any more might not come to read.
     */
    private boolean isHeldBack() {
        return paused || rates != null && rates.isOver();
    }

    void pause(boolean wanted) {
        paused = wanted;
    }

    /** Counts what was inflated. */
    void countInflated(int bytes) {
        inflated += bytes;
        boolean isMuch = loop.countInflated(bytes);
        if ((isMuch || inflated > TURN_INFLATED_BYTES) && !resting) {
            resting = true;
            loop.atNextTick(connection);
        }
    }

    /** Others have had their turn. */
    void goOn() {
        resting = false;
        inflated = 0;
        beginTurn();
    }

    // Time

    private void beginTurn() {
        events = 0;
        timed = false;
    }

    /** It publishes: what it sends is then read only as fast as the members of its topics are sent it. */
    void onPublished(@Nullable Loop other) {
        publishes = true;
        behind = other;
    }

    /** Begins a turn with what was read. */
    void beginTurn(ByteBuffer in, boolean compressed) {
        beginTurn();
        if (!restIfBehind() && compressed && in.remaining() >= LONG_INPUT_BYTES) {
            timed = true;
            turnNanos = loop.exactNanos();
        }
    }

    /** Counts an event that was dealt with. The clock is not free: whoever has few of them does not meet it. */
    void countTime(boolean compressed) {
        if (restIfBehind()) {
            return;
        }
        events += compressed ? COMPRESSED_EVENTS : 1;
        if (events >= (timed ? LOOK_EVENTS : FIRST_EVENTS)) {
            events = 0;
            if (timed) {
                restIfLate();
            } else {
                timed = true;
                turnNanos = loop.exactNanos();
            }
        }
    }

    /** All that was read has been dealt with, be it that nothing came of it. */
    void endTurn() {
        if (timed) {
            restIfLate();
        }
    }

    private boolean restIfBehind() {
        if (publishes && !resting) {
            Loop other = behind;
            behind = null;
            if (loop.isBehind()) {
                rest();
                loop.whenCaughtUp(connection);
            } else if (other != null) {
                rest();
                other.whenCaughtUp(() -> loop.execute(() -> loop.atNextTurn(connection)));
            }
        }
        return resting;
    }

    private void rest() {
        resting = true;
        lastedNanos = 0;
    }

    private void restIfLate() {
        long nanos = loop.exactNanos() - turnNanos;
        if (nanos > Loop.TURN_NANOS && !resting) {
            resting = true;
            lastedNanos = nanos;
            loop.atNextTurn(connection);
        }
    }

    /** How long the last turn took that was too long. */
    long lastedNanos() {
        return lastedNanos;
    }

    // Rates

    /** Counts what one read brought. */
    void count(ByteBuffer in) {
        inflated = 0;
        if (rates != null) {
            rates.bytes(in.remaining(), loop.coarseNanos());
            check(rates);
        }
    }

    /** Counts a message or a control frame. */
    void count(Event event, Protocol protocol) {
        if (rates != null) {
            rates.event(event, protocol.isLastPart(), loop.coarseNanos());
            check(rates);
        }
    }

    private void check(RateGate gate) {
        if (gate.isOver() && connection.isOpen()) {
            if (gate.closes()) {
                connection.endWith(ClosedBy.LIMIT, gate.detail(), null, gate.status());
            } else {
                deadlines.schedule();
            }
        }
    }

    // What is kept

    /** What is kept, to be consumed; {@code null} if nothing is, or if it has to wait. */
    @Nullable ByteBuffer due() {
        return kept == null || isHeld() ? null : kept.bytes();
    }

    /** Whether something is kept, so that the end of the input has yet to come. */
    boolean isKeeping() {
        return kept != null;
    }

    /** Keeps what is left of {@code in}; ends the connection if there is no memory for it. */
    void keep(ByteBuffer in) {
        try {
            if (kept == null) {
                kept = new KeptInput(loop, in);
            } else {
                kept.append(in);
            }
        } catch (OutOfMemoryError none) {
            release();
            in.position(in.limit());
            connection.loseInput();
        }
    }

    /**
     * Looks at what is held, as a host does once a second while memory for it is short: whether its peer has had it held for
     * too long. Only that shortage counts: who is slow met others before, and is no attacker for it.
     */
    boolean isHeldTooLong(Protocol protocol, int shortage) {
        if (isSilenced()) {
            return false;
        }
        int keptFor = kept == null ? 0 : kept.growOlder(shortage);
        return Math.max(protocol.growOlder(shortage), keptFor) > MAX_HELD_SECONDS + transport.patienceSeconds();
    }

    /** Drops what is kept. */
    void release() {
        KeptInput input = kept;
        if (input != null) {
            kept = null;
            input.release();
        }
    }

    /** Tells the transport whether to read. */
    void syncReading() {
        boolean wanted = kept == null && !isHeld();
        if (reading != wanted) {
            reading = wanted;
            transport.setReading(wanted);
        }
    }
}
