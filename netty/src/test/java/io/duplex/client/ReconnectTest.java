package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.WebSocketHandler;
import io.duplex.testkit.Covers;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReconnectTest {
    @ParameterizedTest
    @CsvSource({"1, 100", "2, 200", "3, 400", "4, 800", "5, 1000", "60, 1000", "2147483647, 1000"})
    @Covers({"WS-7.2.3-1", "WS-7.2.3-2", "WS-7.2.3-4"})
    void delaysAreSpreadOverAllTheTimeUpToTheirBound(int failures, long boundMillis) {
        Reconnect policy = Reconnect.builder()
                .initialDelay(Duration.ofMillis(100))
                .maxDelay(Duration.ofSeconds(1))
                .build();
        Random random = new Random(1);
        double sum = 0;
        for (int i = 0; i < 10_000; i++) {
            double share = (double) policy.delay(failures, random).toNanos() / (boundMillis * 1_000_000);
            assertThat(share).isBetween(0.0, 1.0);
            sum += share;
        }
        assertThat(sum / 10_000).isBetween(0.48, 0.52);
    }

    @Test
    void aMaximumBelowTheInitialDelayTakesItsPlace() {
        Reconnect policy = Reconnect.builder().maxDelay(Duration.ofMillis(1)).build();
        assertThat(policy.delay(1, new Random(1))).isLessThanOrEqualTo(Duration.ofMillis(1));
    }

    @Test
    void aVeryLongDelayDoesNotOverflow() {
        Reconnect policy = Reconnect.builder()
                .initialDelay(Duration.ofDays(300))
                .maxDelay(Duration.ofDays(365))
                .build();
        assertThat(policy.delay(1000, new Random(1))).isBetween(Duration.ZERO, Duration.ofDays(365));
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        Reconnect.Builder builder = Reconnect.builder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.initialDelay(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxDelay(Duration.ofDays(366)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxAttempts(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.stableAfter(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.queueBytes(-1));
    }

    @Test
    void everyCallbackOfAHandlerIsHandedOn() {
        assertThat(Link.class.getDeclaredMethods())
                .extracting(ReconnectTest::signature)
                .containsAll(Arrays.stream(WebSocketHandler.class.getMethods())
                        .map(ReconnectTest::signature)
                        .toList());
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }
}
