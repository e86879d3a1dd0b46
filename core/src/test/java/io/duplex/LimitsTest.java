package io.duplex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.testkit.Covers;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class LimitsTest {
    @Test
    @Covers({"WS-10.4-1", "WS-10.4-2", "WS-10.4-3"})
    void areAllOnByDefault() {
        Limits limits = Limits.DEFAULT;
        assertThat(limits.maxMessageBytes()).isEqualTo(1 << 20);
        assertThat(limits.maxStreamBytes()).isEqualTo(1 << 20);
        assertThat(limits.maxFrameBytes()).isEqualTo(1 << 20);
        assertThat(limits.maxFragments()).isEqualTo(131_072);
        assertThat(limits.maxQueueBytes()).isEqualTo(4 << 20);
        assertThat(limits.maxQueueMessages()).isEqualTo(16 << 10);
        assertThat(limits.sendPolicy()).isEqualTo(SendPolicy.close());
        assertThat(limits.maxHeaderBytes()).isEqualTo(16 << 10);
        assertThat(limits.maxHeaderFields()).isEqualTo(100);
    }

    @Test
    void areKept() {
        Limits limits = Limits.builder()
                .maxMessageBytes(1)
                .maxFrameBytes(2)
                .maxStreamBytes(8L << 40)
                .maxFragments(3)
                .maxQueueBytes(4)
                .maxHeaderBytes(5)
                .maxHeaderFields(6)
                .maxQueueMessages(7)
                .sendPolicy(SendPolicy.dropOldest())
                .build();
        assertThat(limits.maxMessageBytes()).isEqualTo(1);
        assertThat(limits.maxFrameBytes()).isEqualTo(2);
        assertThat(limits.maxStreamBytes()).isEqualTo(8L << 40);
        assertThat(limits.maxFragments()).isEqualTo(3);
        assertThat(limits.maxQueueBytes()).isEqualTo(4);
        assertThat(limits.maxHeaderBytes()).isEqualTo(5);
        assertThat(limits.maxHeaderFields()).isEqualTo(6);
        assertThat(limits.maxQueueMessages()).isEqualTo(7);
        assertThat(limits.sendPolicy()).isEqualTo(SendPolicy.dropOldest());
    }

    @Test
    void ofAFrameIsThatOfAMessageUnlessSet() {
        assertThat(Limits.builder().maxMessageBytes(77).build().maxFrameBytes()).isEqualTo(77);
    }

    @Test
    void ofAStreamIsThatOfAMessageUnlessSet() {
        assertThat(Limits.builder().maxMessageBytes(77).build().maxStreamBytes())
                .isEqualTo(77);
        for (long bytes : new long[] {0, -1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Limits.builder().maxStreamBytes(bytes))
                    .withMessage("maxStreamBytes is " + bytes + ", must be positive");
        }
    }

    @Test
    void arePositive() {
        List<BiFunction<Limits.Builder, Integer, Limits.Builder>> setters = List.of(
                Limits.Builder::maxMessageBytes,
                Limits.Builder::maxFrameBytes,
                Limits.Builder::maxFragments,
                Limits.Builder::maxQueueBytes,
                Limits.Builder::maxQueueMessages,
                Limits.Builder::maxHeaderBytes,
                Limits.Builder::maxHeaderFields);
        for (BiFunction<Limits.Builder, Integer, Limits.Builder> setter : setters) {
            assertThatIllegalArgumentException().isThrownBy(() -> setter.apply(Limits.builder(), 0));
            assertThatIllegalArgumentException().isThrownBy(() -> setter.apply(Limits.builder(), -1));
        }
    }

    @Test
    void timeoutsAreAllOnByDefault() {
        Timeouts timeouts = Timeouts.DEFAULT;
        assertThat(timeouts.handshake()).isEqualTo(Duration.ofSeconds(10));
        assertThat(timeouts.idle()).isEqualTo(Duration.ofMinutes(5));
        assertThat(timeouts.pingInterval()).isEqualTo(Duration.ofSeconds(25));
        assertThat(timeouts.pong()).isEqualTo(Duration.ofSeconds(20));
        assertThat(timeouts.close()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aLifetimeIsOffByDefaultAndBoundedInWhatItMayBe() {
        assertThat(Timeouts.DEFAULT.lifetime()).isZero();
        assertThat(Timeouts.DEFAULT.lifetimeJitter()).isEqualTo(0.1);
        assertThat(Timeouts.DEFAULT.lifetimeCode()).isEqualTo(1001);
        Timeouts timeouts = Timeouts.builder()
                .lifetime(Duration.ofHours(1))
                .lifetimeJitter(1)
                .lifetimeCode(1012)
                .build();
        assertThat(timeouts.lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(timeouts.lifetimeJitter()).isEqualTo(1);
        assertThat(timeouts.lifetimeCode()).isEqualTo(1012);
        for (double fraction : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Timeouts.builder().lifetimeJitter(fraction))
                    .withMessage("lifetime jitter is " + fraction + ", range 0 to 1");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Timeouts.builder().lifetimeCode(1006))
                .withMessage("close code 1006 must not be sent");
    }

    @Test
    void ratesAreOffByDefault() {
        assertThat(Limits.DEFAULT.rates().isOn()).isFalse();
        assertThat(RateLimits.NONE.burst()).isEqualTo(Duration.ofSeconds(1));
        assertThat(RateLimits.NONE.excess()).isEqualTo(RateLimits.Excess.SLOW_DOWN);
    }

    @Test
    void ratesAreKept() {
        RateLimits rates = RateLimits.builder()
                .messages(1)
                .bytes(2)
                .controlFrames(3)
                .burst(Duration.ofMillis(200))
                .excess(RateLimits.Excess.CLOSE)
                .build();
        assertThat(Limits.builder().rates(rates).build().rates()).isSameAs(rates);
        assertThat(rates.messages()).isEqualTo(1);
        assertThat(rates.bytes()).isEqualTo(2);
        assertThat(rates.controlFrames()).isEqualTo(3);
        assertThat(rates.burst()).isEqualTo(Duration.ofMillis(200));
        assertThat(rates.excess()).isEqualTo(RateLimits.Excess.CLOSE);
        assertThat(RateLimits.builder().messages(1).build().isOn()).isTrue();
        assertThat(RateLimits.builder().bytes(1).build().isOn()).isTrue();
        assertThat(RateLimits.builder().controlFrames(1).build().isOn()).isTrue();
    }

    @Test
    void ratesHaveRanges() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimits.builder().messages(-1))
                .withMessage("messages a second is -1, must not be negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimits.builder().bytes(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RateLimits.builder().controlFrames(-1));
        for (Duration burst : List.of(Duration.ofMillis(199), Duration.ofMinutes(61))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RateLimits.builder().burst(burst))
                    .withMessageContaining("range");
        }
    }

    @Test
    void timeoutsAreKeptAndZeroIsOff() {
        Timeouts timeouts = Timeouts.builder()
                .handshake(Duration.ofSeconds(1))
                .idle(Duration.ofSeconds(2))
                .pingInterval(Duration.ZERO)
                .pong(Duration.ofSeconds(4))
                .close(Duration.ofSeconds(5))
                .build();
        assertThat(timeouts.handshake()).isEqualTo(Duration.ofSeconds(1));
        assertThat(timeouts.idle()).isEqualTo(Duration.ofSeconds(2));
        assertThat(timeouts.pingInterval()).isZero();
        assertThat(timeouts.pong()).isEqualTo(Duration.ofSeconds(4));
        assertThat(timeouts.close()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void timeoutsAreNotNegative() {
        List<BiFunction<Timeouts.Builder, Duration, Timeouts.Builder>> setters = List.of(
                Timeouts.Builder::handshake,
                Timeouts.Builder::idle,
                Timeouts.Builder::pingInterval,
                Timeouts.Builder::pong,
                Timeouts.Builder::close,
                Timeouts.Builder::lifetime);
        for (BiFunction<Timeouts.Builder, Duration, Timeouts.Builder> setter : setters) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> setter.apply(Timeouts.builder(), Duration.ofNanos(-1)))
                    .withMessageContaining("must not be negative");
        }
    }

    @Test
    void everyOptionIsCarriedOver() {
        RateLimits rates = RateLimits.builder()
                .messages(1)
                .bytes(2)
                .controlFrames(3)
                .burst(Duration.ofSeconds(4))
                .excess(RateLimits.Excess.CLOSE)
                .build();
        assertThat(rates.toBuilder().build()).usingRecursiveComparison().isEqualTo(rates);
        Limits limits = Limits.builder()
                .maxMessageBytes(1)
                .maxStreamBytes(8)
                .maxFrameBytes(2)
                .maxFragments(3)
                .maxQueueBytes(4)
                .maxQueueMessages(5)
                .sendPolicy(SendPolicy.dropOldest())
                .maxHeaderBytes(6)
                .maxHeaderFields(7)
                .rates(rates)
                .build();
        assertThat(limits.toBuilder().build()).usingRecursiveComparison().isEqualTo(limits);
        assertThat(Limits.DEFAULT.toBuilder().maxMessageBytes(9).build().maxFrameBytes())
                .isEqualTo(9);
        Timeouts timeouts = Timeouts.builder()
                .handshake(Duration.ofSeconds(1))
                .idle(Duration.ofSeconds(2))
                .pingInterval(Duration.ofSeconds(3))
                .pong(Duration.ofSeconds(4))
                .close(Duration.ofSeconds(5))
                .lifetime(Duration.ofSeconds(6))
                .lifetimeJitter(0.7)
                .lifetimeCode(1012)
                .build();
        assertThat(timeouts.toBuilder().build()).usingRecursiveComparison().isEqualTo(timeouts);
    }

    @Test
    void aRefusalHasAStatusOf300To599() {
        for (int status : new int[] {0, 299, 600}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new HandshakeException(status, "no"));
        }
        assertThat(new HandshakeException(300, "no").status()).isEqualTo(300);
        assertThat(new HandshakeException(599, "no").status()).isEqualTo(599);
    }
}
