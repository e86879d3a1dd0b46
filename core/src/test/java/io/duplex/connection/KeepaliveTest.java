package io.duplex.connection;

import static io.duplex.connection.Keepalive.Action.CLOSE;
import static io.duplex.connection.Keepalive.Action.CUT;
import static io.duplex.connection.Keepalive.Action.PING;
import static io.duplex.connection.Keepalive.Action.WAIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Timeouts;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Times are seconds after a reading of the clock that soon overflows. */
class KeepaliveTest {
    private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30);

    private final Keepalive keepalive = new Keepalive(timeouts(25, 20, 300, 10), START);

    private static Timeouts timeouts(int ping, int pong, int idle, int close) {
        return Timeouts.builder()
                .pingInterval(Duration.ofSeconds(ping))
                .pong(Duration.ofSeconds(pong))
                .idle(Duration.ofSeconds(idle))
                .close(Duration.ofSeconds(close))
                .build();
    }

    private static long at(double seconds) {
        return START + (long) (seconds * 1e9);
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    @Test
    void aPingIsDueExactlyAfterTheInterval() {
        assertThat(keepalive.nextNanos(START)).isEqualTo(nanos(25));
        assertThat(keepalive.due(at(25) - 1)).isEqualTo(WAIT);
        assertThat(keepalive.due(at(25))).isEqualTo(PING);
        assertThat(keepalive.nextNanos(at(25))).isEqualTo(nanos(20));
    }

    @Test
    void aSignOfLifeStartsTheIntervalAnew() {
        keepalive.heard(at(24));
        assertThat(keepalive.due(at(48))).isEqualTo(WAIT);
        assertThat(keepalive.nextNanos(at(48))).isEqualTo(nanos(1));
        assertThat(keepalive.due(at(49))).isEqualTo(PING);
    }

    @Test
    void anUnansweredPingCutsTheConnection() {
        assertThat(keepalive.due(at(26))).isEqualTo(PING);
        assertThat(keepalive.due(at(46) - 1)).isEqualTo(WAIT);
        assertThat(keepalive.due(at(46))).isEqualTo(CUT);
        assertThat(keepalive.describe(CUT)).isEqualTo("pong timeout of 20 s");
    }

    @Test
    void onePingIsUnderWayAtATimeHoweverLongItsAnswerMayTake() {
        Keepalive patient = new Keepalive(timeouts(10, 35, 300, 10), START);
        assertThat(patient.due(at(10))).isEqualTo(PING);
        assertThat(patient.nextNanos(at(10))).isEqualTo(nanos(35));
        assertThat(patient.due(at(20))).as("the interval is over again").isEqualTo(WAIT);
        assertThat(patient.due(at(44))).isEqualTo(WAIT);
        patient.heard(at(44));
        patient.ponged(at(44));
        assertThat(patient.roundTripTime()).isEqualTo(Duration.ofSeconds(34));
        assertThat(patient.due(at(53))).isEqualTo(WAIT);
        assertThat(patient.due(at(54))).as("an interval after the answer").isEqualTo(PING);
        assertThat(patient.due(at(89))).isEqualTo(CUT);
    }

    @Test
    void anySignOfLifeAnswersAPing() {
        assertThat(keepalive.due(at(25))).isEqualTo(PING);
        keepalive.heard(at(44));
        assertThat(keepalive.due(at(46))).isEqualTo(WAIT);
        assertThat(keepalive.nextNanos(at(46))).isEqualTo(nanos(44 + 25 - 46));
    }

    @Test
    void aPeerThatTakesBytesIsAlive() {
        assertThat(keepalive.due(at(25))).isEqualTo(PING);
        keepalive.pending(1000, at(26));
        keepalive.pending(1000, at(27));
        assertThat(keepalive.nextNanos(at(27))).isEqualTo(nanos(18));
        keepalive.pending(999, at(28));
        assertThat(keepalive.nextNanos(at(28))).isEqualTo(nanos(25));
    }

    @Test
    void theIdleTimeoutClosesWhateverPingsDo() {
        Keepalive impatient = new Keepalive(timeouts(25, 20, 30, 10), START);
        assertThat(impatient.due(at(25))).isEqualTo(PING);
        assertThat(impatient.nextNanos(at(25))).isEqualTo(nanos(5));
        assertThat(impatient.due(at(30))).isEqualTo(CLOSE);
        assertThat(impatient.describe(CLOSE)).isEqualTo("idle timeout of 30 s");
    }

    @Test
    void onceClosingOnlyTheCloseTimeoutCounts() {
        assertThat(keepalive.beginClose(at(5))).isTrue();
        assertThat(keepalive.beginClose(at(9))).isFalse();
        keepalive.heard(at(14));
        assertThat(keepalive.nextNanos(at(14))).isEqualTo(nanos(1));
        assertThat(keepalive.due(at(15) - 1)).isEqualTo(WAIT);
        assertThat(keepalive.due(at(15))).isEqualTo(CUT);
        assertThat(keepalive.describe(CUT)).isEqualTo("close timeout of 10 s");
    }

    @Test
    void zeroSwitchesEachTimeoutOff() {
        Keepalive off = new Keepalive(timeouts(0, 0, 0, 0), START);
        assertThat(off.nextNanos(START)).isEqualTo(Keepalive.NEVER);
        assertThat(off.due(at(1e9))).isEqualTo(WAIT);
        off.beginClose(START);
        assertThat(off.nextNanos(START)).isEqualTo(Keepalive.NEVER);
        assertThat(off.due(at(1e9))).isEqualTo(WAIT);
    }

    @Test
    void withoutAPongTimeoutAPingIsSentOnceInASilence() {
        Keepalive patient = new Keepalive(timeouts(25, 0, 300, 10), START);
        assertThat(patient.due(at(25))).isEqualTo(PING);
        assertThat(patient.due(at(100))).isEqualTo(WAIT);
        assertThat(patient.nextNanos(at(100))).isEqualTo(nanos(200));
    }

    @Test
    void theRoundTripIsThatOfTheLastPingAndItsPong() {
        assertThat(keepalive.roundTripTime()).isNull();
        keepalive.ponged(at(1)); // nobody asked for it
        assertThat(keepalive.roundTripTime()).isNull();
        assertThat(keepalive.due(at(25))).isEqualTo(PING);
        keepalive.pinged(at(25.5));
        keepalive.heard(at(26));
        keepalive.ponged(at(26.25));
        assertThat(keepalive.roundTripTime()).isEqualTo(Duration.ofMillis(750));
        keepalive.ponged(at(27));
        assertThat(keepalive.roundTripTime()).isEqualTo(Duration.ofMillis(750));
    }

    @Test
    void aPongMayComeAfterOtherBytes() {
        assertThat(keepalive.due(at(25))).isEqualTo(PING);
        keepalive.heard(at(26));
        assertThat(keepalive.due(at(50))).isEqualTo(WAIT);
        keepalive.heard(at(50));
        keepalive.ponged(at(50));
        assertThat(keepalive.roundTripTime()).isEqualTo(Duration.ofSeconds(25));
    }

    @Test
    void fractionsOfASecondAreNamed() {
        Timeouts short1 = Timeouts.builder().close(Duration.ofMillis(250)).build();
        Keepalive hasty = new Keepalive(short1, START);
        hasty.beginClose(START);
        assertThat(hasty.describe(CUT)).isEqualTo("close timeout of 0.25 s");
    }

    @Test
    void timesBeyondALongCountAsOff() {
        Timeouts endless = Timeouts.builder()
                .idle(Duration.ofSeconds(Long.MAX_VALUE))
                .pingInterval(Duration.ofSeconds(Long.MAX_VALUE))
                .build();
        assertThat(new Keepalive(endless, START).nextNanos(START)).isEqualTo(Keepalive.NEVER);
    }
}
