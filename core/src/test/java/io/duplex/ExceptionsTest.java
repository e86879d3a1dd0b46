package io.duplex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.testkit.Covers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExceptionsTest {
    @ParameterizedTest
    @EnumSource
    @Covers({"WS-7.1.7-3", "WS-10.7-3"})
    void everyViolationFitsIntoACloseFrame(Violation violation) {
        assertThat(CloseCode.isValidInFrame(violation.closeCode())).isTrue();
        assertThat(new CloseStatus(violation.closeCode(), violation.description())
                        .reason()
                        .getBytes(StandardCharsets.UTF_8))
                .hasSizeBetween(1, CloseStatus.MAX_REASON_BYTES);
        assertThat(violation.section()).matches("RFC (6455|7692) §[0-9.]+");
        assertThat(violation.isLimit()).isEqualTo(violation.closeCode() == 1009 || violation.closeCode() == 1013);
    }

    @Test
    void aProtocolExceptionNamesTheRule() {
        ProtocolException exception = new ProtocolException(Violation.RESERVED_BIT);
        assertThat(exception).hasMessage("reserved bit is set (RFC 6455 §5.2)").hasNoCause();
        assertThat(exception.violation()).isEqualTo(Violation.RESERVED_BIT);
    }

    @Test
    void aClosedConnectionTellsHow() {
        IOException cause = new IOException("reset");
        CloseOutcome outcome =
                new CloseOutcome(CloseStatus.ABNORMAL, null, false, ClosedBy.NETWORK, "connection reset", cause);
        ConnectionClosedException exception = new ConnectionClosedException(outcome);
        assertThat(exception)
                .hasMessage("connection closed: 1006 (connection reset)")
                .hasCause(cause);
        assertThat(exception.outcome()).isEqualTo(outcome);
    }

    @Test
    void aMessageThatIsNotUnderstoodHasACodeThatMayBeSent() {
        DecodeException exception = new DecodeException(1003, "binary", null);
        assertThat(exception).hasMessage("binary").hasNoCause();
        assertThat(exception.closeCode()).isEqualTo(1003);
        assertThatIllegalArgumentException().isThrownBy(() -> new DecodeException(1006, "binary", null));
    }

    @Test
    void aFailedHandshakeHasWhatWasAnswered() {
        byte[] body = {1, 2};
        HandshakeException exception =
                new HandshakeException(503, "busy", Map.of("retry-after", List.of("5")), body, null);
        body[0] = 9;
        exception.body()[1] = 9;
        assertThat(exception.status()).isEqualTo(503);
        assertThat(exception.headers()).containsEntry("retry-after", List.of("5"));
        assertThat(exception.body()).containsExactly(1, 2);
    }

    @Test
    void aHandshakeCanBeRefusedOrFailWithoutAnAnswer() {
        assertThat(new HandshakeException(404, "nothing here").status()).isEqualTo(404);
        HandshakeException exception = new HandshakeException("no connection", new IOException("refused"));
        assertThat(exception.status()).isEqualTo(HandshakeException.NO_STATUS);
        assertThat(exception.headers()).isEmpty();
        assertThat(exception.body()).isEmpty();
        assertThat(exception).hasRootCauseMessage("refused");
    }
}
