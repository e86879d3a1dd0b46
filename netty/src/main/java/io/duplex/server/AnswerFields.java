package io.duplex.server;

import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** What an answer that is no upgrade has to carry and its maker may leave out. Thread-safe. */
final class AnswerFields {
    private static final String DATE = "Date";
    private static final String CHALLENGE = "WWW-Authenticate";
    private static final int UNAUTHORIZED = 401;
    private static final long MILLIS = 1000;

    /** RFC 9110 §5.6.7; the JDK's RFC_1123_DATE_TIME has days of one digit. */
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private record Stamp(long second, String date) {}

    private static volatile Stamp last = new Stamp(Long.MIN_VALUE, "");

    private AnswerFields() {}

    /** The fields with a Date (RFC 9110 §6.6.1) and, for 401, a challenge (RFC 9110 §15.5.2), where they have none. */
    static HeaderFields complete(int status, HeaderFields fields) {
        HeaderFields.Builder all = HeaderFields.builder();
        if (!fields.contains(DATE)) {
            all.add(DATE, date(System.currentTimeMillis()));
        }
        if (status == UNAUTHORIZED && !fields.contains(CHALLENGE)) {
            // The one scheme that no browser asks its user about.
            all.add(CHALLENGE, "Bearer");
        }
        return all.addAll(fields).build();
    }

    /** The answer with such fields. */
    static Answer.Refused complete(Answer.Refused answer) {
        return new Answer.Refused(
                answer.status(), complete(answer.status(), answer.extraFields()), answer.body(), answer.fault());
    }

    /** Formats once a second. */
    static String date(long epochMillis) {
        long second = Math.floorDiv(epochMillis, MILLIS);
        Stamp stamp = last;
        if (stamp.second != second) {
            stamp = new Stamp(second, FORMAT.format(Instant.ofEpochSecond(second)));
            last = stamp;
        }
        return stamp.date;
    }
}
