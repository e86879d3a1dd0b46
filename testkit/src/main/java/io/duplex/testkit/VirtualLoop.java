package io.duplex.testkit;

import io.duplex.connection.Loop;
import io.duplex.connection.TimerWheel;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * An event loop without a thread and with a clock of its own: turns run when the test says so, in an order that is always the
 * same, and time passes when the test says so. Confined to the test's thread, which counts as the loop's thread except in
 * {@link #elsewhere}.
 */
public final class VirtualLoop implements EventLoop {
    private static final int MAX_TURNS = 10_000_000;

    private final PriorityQueue<Turn> turns =
            new PriorityQueue<>(Comparator.comparingLong(Turn::atNanos).thenComparingLong(Turn::number));
    private final HeapBuffers buffers = new HeapBuffers();
    private final long startNanos;
    private final Loop shared;
    private long nowNanos;
    /** Time that turns took. */
    private long takenNanos;

    private long nextTickNanos;
    private long turnsGiven;
    private boolean elsewhere;

    /** Creates a loop whose clock begins at a nanoTime that is about to overflow. */
    public VirtualLoop() {
        this(Long.MAX_VALUE - Duration.ofMinutes(1).toNanos());
    }

    /**
     * Creates a loop.
     *
     * @param startNanos the first reading of its clock, in the manner of {@link System#nanoTime}: any number
     */
    public VirtualLoop(long startNanos) {
        this.startNanos = startNanos;
        this.shared = buffers.loop(this::execute, () -> this.startNanos + nowNanos + takenNanos);
        this.nextTickNanos = TimerWheel.TICK_NANOS;
    }

    @Override
    public void execute(Runnable task) {
        schedule(Duration.ZERO, task);
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        turns.add(new Turn(nowNanos + delay.toNanos(), turnsGiven++, task));
    }

    @Override
    public boolean isInLoop() {
        return !elsewhere;
    }

    @Override
    public Loop shared() {
        return shared;
    }

    @Override
    public int lentBuffers() {
        return buffers.lent();
    }

    /** Lends no more buffers. */
    public void exhaustBuffers() {
        buffers.exhaust();
    }

    /** The time that has passed since the loop was created. */
    public Duration elapsed() {
        return Duration.ofNanos(nowNanos);
    }

    /** Runs {@code action} as if on a thread that is not the loop's. */
    public void elsewhere(Runnable action) {
        boolean before = elsewhere;
        elsewhere = true;
        try {
            action.run();
        } finally {
            elsewhere = before;
        }
    }

    /** Has the turn that runs take some time: its clock goes on, and nothing else. */
    public void take(Duration time) {
        takenNanos += time.toNanos();
    }

    /**
     * Runs the turns that are due, and those that they cause, without letting time pass.
     *
     * @throws IllegalStateException if there is no end of them
     */
    public void run() {
        for (int i = 0; i < MAX_TURNS; i++) {
            Turn turn = turns.peek();
            if (turn == null || turn.atNanos() > nowNanos) {
                return;
            }
            turns.remove();
            turn.task().run();
        }
        throw new IllegalStateException("the loop does not come to rest");
    }

    /** Lets time pass, running all that becomes due at its time. */
    public void pass(Duration time) {
        long untilNanos = nowNanos + time.toNanos();
        run();
        while (nowNanos < untilNanos) {
            Turn next = turns.peek();
            long nextNanos = next == null ? nextTickNanos : Math.min(next.atNanos(), nextTickNanos);
            nowNanos = Math.min(nextNanos, untilNanos);
            if (nowNanos == nextTickNanos) {
                nextTickNanos += TimerWheel.TICK_NANOS;
                shared.tick();
            }
            run();
        }
    }

    private record Turn(long atNanos, long number, Runnable task) {}
}
