package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.handshake.HeaderFields;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnswerFieldsTest {
    @Test
    void aDateIsThatOfTheSecondInTheFormOfHttp() {
        assertThat(AnswerFields.date(784_111_777_999L)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
        assertThat(AnswerFields.date(784_111_778_000L)).isEqualTo("Sun, 06 Nov 1994 08:49:38 GMT");
    }

    @Test
    void whatIsThereIsLeftAlone() {
        HeaderFields own = HeaderFields.builder()
                .add("date", "then")
                .add("www-authenticate", "Basic realm=\"x\"")
                .build();
        assertThat(AnswerFields.complete(401, own).size()).isEqualTo(2);
        assertThat(AnswerFields.complete(403, HeaderFields.EMPTY).size()).isOne();
        assertThat(AnswerFields.complete(401, HeaderFields.EMPTY).first("WWW-Authenticate"))
                .isEqualTo("Bearer");
    }

    @Test
    void refusalsAreOf300To599() {
        assertThatIllegalArgumentException().isThrownBy(() -> Authentication.refuse(200));
        assertThatIllegalArgumentException().isThrownBy(() -> Authentication.refuse(600, "x"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Authentication.refuse(HttpResponse.text(204, "x")))
                .withMessage("status of a refusal is 204, range 300 to 599");
    }

    @Test
    void bodiesAreCopied() {
        byte[] body = {1};
        HttpResponse answer = new HttpResponse(200, HeaderFields.EMPTY, body);
        body[0] = 2;
        answer.body()[0] = 3;
        assertThat(answer.body()).containsExactly(1);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.fields().size()).isZero();
    }

    @Test
    void drainsHaveNoTimesThatOverflow() {
        Drain drain = Drain.builder()
                .notice(Duration.ofSeconds(Long.MAX_VALUE))
                .period(Duration.ofSeconds(Long.MAX_VALUE))
                .deadline(Duration.ofSeconds(Long.MAX_VALUE))
                .build();
        assertThat(drain.deadline().toNanos() + drain.notice().toNanos()).isPositive();
        assertThat(drain.period()).isEqualTo(Duration.ofDays(365));
        assertThat(Drain.DEFAULT.toBuilder().build().deadline()).isEqualTo(Duration.ofSeconds(25));
    }
}
