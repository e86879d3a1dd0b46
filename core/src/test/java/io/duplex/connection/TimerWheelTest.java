package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.connection.TimerWheel.Timer;
import io.duplex.connection.TimerWheel.Watch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerWheelTest {
    private static final long TICK = TimerWheel.TICK_NANOS;

    private final List<Long> looks = new ArrayList<>();
    private final Timer timer = new Timer(now -> {
        looks.add(now);
        return Watch.NEVER;
    });

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE - 5 * TICK, -3 * TICK + 7})
    void anyStartOfTheClockServes(long start) {
        TimerWheel wheel = new TimerWheel(start);
        wheel.schedule(timer, 10 * TICK);
        wheel.advance(start + 10 * TICK - 1);
        assertThat(looks).isEmpty();
        wheel.advance(start + 10 * TICK);
        assertThat(looks).containsExactly(start + 10 * TICK);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void aTimerThatIsScheduledBetweenTicksIsNotLookedAtTooEarly() {
        TimerWheel wheel = new TimerWheel(0);
        wheel.advance(TICK - 1);
        wheel.schedule(timer, TICK);
        wheel.advance(TICK);
        assertThat(looks).isEmpty();
        wheel.advance(2 * TICK);
        assertThat(looks).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void whatIsOverdueIsLookedAtInTheNextTick(long nanos) {
        TimerWheel wheel = new TimerWheel(0);
        wheel.schedule(timer, nanos);
        wheel.advance(TICK);
        assertThat(looks).hasSize(1);
    }

    @Test
    void aWatchThatThrowsDoesNotTakeTheOthersAlong() {
        TimerWheel wheel = new TimerWheel(0);
        Timer throwing = new Timer(now -> {
            throw new IllegalStateException("watch");
        });
        wheel.schedule(throwing, TICK);
        wheel.schedule(timer, TICK);
        assertThatIllegalStateException().isThrownBy(() -> wheel.advance(TICK));
        assertThat(looks).isEmpty();
        wheel.advance(2 * TICK);
        assertThat(looks).containsExactly(2 * TICK);
        assertThat(wheel.size()).isZero();
    }

    @Test
    void theFarthestDeadlineStaysOnTheWheel() {
        TimerWheel wheel = new TimerWheel(5 * TICK);
        wheel.schedule(timer, Long.MAX_VALUE);
        for (int i = 0; i < 2000; i++) {
            wheel.advance((6 + i) * TICK);
        }
        assertThat(looks).isEmpty();
        assertThat(wheel.size()).isOne();
    }

    @Test
    void schedulingAgainMovesATimer() {
        TimerWheel wheel = new TimerWheel(0);
        wheel.schedule(timer, TICK);
        wheel.schedule(timer, 3 * TICK);
        wheel.advance(2 * TICK);
        assertThat(looks).isEmpty();
        wheel.advance(3 * TICK);
        assertThat(looks).hasSize(1);
    }

    @Test
    void cancellingTwiceIsHarmless() {
        TimerWheel wheel = new TimerWheel(0);
        wheel.cancel(timer);
        wheel.schedule(timer, TICK);
        wheel.cancel(timer);
        wheel.cancel(timer);
        wheel.advance(10 * TICK);
        assertThat(looks).isEmpty();
        assertThat(wheel.size()).isZero();
    }

    @Test
    void aWatchMayCancelATimerThatIsDueInTheSameTick() {
        TimerWheel wheel = new TimerWheel(0);
        Timer first = new Timer(now -> {
            wheel.cancel(timer);
            return Watch.NEVER;
        });
        wheel.schedule(first, TICK);
        wheel.schedule(timer, TICK);
        wheel.advance(TICK);
        assertThat(looks).isEmpty();
        assertThat(wheel.size()).isZero();
    }

    @Test
    void whatIsScheduledInAWatchWaitsForALaterTick() {
        TimerWheel wheel = new TimerWheel(0);
        Timer first = new Timer(now -> {
            wheel.schedule(timer, 0);
            return Watch.NEVER;
        });
        wheel.schedule(first, TICK);
        wheel.advance(5 * TICK);
        assertThat(looks).isEmpty();
        wheel.advance(6 * TICK);
        assertThat(looks).hasSize(1);
    }
}
