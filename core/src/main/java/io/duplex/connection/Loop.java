package io.duplex.connection;

import io.duplex.protocol.Workspace;
import io.duplex.topic.TopicTree;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop share: the engines' {@link Workspace}, the timers, the clock and the topics. A host
 * makes one for each of its loops and calls {@link #tick} every {@link TimerWheel#TICK_NANOS}. Confined to the loop's thread,
 * but for {@link #execute}.
 */
public final class Loop {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** What compression holds is given back after one to two times this without use. */
    private static final long REST_NANOS = 10_000_000_000L;

    private final Workspace workspace;
    private final Executor executor;
    private final LongSupplier nanoClock;
    private final TimerWheel timers;
    private final TopicTree<Membership> topics = new TopicTree<>();
    private List<Membership> toDeliver = new ArrayList<>();
    private List<Membership> delivering = new ArrayList<>();
    private boolean deliveryScheduled;
    private long nowNanos;
    private long restedNanos;
    private @Nullable Outbound viewed;
    private ByteBuffer view = NOTHING;

    /**
     * Creates what a loop shares.
     *
     * @param executor runs tasks on the loop's thread, in order
     * @param nanoClock as {@link System#nanoTime}
     */
    public Loop(Workspace workspace, Executor executor, LongSupplier nanoClock) {
        this.workspace = workspace;
        this.executor = executor;
        this.nanoClock = nanoClock;
        this.nowNanos = nanoClock.getAsLong();
        this.restedNanos = nowNanos;
        this.timers = new TimerWheel(nowNanos);
    }

    /** Lets time pass: looks at the deadlines, and gives back what was long unused. */
    public void tick() {
        nowNanos = nanoClock.getAsLong();
        timers.advance(nowNanos);
        if (nowNanos - restedNanos >= REST_NANOS) {
            restedNanos = nowNanos;
            workspace.rest();
        }
    }

    /** The engines' shared parts. */
    public Workspace workspace() {
        return workspace;
    }

    /** The deadlines. */
    public TimerWheel timers() {
        return timers;
    }

    /** The time of the last {@link #tick}: good to {@link TimerWheel#TICK_NANOS}, and free. */
    long coarseNanos() {
        return nowNanos;
    }

    /** The exact time. */
    long exactNanos() {
        return nanoClock.getAsLong();
    }

    /** Runs {@code task} on the loop's thread, after those given before. Thread-safe. */
    public void execute(Runnable task) {
        executor.execute(task);
    }

    TopicTree<Membership> topics() {
        return topics;
    }

    /** Hands {@code message} to each member of {@code topic} but {@code except}; it leaves at the end of the turn. */
    void deliver(String topic, Outbound message, Connection except) {
        topics.forEach(topic, member -> {
            if (!member.isOf(except) && member.bring(message)) {
                toDeliver.add(member);
            }
        });
        if (!toDeliver.isEmpty() && !deliveryScheduled) {
            deliveryScheduled = true;
            executor.execute(this::deliverAll);
        }
    }

    /** One write for each connection, however many messages the turn brought it. */
    private void deliverAll() {
        deliveryScheduled = false;
        List<Membership> turn = toDeliver;
        toDeliver = delivering;
        delivering = turn;
        for (int i = 0; i < turn.size(); i++) {
            turn.get(i).sendBrought();
        }
        turn.clear();
        viewed = null;
        view = NOTHING;
    }

    /** The payload of {@code message}: one view of it for all its receivers in a row. */
    @SuppressWarnings("ReferenceEquality") // one message, not an equal one
    ByteBuffer view(Outbound message) {
        if (viewed != message) {
            viewed = message;
            view = message.payload();
        }
        return view.clear();
    }
}
