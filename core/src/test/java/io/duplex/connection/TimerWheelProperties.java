package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.connection.TimerWheel.Timer;
import io.duplex.connection.TimerWheel.Watch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** The wheel against a model that looks at every deadline at every tick. */
class TimerWheelProperties {
    private static final long TICK = TimerWheel.TICK_NANOS;
    private static final int TIMERS = 2000;
    /** Three turns of the wheel and more. */
    private static final long FARTHEST = 1700 * TICK;

    @Property(tries = 60)
    void everyTimerIsLookedAtWithinATickAfterItsDeadlineAndNotBefore(
            @ForAll long start, @ForAll long seed, @ForAll @LongRange(min = 1, max = 4) long ticksAtOnce) {
        World world = new World(start, new Random(seed));
        for (int i = 0; i < TIMERS; i++) {
            world.timers.add(new ModelTimer(world));
        }
        world.timers.forEach(ModelTimer::scheduleAnywhere);
        for (int step = 0; step < 600; step++) {
            world.shuffleSome();
            world.advance(ticksAtOnce * TICK);
            world.check(ticksAtOnce);
        }
        assertThat(world.looks).isGreaterThan(TIMERS / 10);
    }

    @Property(tries = 60)
    void aLoopThatSleptForLongCatchesUpAtOnce(
            @ForAll long start, @ForAll long seed, @ForAll @LongRange(min = 0, max = 5000) long sleptTicks) {
        World world = new World(start, new Random(seed));
        for (int i = 0; i < 200; i++) {
            ModelTimer timer = new ModelTimer(world);
            timer.onlyOnce = true;
            world.timers.add(timer);
            timer.scheduleAnywhere();
        }
        world.advance(sleptTicks * TICK);
        world.check(1);
    }

    private static final class World {
        final Random random;
        final TimerWheel wheel;
        final List<ModelTimer> timers = new ArrayList<>();
        long now;
        int looks;

        World(long start, Random random) {
            this.random = random;
            this.now = start;
            this.wheel = new TimerWheel(start);
        }

        void advance(long nanos) {
            now += nanos;
            wheel.advance(now);
        }

        void shuffleSome() {
            for (int i = 0; i < 5; i++) {
                timers.get(random.nextInt(timers.size())).scheduleAnywhere();
                timers.get(random.nextInt(timers.size())).cancel();
            }
        }

        void check(long ticksAtOnce) {
            int waiting = 0;
            for (ModelTimer timer : timers) {
                if (timer.waiting) {
                    waiting++;
                    // What is left is not yet due, or has been due for less than the ticks have their distance.
                    assertThat(now - timer.deadline).isLessThan(ticksAtOnce * TICK);
                }
            }
            assertThat(wheel.size()).isEqualTo(waiting);
        }
    }

    private static final class ModelTimer {
        final World world;
        final Timer timer;
        boolean onlyOnce;
        boolean waiting;
        long deadline;

        ModelTimer(World world) {
            this.world = world;
            this.timer = new Timer(this::onTimer);
        }

        void scheduleAnywhere() {
            schedule((long) (world.random.nextDouble() * FARTHEST));
        }

        void schedule(long nanos) {
            world.wheel.schedule(timer, nanos);
            waiting = true;
            deadline = world.now + nanos;
        }

        void cancel() {
            world.wheel.cancel(timer);
            waiting = false;
        }

        private long onTimer(long now) {
            assertThat(now).isEqualTo(world.now);
            assertThat(waiting).isTrue();
            assertThat(now - deadline).isGreaterThanOrEqualTo(0);
            world.looks++;
            waiting = false;
            if (onlyOnce) {
                return Watch.NEVER;
            }
            world.timers.get(world.random.nextInt(world.timers.size())).cancel();
            world.timers.get(world.random.nextInt(world.timers.size())).scheduleAnywhere();
            if (waiting) {
                return 1; // it chose itself: what it scheduled counts, not this
            }
            if (world.random.nextBoolean()) {
                return Watch.NEVER;
            }
            long again = world.random.nextInt(3) == 0 ? 0 : (long) (world.random.nextDouble() * FARTHEST);
            waiting = true;
            deadline = now + again;
            return again;
        }
    }
}
