package io.duplex.client;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.HandshakeException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a {@link ReconnectingWebSocket} has no connection: either one has ended, or an attempt to connect has failed. Immutable and
 * thread-safe.
 *
 * @param failures how many times in a row, this one included, without a stable connection in between
 * @param outcome how the connection ended; {@code null} if there was none
 * @param failure why the attempt failed; {@code null} if there was a connection
 */
public record Outage(
        int failures,
        @Nullable CloseOutcome outcome,
        @Nullable HandshakeException failure) {
    private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

    /**
     * Whether it may be over when one tries again, which {@link Reconnect} takes for the answer unless told otherwise.
     *
     * <p>A connection: yes if the network lost it or a timeout passed, and after the close codes 1001, 1011, 1012, 1013 and 1014
     * of the peer. No after all others (1000 and none at all are an ordinary end, 1002 to 1010 would come again, 3000 to 4999 are
     * the application's to know), when this side closed it or a handler threw, or when the peer broke the protocol or a limit.
     *
     * <p>An attempt: yes if there was no HTTP answer, unless the server's certificate is not trusted; and after the statuses 408,
     * 425, 429, 500, 502, 503 and 504, of the server or of a proxy. No after all others.
     */
    public boolean isTransient() {
        if (failure != null) {
            return isTransient(failure);
        }
        return outcome != null && isTransient(outcome);
    }

    private static boolean isTransient(HandshakeException failure) {
        return switch (failure.status()) {
            case HandshakeException.NO_STATUS -> !isAboutCertificate(failure);
            case 408, 425, 429, 500, 502, 503, 504 -> true;
            default -> false;
        };
    }

    private static boolean isAboutCertificate(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTransient(CloseOutcome outcome) {
        return switch (outcome.closedBy()) {
            case NETWORK, TIMEOUT -> true;
            case PEER ->
                switch (outcome.status().code()) {
                    case CloseCode.GOING_AWAY,
                            CloseCode.INTERNAL_ERROR,
                            CloseCode.SERVICE_RESTART,
                            CloseCode.TRY_AGAIN_LATER,
                            CloseCode.BAD_GATEWAY -> true;
                    default -> false;
                };
            case SELF, PROTOCOL, LIMIT, HANDLER -> false;
        };
    }

    /** How long the server asks to stay away (Retry-After), at most an hour; zero if it does not. */
    Duration retryAfter(Instant now) {
        List<String> values = failure == null ? null : failure.headers().get("retry-after");
        if (values == null || values.isEmpty()) {
            return Duration.ZERO;
        }
        Duration wanted = retryAfter(values.get(0), now);
        if (wanted.isNegative()) {
            return Duration.ZERO;
        }
        return wanted.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wanted;
    }

    /** Seconds or a date (RFC 9110 §10.2.3). */
    private static Duration retryAfter(String value, Instant now) {
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            try {
                return Duration.ofSeconds(Long.parseLong(value));
            } catch (NumberFormatException tooMany) {
                return MAX_RETRY_AFTER;
            }
        }
        Instant date = HttpDate.parse(value, now);
        return date == null ? Duration.ZERO : Duration.between(now, date);
    }
}
