package io.duplex.connection;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one event loop, kept so that moving one costs nothing: a timer lies in the slot of the time at which it
 * is to be looked at, and its owner then says whether it is due or to be looked at later. Confined to one thread at a time.
 */
public final class TimerWheel {
    /** How often {@link #advance} is to be called, in nanoseconds. */
    public static final long TICK_NANOS = 100_000_000L;

    private static final int SLOTS = 512;

    /** Looks at its deadlines. It must not throw: nobody could be told. */
    @FunctionalInterface
    public interface Watch {
        /** Never again. */
        long NEVER = Long.MAX_VALUE;

        /**
         * Does what is due.
         *
         * @return the nanoseconds until the next look, or {@link #NEVER}; without meaning if it schedules its timer itself
         */
        long onTimer(long nowNanos);
    }

    /** One owner's place on a wheel. */
    public static final class Timer {
        private final Watch watch;
        private @Nullable Timer previous;
        private @Nullable Timer next;
        private long tick;

        /** Creates a timer that is not on a wheel. */
        public Timer(Watch watch) {
            this.watch = watch;
        }
    }

    private final Timer[] slots = new Timer[SLOTS];
    private final long startNanos;
    private long nowNanos;
    /** Ticks since the start whose slots have been looked at. */
    private long passedTicks;

    private int size;

    /**
     * Creates an empty wheel.
     *
     * @param nowNanos the time, as {@link System#nanoTime} tells it: any number
     */
    public TimerWheel(long nowNanos) {
        this.startNanos = nowNanos;
        this.nowNanos = nowNanos;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = emptyList();
        }
    }

    /** Number of timers on the wheel. */
    public int size() {
        return size;
    }

    /**
     * Has {@code timer} looked at {@code nanos} after the time of the last {@link #advance}, not before and less than a tick
     * later; moves it if it is on the wheel already.
     */
    public void schedule(Timer timer, long nanos) {
        cancel(timer);
        long elapsed = nowNanos - startNanos;
        long due = elapsed + Math.max(0, Math.min(nanos, Long.MAX_VALUE - TICK_NANOS - elapsed));
        timer.tick = Math.max((due + TICK_NANOS - 1) / TICK_NANOS, elapsed / TICK_NANOS + 1);
        insert(timer);
    }

    private void insert(Timer timer) {
        Timer head = slots[(int) (timer.tick & SLOTS - 1)];
        Timer last = neighbour(head.previous);
        timer.previous = last;
        timer.next = head;
        last.next = timer;
        head.previous = timer;
        size++;
    }

    /** Takes {@code timer} off the wheel. Does nothing if it is not on it. */
    public void cancel(Timer timer) {
        Timer previous = timer.previous;
        if (previous == null) {
            return;
        }
        Timer next = neighbour(timer.next);
        previous.next = next;
        next.previous = previous;
        timer.previous = null;
        timer.next = null;
        size--;
    }

    private static Timer neighbour(@Nullable Timer timer) {
        return Objects.requireNonNull(timer, "timer is not on a wheel");
    }

    /**
     * Looks at all timers whose time has come.
     *
     * @param now the time, never earlier than before
     */
    public void advance(long now) {
        nowNanos = now;
        long target = (now - startNanos) / TICK_NANOS;
        // More than one turn of the wheel looks at each slot once.
        passedTicks = Math.max(passedTicks, target - SLOTS);
        while (passedTicks < target) {
            passedTicks++;
            expire(slots[(int) (passedTicks & SLOTS - 1)], target);
        }
    }

    /** Empties the slot first: what a watch does may schedule or cancel any timer. */
    private void expire(Timer head, long target) {
        Timer first = neighbour(head.next);
        if (first == head) {
            return;
        }
        Timer due = emptyList();
        Timer last = neighbour(head.previous);
        due.next = first;
        first.previous = due;
        due.previous = last;
        last.next = due;
        head.next = head;
        head.previous = head;
        try {
            look(due, target);
        } finally {
            // Nothing is left of it, unless a watch threw: then the others are looked at in the next tick.
            for (Timer timer; (timer = neighbour(due.next)) != due; ) {
                schedule(timer, 0);
            }
        }
    }

    private void look(Timer due, long target) {
        for (Timer timer; (timer = neighbour(due.next)) != due; ) {
            cancel(timer);
            if (timer.tick > target) {
                insert(timer);
            } else {
                long again = timer.watch.onTimer(nowNanos);
                if (again != Watch.NEVER && timer.previous == null) {
                    schedule(timer, again);
                }
            }
        }
    }

    private static Timer emptyList() {
        Timer head = new Timer(now -> Watch.NEVER);
        head.previous = head;
        head.next = head;
        return head;
    }
}
