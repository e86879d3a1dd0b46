package io.duplex.cli;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time in seconds such as 20 or 0.5. */
final class Seconds implements ITypeConverter<Duration> {
    private static final BigDecimal MOST =
            BigDecimal.valueOf(Duration.ofDays(365).toSeconds());
    private static final BigDecimal MILLIS = BigDecimal.valueOf(1000);

    @Override
    public Duration convert(String text) {
        try {
            BigDecimal seconds = new BigDecimal(text);
            if (seconds.signum() >= 0 && seconds.compareTo(MOST) <= 0) {
                return Duration.ofMillis(seconds.multiply(MILLIS).longValue());
            }
        } catch (NumberFormatException e) {
            // falls through to the same words
        }
        throw new TypeConversionException("'" + text + "' is no time in seconds: give 0 to " + MOST + ", such as 20");
    }
}
