package io.duplex.connection;

import io.duplex.Limits;
import io.duplex.SendStatus;
import io.duplex.protocol.Workspace;
import io.duplex.topic.TopicTree;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop share: the engines' {@link Workspace}, the timers, the clock and the topics. A host
 * makes one for each of its loops and calls {@link #tick} every {@link TimerWheel#TICK_NANOS}. Confined to the loop's thread,
 * but for {@link #execute}, {@link #post} and
 * {@link #isFull}.
 */
public final class Loop {
    /** What a publication counts for besides its bytes: even an empty one costs the loop time. */
    static final int PUBLICATION_BYTES = 1 << 10;

    /** Publications that wait beyond this are a backlog: who publishes should slow down. */
    static final long PUBLISHED_BACKLOG_BYTES = 1 << 20;

    /** Publications that wait beyond this are lost: a loop that does not come must not fill the heap. */
    static final long MAX_PUBLISHED_BYTES = 16 << 20;

    /** Deliveries of a turn to which no more publications are added: sockets want to be served, too. */
    static final int TURN_DELIVERIES = 4096;

    /**
     * What is sent to the members of topics before others have their turn, each member counting {@link #PUBLICATION_BYTES} more:
     * a message of a mebibyte to thousands would keep the loop for seconds.
     */
    static final int TURN_SENT_BYTES = 4 << 20;

    /** Of those on other loops that wait for this one to have caught up: so many go on at a time. */
    private static final int TOLD = 8;

    /** Members that are sent something before the clock is looked at. */
    private static final int TIMED_MEMBERS = 16;

    /** Publications that come while others wait for such a turn: beyond this all leave at once. */
    static final long MAX_BROUGHT_BYTES = 16 << 20;

    /**
     * How long a connection may go on with what one read brought, before others have their turn: a read of tiny messages, each
     * of which is inflated, or sent to hundreds, takes a hundred times that.
     */
    static final long TURN_NANOS = 2_000_000L;

    /**
     * A tick that comes so much too late finds that the process stood still: it was stopped, or had no processor. What peers sent
     * meanwhile has not been read, so that they must not be taken for silent.
     */
    static final long STANDSTILL_NANOS = 1_000_000_000L;

    /**
     * What all connections together may inflate from one tick to the next, before those that inflate more wait for a later one:
     * each has a bound of its own, but a hundred that send bombs would be a hundred times that late for all others.
     */
    static final int TICK_INFLATED_BYTES = 16 << 20;

    /** What compression holds is given back after one to two times this without use. */
    private static final long REST_NANOS = 10_000_000_000L;

    private final Workspace workspace;
    private final SendBudget sendBudget;
    private final Executor executor;
    private final Executor afterSockets;
    private final LongSupplier nanoClock;
    private final TimerWheel timers;
    private final TopicTree<Membership> topics = new TopicTree<>();
    private List<Membership> toDeliver = new ArrayList<>();
    private List<Membership> delivering = new ArrayList<>();
    /** How many of {@link #delivering} have had their turn. */
    private int delivered;
    /** Of publications, from the time that none waited. */
    private long broughtBytes;

    private boolean deliveryScheduled;
    /** Deliveries since the last turn began that takes what was posted. */
    private int deliveries;

    /** Connections that took too much of a turn. */
    private final Queue<Connection> resting = new ArrayDeque<>(0);

    /** Connections that took too long. */
    private final Queue<Connection> lasting = new ArrayDeque<>(0);

    /** Connections that publish, until what was published has left. */
    private final Queue<Connection> publishing = new ArrayDeque<>(0);

    /** For what is published on other loops, until this one has caught up with it. */
    private final Queue<Runnable> others = new ConcurrentLinkedQueue<>();

    private boolean goOnScheduled;

    /** Connections that live on no socket of the loop. */
    private final Set<Connection> sessions = new HashSet<>(0);

    /** The last that was asked for; {@code null} if none was. */
    private @Nullable SendBounds sendBounds;

    private long nowNanos;
    /** Time that does not count. */
    private long stoodNanos;

    private long restedNanos;
    private long inflatedBytes;
    private long keptBytes;
    /** What other threads have done with topics, in order, until the loop comes for it. */
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();

    /** How many have been posted, and how many of them taken. */
    private final AtomicLong postedTasks = new AtomicLong();

    private long takenTasks;

    private final AtomicLong publishedBytes = new AtomicLong();
    private final AtomicBoolean collected = new AtomicBoolean(true);

    /**
     * Creates what a loop shares.
     *
     * @param sendBudget that of the process
     * @param executor runs tasks on the loop's thread, in order
     * @param nanoClock as {@link System#nanoTime}
     */
    public Loop(Workspace workspace, SendBudget sendBudget, Executor executor, LongSupplier nanoClock) {
        this(workspace, sendBudget, executor, executor, nanoClock);
    }

    /**
     * Creates what a loop shares.
     *
     * @param sendBudget that of the process
     * @param executor runs tasks on the loop's thread, in order
     * @param afterSockets runs tasks on the loop's thread once it has looked at its sockets: for what has others take their turn
     * @param nanoClock as {@link System#nanoTime}
     */
    public Loop(
            Workspace workspace,
            SendBudget sendBudget,
            Executor executor,
            Executor afterSockets,
            LongSupplier nanoClock) {
        this.workspace = workspace;
        this.sendBudget = sendBudget;
        this.executor = executor;
        this.afterSockets = afterSockets;
        this.nanoClock = nanoClock;
        this.nowNanos = nanoClock.getAsLong();
        this.restedNanos = nowNanos;
        this.timers = new TimerWheel(nowNanos);
    }

    /** Lets time pass: looks at the deadlines, and gives back what was long unused. */
    public void tick() {
        long now = exactNanos();
        long lateNanos = now - nowNanos - TimerWheel.TICK_NANOS;
        if (lateNanos > STANDSTILL_NANOS) {
            stoodNanos += lateNanos;
            now -= lateNanos;
        }
        nowNanos = now;
        workspace.releaseShared();
        timers.advance(nowNanos);
        inflatedBytes = 0;
        // Those that rest again are for the next tick, and so are those that there was no time for.
        for (int i = resting.size(); i > 0 && inflatedBytes <= TICK_INFLATED_BYTES; i--) {
            resting.remove().goOn();
        }
        tellOthers();
        if (nowNanos - restedNanos >= REST_NANOS) {
            restedNanos = nowNanos;
            workspace.rest();
        }
    }

    /** Counts what was inflated; returns whether that is so much since the last {@link #tick} that the next should rest. */
    boolean countInflated(int bytes) {
        inflatedBytes += bytes;
        return inflatedBytes > TICK_INFLATED_BYTES;
    }

    /** Has {@code connection} go on with the next {@link #tick}, or with one soon after it. */
    void atNextTick(Connection connection) {
        resting.add(connection);
    }

    /** Has {@code connection} go on once others have had their turn. */
    void atNextTurn(Connection connection) {
        lasting.add(connection);
        scheduleGoOn();
    }

    /** Has {@code connection} go on once the loop is no longer {@link #isBehind}. */
    void whenCaughtUp(Connection connection) {
        publishing.add(connection);
    }

    /** Has a connection of another loop go on, by {@code task}, once this one has caught up with what was posted. Thread-safe. */
    void whenCaughtUp(Runnable task) {
        others.add(task);
    }

    private void tellOthers() {
        for (int i = 0; i < TOLD && publishedBytes.get() <= PUBLISHED_BACKLOG_BYTES; i++) {
            Runnable task = others.poll();
            if (task == null) {
                return;
            }
            task.run();
        }
    }

    /** Whether so much was published that who publishes should wait: there is a turn to come that sends some of it. */
    boolean isBehind() {
        return broughtBytes > PUBLISHED_BACKLOG_BYTES || publishedBytes.get() > PUBLISHED_BACKLOG_BYTES;
    }

    private void scheduleGoOn() {
        if (!goOnScheduled) {
            goOnScheduled = true;
            afterSockets.execute(this::goOn);
        }
    }

    /** Goes on with those that waited, as far as there is time. Those that have to wait again stand at the end. */
    private void goOn() {
        long begun = nanoClock.getAsLong();
        long readNanos = 0;
        try {
            for (int i = lasting.size(); i > 0 && nanoClock.getAsLong() - begun + readNanos < TURN_NANOS; i--) {
                readNanos += lasting.remove().goOnLasting();
            }
            for (int i = publishing.size();
                    i > 0 && !isBehind() && nanoClock.getAsLong() - begun + readNanos < TURN_NANOS;
                    i--) {
                readNanos += publishing.remove().goOnLasting();
            }
        } finally {
            goOnScheduled = false;
            goOnSoon();
        }
    }

    private void goOnSoon() {
        if (broughtBytes <= PUBLISHED_BACKLOG_BYTES && !posted.isEmpty() && collected.compareAndSet(true, false)) {
            afterSockets.execute(this::takePosted);
        }
        if (!lasting.isEmpty() || !publishing.isEmpty() && !isBehind()) {
            scheduleGoOn();
        }
    }

    /** The engines' shared parts. */
    public Workspace workspace() {
        return workspace;
    }

    /** What all connections together may have waiting. */
    public SendBudget sendBudget() {
        return sendBudget;
    }

    /** From where the queue of a connection with {@code limits} is full. Most have the same, and so one object, which stays in caches. */
    SendBounds sendBounds(Limits limits) {
        SendBounds last = sendBounds;
        if (last == null || !last.isOf(limits)) {
            last = new SendBounds(limits, sendBudget);
            sendBounds = last;
        }
        return last;
    }

    /** The deadlines. */
    public TimerWheel timers() {
        return timers;
    }

    /** The time of the last {@link #tick}: good to {@link TimerWheel#TICK_NANOS}, and free. */
    long coarseNanos() {
        return nowNanos;
    }

    /** The exact time, but for times at which all stood still. */
    long exactNanos() {
        return nanoClock.getAsLong() - stoodNanos;
    }

    /**
     * Memory for what was read and that connections do not take yet, as their peers do not read or their handlers paused. Where
     * it is much, a host should read less at a time.
     */
    public long keptBytes() {
        return keptBytes;
    }

    void countKept(int change) {
        keptBytes += change;
    }

    /** Has a connection told of shortages that lives on no socket, as {@link #onShortage} is for. */
    public void addSession(Connection session) {
        sessions.add(session);
    }

    /** That connection has ended. */
    public void removeSession(Connection session) {
        sessions.remove(session);
    }

    /**
     * Memory for what was received is short: tells all connections that live on no socket. To be called each second that it is.
     *
     * @param shortage which one it is, as for {@link Connection#onShortage}
     */
    public void onShortage(int shortage) {
        for (Connection session : List.copyOf(sessions)) {
            try {
                session.onShortage(shortage);
            } catch (Throwable fault) {
                session.report(fault);
            }
        }
    }

    /** Runs {@code task} on the loop's thread, after those given before. Thread-safe. */
    public void execute(Runnable task) {
        executor.execute(task);
    }

    TopicTree<Membership> topics() {
        return topics;
    }

    /** Whether so many publications wait that no more are taken. Thread-safe. */
    boolean isFull() {
        return publishedBytes.get() >= MAX_PUBLISHED_BYTES;
    }

    /** Has the loop {@link #deliver} soon, after what was posted before. Thread-safe. */
    SendStatus post(Publication publication) {
        long length = publication.message().frameBytes() + PUBLICATION_BYTES;
        long bytes = publishedBytes.addAndGet(length);
        post(() -> {
            publishedBytes.addAndGet(-length);
            bring(publication);
        });
        return bytes < PUBLISHED_BACKLOG_BYTES ? SendStatus.SENT : SendStatus.QUEUED;
    }

    /** Has the loop change who has joined what, after what was posted before. Thread-safe. */
    void post(Runnable change) {
        posted.add(change);
        postedTasks.incrementAndGet();
        wake();
    }

    private void wake() {
        if (collected.get() && collected.compareAndSet(true, false)) {
            executor.execute(this::takePosted);
        }
    }

    /** Takes what was posted, as much as fits into a turn. */
    private void takePosted() {
        collected.set(true);
        deliveries = 0;
        try {
            while (deliveries < TURN_DELIVERIES && broughtBytes <= PUBLISHED_BACKLOG_BYTES) {
                Runnable next = posted.poll();
                if (next == null) {
                    break;
                }
                takenTasks++;
                next.run();
            }
        } finally {
            goOnSoon();
            tellOthers();
        }
    }

    /** Takes all that was posted before now; others may go on to post. */
    private void takePostedBefore() {
        for (long last = postedTasks.get(); takenTasks < last; ) {
            Runnable next = posted.poll();
            if (next == null) {
                return;
            }
            takenTasks++;
            next.run();
        }
    }

    /** Hands a message to each member of its topic but one; it leaves at the end of the turn. */
    void deliver(Publication publication) {
        if (!posted.isEmpty()) {
            takePostedBefore();
        }
        bring(publication);
    }

    private void bring(Publication publication) {
        Outbound message = publication.message();
        Connection except = publication.except();
        boolean mayMatchTwice = topics.hasPatterns();
        topics.forEach(publication.topic(), member -> {
            deliveries++;
            if (!member.isOf(except) && !(mayMatchTwice && member.has(message))) {
                bring(message, member);
            }
        });
        if (!toDeliver.isEmpty() && !deliveryScheduled) {
            scheduleDelivery();
        }
        if (deliveryScheduled) {
            broughtBytes += message.frameBytes() + PUBLICATION_BYTES;
            if (broughtBytes > MAX_BROUGHT_BYTES) {
                deliverAll();
            }
        }
    }

    private void bring(Outbound message, Membership member) {
        try {
            if (member.bring(message)) {
                toDeliver.add(member);
            }
        } catch (Throwable fault) {
            member.fail(fault);
        }
    }

    private void scheduleDelivery() {
        deliveryScheduled = true;
        executor.execute(this::deliverBrought);
    }

    /**
     * One write for each connection, however many messages it was brought. One that fails takes none along. Who has yet to have
     * its turn may be brought more meanwhile, behind what waits.
     */
    private void deliverBrought() {
        if (delivering.isEmpty()) {
            List<Membership> turn = toDeliver;
            toDeliver = delivering;
            delivering = turn;
        }
        try {
            deliver(TURN_SENT_BYTES);
        } finally {
            if (delivered == delivering.size()) {
                delivering.clear();
                delivered = 0;
            }
            deliveryScheduled = false;
            if (!delivering.isEmpty() || !toDeliver.isEmpty()) {
                deliveryScheduled = true;
                afterSockets.execute(this::deliverBrought);
            } else {
                broughtBytes = 0;
            }
            goOnSoon();
        }
    }

    /** What was brought takes too much of the heap to wait. Who has been served here has nothing to send when its turn comes. */
    private void deliverAll() {
        broughtBytes = 0;
        deliver(Long.MAX_VALUE);
        for (int i = 0; i < toDeliver.size(); i++) {
            send(toDeliver.get(i));
        }
        toDeliver.clear();
    }

    private void deliver(long mostBytes) {
        long begun = nanoClock.getAsLong();
        for (long bytes = 0; delivered < delivering.size() && bytes < mostBytes; ) {
            Membership member = delivering.get(delivered++);
            bytes += send(member) + PUBLICATION_BYTES;
            // The first of a window that is sent a message to compresses it, which may take as long as a hundred are
            // sent.
            boolean looks = delivered % TIMED_MEMBERS == 0 || member.isCompressed();
            if (looks && mostBytes == TURN_SENT_BYTES && nanoClock.getAsLong() - begun > TURN_NANOS) {
                return;
            }
        }
    }

    private static long send(Membership member) {
        try {
            return member.sendBrought();
        } catch (Throwable fault) {
            member.fail(fault);
            return 0;
        }
    }
}
