package io.duplex.cli.lab;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The text of an event: its number and the time at which it happened, in microseconds since the epoch, filled up. */
final class Stamp {
    /** Room for both numbers. */
    static final int MIN_BYTES = 40;

    private Stamp() {}

    static String text(long number, long micros, int bytes) {
        StringBuilder text = new StringBuilder(bytes)
                .append(number)
                .append(' ')
                .append(micros)
                .append(' ');
        while (text.length() < bytes) {
            text.append('.');
        }
        return text.toString();
    }

    static long number(String text) {
        return Long.parseLong(text, 0, text.indexOf(' '), 10);
    }

    static long micros(String text) {
        int from = text.indexOf(' ') + 1;
        return Long.parseLong(text, from, text.indexOf(' ', from), 10);
    }

    /** Now, on the machine's clock. */
    static long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
