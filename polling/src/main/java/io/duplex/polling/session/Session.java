package io.duplex.polling.session;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.Loop;
import io.duplex.connection.SessionHost;
import io.duplex.connection.TimerWheel;
import io.duplex.connection.Transport;
import io.duplex.message.MessageAssembler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Connection} whose transport is no socket: what it sends waits as packets until the peer has acknowledged them, and
 * {@link Carrier}s come and go that take them there. What the peer sends is given to {@link #receive}. So the connection
 * outlives the requests that carry it, and has the queue, the limits, the topics and the closing of any other.
 *
 * <p>It lives on one loop, to which it is confined but for {@link #execute}, {@link #loop} and what {@link Transport} says.
 *
 * <p>Once the connection has ended ({@link #isOver}) what it has sent is still there for the peer to fetch, until all of it is
 * acknowledged or nobody has come for it for the expiry time. Then the session is gone.
 */
public final class Session implements Transport, TimerWheel.Watch {
    /** From here on more should wait. */
    static final int HIGH_WATER_BYTES = 256 << 10;

    /** Where that is over. */
    static final int LOW_WATER_BYTES = 128 << 10;

    /** What the peer has to take from one look to the next, so that who waits for it is no older. */
    private static final int LEAST_BYTES = 1 << 10;

    /** What is to run once the peer has the packet of that number. */
    private record Mark(long number, Runnable task) {}

    private final SessionHost host;
    private final Loop loop;
    private final SessionOptions options;
    private final SessionProtocol protocol;
    private final Connection connection;
    private final PacketQueue packets;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this);
    private final TimerWheel.Timer farewell = new TimerWheel.Timer(now -> forget());
    private final Runnable whenGone;
    private final Queue<Mark> marks = new ArrayDeque<>(0);

    private volatile @Nullable Thread thread;
    private volatile boolean congested;
    private @Nullable Carrier carrier;
    private @Nullable Runnable whenReading;
    private boolean reading = true;
    /** How often something has waited when memory was short, and which shortage that was. */
    private int waitingLooks;

    private int shortage;
    private long seenAcknowledged;
    private boolean announced;
    /** A message was not sent, as the peer does not take it: none behind it is. */
    private boolean refuses;

    private boolean ending;
    private boolean over;
    private boolean gone;

    /**
     * Creates a server's session; {@link #open} is next.
     *
     * @param whenGone runs on the loop when the session is gone
     */
    public Session(
            SessionHost host,
            Loop loop,
            SessionOptions options,
            Handshake handshake,
            WebSocketHandler handler,
            Runnable whenGone) {
        this.host = host;
        this.loop = loop;
        this.options = options;
        this.whenGone = whenGone;
        this.packets = new PacketQueue(loop.sendBudget());
        this.protocol = new SessionProtocol(
                options.settings().limits(),
                handler.delivery(),
                options.peerCloses(),
                null,
                this::send,
                this::growOlder);
        this.connection = new Connection(protocol, Role.SERVER, handshake, handler, options.settings(), loop, this);
    }

    /**
     * Creates a client's session, which sends no parts of messages, but receives some; {@link #open} is next.
     *
     * @param maxSentBytes the longest message that the server takes; a longer one ends the session with 1009
     */
    public Session(
            SessionHost host,
            Loop loop,
            SessionOptions options,
            Handshake handshake,
            WebSocketHandler handler,
            int maxSentBytes) {
        this.host = host;
        this.loop = loop;
        this.options = options;
        this.whenGone = () -> {};
        this.packets = new PacketQueue(loop.sendBudget());
        WholeMessages whole = new WholeMessages(maxSentBytes, this::send, this::refuseToSend);
        this.protocol = new SessionProtocol(
                options.settings().limits(),
                handler.delivery(),
                options.peerCloses(),
                new MessageAssembler(loop.workspace()::acquire),
                whole::send,
                this::growOlder);
        this.connection = new Connection(protocol, Role.CLIENT, handshake, handler, options.settings(), loop, this);
    }

    private void refuseToSend() {
        refuses = true;
        loop.execute(() -> connection.close(CloseCode.TOO_BIG, "message is longer than the server takes"));
    }

    /** Begins: counts as a connection of the server, and tells the handler. */
    public void open() {
        thread = Thread.currentThread();
        host.opened(connection);
        loop.addSession(connection);
        rest();
        connection.onOpen();
    }

    // The peer's side

    /** What the application sees. */
    public Connection connection() {
        return connection;
    }

    /** Where it lives. */
    public Loop loop() {
        return loop;
    }

    /** Runs {@code task} where it lives: at once if that is {@code here}. Thread-safe. */
    @SuppressWarnings("ReferenceEquality") // the same loop
    public void run(Loop here, Runnable task) {
        if (here == loop) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** What the peer has yet to acknowledge. */
    public PacketQueue packets() {
        return packets;
    }

    /** Whether the handler takes messages. */
    public boolean isReading() {
        return reading;
    }

    /** Whether the connection has ended: no more packets will come than there are. */
    public boolean isOver() {
        return over;
    }

    /** Whether nothing is left of it. */
    public boolean isGone() {
        return gone;
    }

    /** What carries it at present; {@code null} if nothing does. */
    public @Nullable Carrier carrier() {
        return carrier;
    }

    /**
     * Has {@code next} take the packets from now on; the carrier before it, if there is one, is told that it was replaced. Tells
     * the new one of the packets that are there before this returns.
     *
     * @param timeNanos until {@link Carrier#onTime}
     */
    public void attach(Carrier next, long timeNanos) {
        Carrier before = carrier;
        carrier = next;
        if (before != null) {
            before.onReplaced();
        }
        if (gone) {
            carrier = null;
            next.onGone();
            return;
        }
        loop.timers().schedule(timer, timeNanos);
        heard();
        next.onReading(reading);
        tellCarrier();
    }

    /** That carrier is no more; from now on the session expires. Does nothing if another has taken its place. */
    @SuppressWarnings("ReferenceEquality") // this carrier, not one like it
    public void detach(Carrier ended) {
        if (carrier == ended) {
            carrier = null;
            rest();
        }
    }

    /** Has {@code present} asked {@link Carrier#onTime} after that time, if it still carries the session. */
    @SuppressWarnings("ReferenceEquality") // this carrier, not one like it
    public void schedule(Carrier present, long timeNanos) {
        if (carrier == present) {
            loop.timers().schedule(timer, timeNanos);
        }
    }

    /** Notes a sign of life that is neither a packet nor news of one. */
    public void heard() {
        if (carrier == null) {
            rest();
        }
        if (!over) {
            connection.onWritable();
        }
    }

    /**
     * The peer has all packets up to that number.
     *
     * @param number at most that of the last packet
     */
    public void acknowledge(long number) {
        if (!packets.acknowledge(number)) {
            return;
        }
        if (congested && packets.bytes() + packets.overheadBytes() <= LOW_WATER_BYTES) {
            congested = false;
        }
        heard();
        // Who sends on at once may fill the queue again: the peer comes first, or it would never be heard.
        if (reading && whenReading != null) {
            loop.execute(this::reachMarks);
        } else {
            reachMarks();
        }
        if (packets.last() > packets.acknowledged()) {
            announce(); // who waited for that may go on
        } else if (over) {
            vanish();
        }
    }

    private void reachMarks() {
        for (Mark mark; (mark = marks.peek()) != null && mark.number() <= packets.acknowledged(); ) {
            marks.remove();
            mark.task().run();
        }
    }

    /**
     * Packets have come from the peer.
     *
     * @param in whole packets, each behind its header; taken, and the caller's again on return
     */
    public void receive(ByteBuffer in) {
        if (over) {
            in.position(in.limit());
        } else {
            if (carrier == null && options.sendingCounts()) {
                rest();
            }
            connection.onReadable(in);
        }
    }

    /** A packet has come from the peer. */
    public void receive(Packet packet) {
        ByteBuffer in = ByteBuffer.allocate(Packet.HEADER_BYTES + packet.length());
        packet.writeTo(in);
        receive(in.flip());
    }

    /**
     * Runs {@code task} once the connection takes messages, be it at once: what comes before that has to be kept. A later task
     * takes the place of an earlier one that waits.
     */
    public void whenReading(Runnable task) {
        if (reading || over) {
            task.run();
        } else {
            whenReading = task;
        }
    }

    /** Has {@code task} wait no longer, and holds nothing of it; returns whether it did. */
    @SuppressWarnings("ReferenceEquality") // this task
    public boolean forget(Runnable task) {
        boolean waits = whenReading == task;
        if (waits) {
            whenReading = null;
        }
        return waits;
    }

    /** Fails the connection for what the peer has sent in a form that is not to be read, as soon as it takes messages. */
    public void fail(Violation violation) {
        if (!over) {
            protocol.breakOff(violation);
            connection.onReadable(ByteBuffer.allocate(0));
        }
    }

    /** Ends the session, as the peer is known to be gone. */
    public void lose(String why) {
        lose(new IOException(why));
    }

    /** Ends the session, as {@code failure} keeps it from the peer. */
    public void lose(IOException failure) {
        finish(failure);
        vanish();
    }

    /** Counts one more look at what its carrier holds until the connection takes messages. */
    private int growOlder(int present) {
        Carrier carries = carrier;
        boolean waits = carries != null && carries.isHolding();
        long acknowledged = packets.acknowledgedCost();
        if (!waits || shortage != present || acknowledged >= seenAcknowledged + LEAST_BYTES) {
            shortage = present;
            waitingLooks = 0;
        }
        seenAcknowledged = acknowledged;
        return waits ? ++waitingLooks : 0;
    }

    /** A block is acknowledged as a whole: as long as a slow link takes for one. */
    @Override
    public int patienceSeconds() {
        if (packets.last() == packets.acknowledged()) {
            return 0;
        }
        long first = packets.get(packets.acknowledged() + 1).length();
        long underWay = Math.min(packets.bytes() + packets.overheadBytes(), Math.max(first, HIGH_WATER_BYTES));
        return Math.toIntExact(underWay / LEAST_BYTES);
    }

    // Packets and time

    private void send(Packet packet) {
        if (ending) {
            return; // behind a packet for which there was no memory
        }
        if (!packets.put(packet)) {
            end(new IOException("the process's memory for sending is full"));
            return;
        }
        if (packets.bytes() + packets.overheadBytes() > HIGH_WATER_BYTES) {
            congested = true;
        }
        announce();
    }

    /** Tells the carrier once a turn, so that what a turn sends goes in one answer. */
    private void announce() {
        if (!announced) {
            announced = true;
            loop.execute(() -> {
                announced = false;
                tellCarrier();
            });
        }
    }

    private void tellCarrier() {
        Carrier present = carrier;
        if (present != null && (over || packets.last() > packets.acknowledged())) {
            present.onPackets();
        }
    }

    /** Nothing carries the session: it ends if that stays so. */
    private void rest() {
        if (!gone) {
            loop.timers().schedule(timer, TimeUnit.NANOSECONDS.convert(options.expiry()));
        }
    }

    @Override
    public long onTimer(long nowNanos) {
        Carrier present = carrier;
        if (present != null) {
            return present.onTime();
        }
        lose("no request for " + seconds(options.expiry()));
        return NEVER;
    }

    private static String seconds(Duration time) {
        return time.toMillis() / 1000.0 + " s";
    }

    /** The connection ends; what it has sent stays. */
    private void finish(@Nullable IOException failure) {
        if (over) {
            return;
        }
        ending = true;
        over = true;
        loop.removeSession(connection);
        CloseOutcome outcome = connection.onTransportClosed(failure);
        host.closed(connection, outcome);
        Runnable waiting = whenReading;
        if (waiting != null) {
            whenReading = null;
            waiting.run();
        }
        if (packets.last() == packets.acknowledged()) {
            vanish();
        } else {
            // Once, however often the peer comes: it counts for no limit any more.
            loop.timers().schedule(farewell, TimeUnit.NANOSECONDS.convert(options.expiry()));
            tellCarrier();
        }
    }

    private long forget() {
        vanish();
        return NEVER;
    }

    private void vanish() {
        if (gone) {
            return;
        }
        gone = true;
        loop.timers().cancel(farewell);
        loop.timers().cancel(timer);
        marks.clear();
        packets.clear();
        whenGone.run();
        Carrier present = carrier;
        carrier = null;
        if (present != null) {
            present.onGone();
        }
    }

    // The transport's side

    @Override
    @SuppressWarnings("ReferenceEquality") // threads are compared by identity
    public boolean isInLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public ByteBuffer room(int bytes) {
        throw new UnsupportedOperationException("a session sends packets");
    }

    @Override
    public void write(ByteBuffer payload) {
        throw new UnsupportedOperationException("a session sends packets");
    }

    @Override
    public long pendingBytes() {
        return packets.bytes();
    }

    @Override
    public long overheadBytes() {
        return packets.overheadBytes();
    }

    @Override
    public boolean isCongested() {
        return congested;
    }

    @Override
    public void whenFlushed(Runnable task) {
        if (refuses) {
            return; // what it is about does not go: the end of the connection will say so
        }
        if (packets.last() == packets.acknowledged()) {
            loop.execute(task);
        } else {
            marks.add(new Mark(packets.last(), task));
        }
    }

    @Override
    public void setReading(boolean wanted) {
        reading = wanted;
        loop.execute(this::syncReading);
    }

    private void syncReading() {
        if (reading && whenReading != null) {
            Runnable waiting = whenReading;
            whenReading = null;
            waiting.run();
        }
        if (reading && !over && protocol.isBroken()) {
            connection.onReadable(ByteBuffer.allocate(0));
        }
        Carrier present = carrier;
        if (present != null) {
            present.onReading(reading);
        }
    }

    /** There is nothing to half-close: what was sent stays until the peer has it. */
    @Override
    public void close() {
        if (!ending) {
            ending = true;
            loop.execute(() -> finish(null));
        }
    }

    @Override
    public void abort() {
        end(null);
    }

    /** Ends without what waits; but a peer that is slow is not cut off from the reason, if it was given one. */
    private void end(@Nullable IOException failure) {
        if (!ending) {
            ending = true;
            loop.execute(() -> {
                if (!endsWithClose()) {
                    packets.clear();
                }
                finish(failure);
            });
        }
    }

    private boolean endsWithClose() {
        return packets.last() > packets.acknowledged()
                && packets.get(packets.last()).kind() == Packet.Kind.CLOSE;
    }
}
