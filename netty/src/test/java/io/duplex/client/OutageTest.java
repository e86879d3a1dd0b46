package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.HandshakeException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutageTest {
    private static Outage closed(ClosedBy by, int code) {
        return new Outage(1, new CloseOutcome(CloseStatus.of(code), null, true, by, "", null), null);
    }

    private static Outage refused(HandshakeException failure) {
        return new Outage(1, null, failure);
    }

    @ParameterizedTest
    @ValueSource(ints = {1001, 1011, 1012, 1013, 1014})
    void aPeerMaySayThatItComesBack(int code) {
        assertThat(closed(ClosedBy.PEER, code).isTransient()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4999})
    void otherCodesAreTheEnd(int code) {
        assertThat(closed(ClosedBy.PEER, code).isTransient()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void ofTheOtherEndingsNetworkAndTimeoutsMayPass(ClosedBy by) {
        assertThat(closed(by, 1006).isTransient()).isEqualTo(by == ClosedBy.NETWORK || by == ClosedBy.TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({
        "101, false", "200, false", "301, false", "400, false", "401, false", "403, false", "404, false", "407, false",
        "408, true", "425, true", "426, false", "429, true", "500, true", "501, false", "502, true", "503, true",
        "504, true", "505, false",
    })
    void statusesThatMayPassAreTransient(int status, boolean isTransient) {
        HandshakeException refusal = new HandshakeException(status, "", Map.of(), new byte[0], null);
        assertThat(refused(refusal).isTransient()).isEqualTo(isTransient);
    }

    @Test
    void withoutAStatusAllButTheCertificateMayPass() {
        assertThat(refused(new HandshakeException("", new IOException())).isTransient())
                .isTrue();
        Throwable untrusted = new SSLHandshakeException("").initCause(new CertificateException());
        assertThat(refused(new HandshakeException("", untrusted)).isTransient()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "5, 5",
        "0, 0",
        "-1, 0",
        "99999999999, 3600",
        "'Sat, 21 Nov 2026 10:00:30 GMT', 30",
        "'Sat, 21 Nov 2026 09:00:30 GMT', 0",
        "'Saturday, 21-Nov-26 10:00:30 GMT', 30",
        "'Sunday, 06-Nov-94 08:49:37 GMT', 0",
        "'Thursday, 21-Nov-75 10:00:30 GMT', 3600",
        "Sat Nov 21 10:00:30 2026, 30",
        "Tue Dec  1 10:00:30 2026, 3600",
        "Sun Nov  6 08:49:37 1994, 0",
        "Sat Nov 21 10:00:30 2026 GMT, 0",
        "'Thu, 31 Dec 2026 10:00:30 GMT', 3600",
        "'Thu, 31 Dec 2026 10:00:30 +0000', 0",
        "'Mon, 31 Nov 2026 10:00:30 GMT', 0",
        "99999999999999999999999, 3600",
        "9223372036854775807, 3600",
        "+5, 0",
        "'', 0",
        "soon, 0",
    })
    void retryAfterIsReadAndBounded(String value, long seconds) {
        HandshakeException failure =
                new HandshakeException(503, "", Map.of("retry-after", List.of(value)), new byte[0], null);
        assertThat(refused(failure).retryAfter(Instant.parse("2026-11-21T10:00:00Z")))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void withoutRetryAfterNothingIsAskedFor() {
        assertThat(refused(new HandshakeException(503, "")).retryAfter(Instant.EPOCH))
                .isZero();
        assertThat(closed(ClosedBy.PEER, 1012).retryAfter(Instant.EPOCH)).isZero();
    }
}
