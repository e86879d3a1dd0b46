package io.duplex.polling;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a carrier or a request of a client broke. Immutable and thread-safe.
 *
 * @param why in a few words
 * @param isGone whether the server has no such session any more
 * @param retryAfter how long the server wants the client to stay away; zero if it does not say
 * @param cause {@code null} if there is none
 */
record CarrierFailure(
        String why,
        boolean isGone,
        Duration retryAfter,
        @Nullable IOException cause) {
    private static final long MAX_SECONDS = SessionOffer.MAX_MILLIS / 1000;
    private static final int MAX_SECONDS_DIGITS = 9;

    static CarrierFailure of(String why) {
        return new CarrierFailure(why, false, Duration.ZERO, null);
    }

    static CarrierFailure gone(String why) {
        return new CarrierFailure(why, true, Duration.ZERO, null);
    }

    static CarrierFailure of(IOException cause) {
        return new CarrierFailure("the request failed", false, Duration.ZERO, cause);
    }

    /** What an answer says that is no success. */
    static CarrierFailure of(HttpResponse<?> answer) {
        int status = answer.statusCode();
        return new CarrierFailure(
                "the server answered " + status, status == 404 || status == 410, retryAfter(answer.headers()), null);
    }

    /** In seconds; dates are rare, and left out. */
    private static Duration retryAfter(HttpHeaders fields) {
        String value = fields.firstValue("Retry-After").orElse("");
        boolean isNumber = !value.isEmpty()
                && value.length() <= MAX_SECONDS_DIGITS
                && value.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Duration.ofSeconds(Math.min(Long.parseLong(value), MAX_SECONDS)) : Duration.ZERO;
    }

    /** For {@link io.duplex.CloseOutcome}. */
    IOException toException() {
        return new IOException(why, cause);
    }
}
