package io.duplex.connection;

import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one event loop, kept so that moving one costs nothing: a timer lies in the slot of the time at which it
 * is to be looked at, and its owner then says whether it is due or to be looked at later. Confined to one thread at a time.
 */
public final class TimerWheel {
    /** A deadline is met at most this late, in nanoseconds. */
    public static final long TICK_NANOS = 100_000_000L;

    private static final int SLOTS = 512;

    /** Looks at its deadlines. */
    @FunctionalInterface
    public interface Watch {
        /** Never again. */
        long NEVER = Long.MAX_VALUE;

        /** Does what is due, and returns the nanoseconds until the next look, or {@link #NEVER}. */
        long onTimer(long nowNanos);
    }

    /** One owner's place on a wheel. */
    public static final class Timer {
        private final Watch watch;
        private @Nullable Timer previous;
        private @Nullable Timer next;
        private long tick;
        private boolean scheduled;

        /** Creates a timer that is not on a wheel. */
        public Timer(Watch watch) {
            this.watch = watch;
        }
    }

    private final Timer[] slots = new Timer[SLOTS];
    private long currentTick;
    private int size;

    /** Creates an empty wheel. */
    public TimerWheel(long nowNanos) {
        currentTick = Math.floorDiv(nowNanos, TICK_NANOS);
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = emptyList();
        }
    }

    /** Number of timers on the wheel. */
    public int size() {
        return size;
    }

    /** Has {@code timer} looked at in {@code nanos}, at the earliest; moves it if it is on the wheel already. */
    public void schedule(Timer timer, long nanos) {
        cancel(timer);
        long ticks = Math.max(1, (nanos + TICK_NANOS - 1) / TICK_NANOS);
        timer.tick = currentTick + ticks;
        insert(timer);
    }

    private void insert(Timer timer) {
        Timer head = slots[(int) (timer.tick & SLOTS - 1)];
        Timer last = neighbour(head.previous);
        timer.previous = last;
        timer.next = head;
        last.next = timer;
        head.previous = timer;
        timer.scheduled = true;
        size++;
    }

    /** Takes {@code timer} off the wheel. Does nothing if it is not on it. */
    public void cancel(Timer timer) {
        if (!timer.scheduled) {
            return;
        }
        Timer previous = neighbour(timer.previous);
        Timer next = neighbour(timer.next);
        previous.next = next;
        next.previous = previous;
        timer.previous = null;
        timer.next = null;
        timer.scheduled = false;
        size--;
    }

    private static Timer neighbour(@Nullable Timer timer) {
        if (timer == null) {
            throw new IllegalStateException("timer is not on a wheel");
        }
        return timer;
    }

    /** Looks at all timers whose time has come by {@code nowNanos}. */
    public void advance(long nowNanos) {
        long target = Math.floorDiv(nowNanos, TICK_NANOS);
        if (target - currentTick > SLOTS) {
            currentTick = target - SLOTS;
        }
        while (currentTick < target) {
            currentTick++;
            expire(slots[(int) (currentTick & SLOTS - 1)], nowNanos);
        }
    }

    /** Empties the slot first: what a watch does may schedule or cancel any timer. */
    private void expire(Timer head, long nowNanos) {
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
        for (Timer timer; (timer = neighbour(due.next)) != due; ) {
            cancel(timer);
            if (timer.tick > currentTick) {
                insert(timer);
            } else {
                long again = timer.watch.onTimer(nowNanos);
                if (again != Watch.NEVER && !timer.scheduled) {
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
