package io.duplex.conformance.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a soak run calls growth. */
class SlopeTest {
    private static List<Sample> samples(long... heapBytes) {
        return LongStream.of(heapBytes)
                .mapToObj(bytes -> new Sample(bytes, 0, 0, 0, 0, 0, 0, 0))
                .toList();
    }

    @Test
    void aLineHasTheSlopeOfItsPoints() {
        assertThat(Slope.perHour(samples(100, 110, 120, 130), Sample::heapBytes))
                .isCloseTo(600, within(1e-6));
    }

    @Test
    void whatSwingsAroundAValueHasHardlyASlope() {
        assertThat(Slope.perHour(samples(100, 120, 120, 100), Sample::heapBytes))
                .isCloseTo(0, within(1e-6));
    }

    @Test
    void oneSampleHasNone() {
        assertThat(Slope.perHour(samples(100), Sample::heapBytes)).isZero();
    }

    @Test
    void aSampleComesThroughAsALine() {
        Sample sample = new Sample(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(Sample.parse(sample.toLine())).isEqualTo(sample);
    }
}
