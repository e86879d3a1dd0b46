package io.duplex.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.Limits;
import io.duplex.connection.DialectAnswer;
import io.duplex.handshake.HeadDecoder;
import io.duplex.handshake.HeadScratch;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ResponseHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.List;

/** Any request is accepted or refused by an answer that can be read, and accepted only from an origin on the list. */
@Covers({"LEG-DET-1", "HX76-3"})
class LegacyDialectFuzzer {
    private static final OriginPolicy ORIGINS = OriginPolicy.allow(List.of("http://old.example"));
    private static final ServerHandshake HANDSHAKE =
            ServerHandshake.builder().subprotocols(List.of("chat")).build();
    private static final LegacyDialect DIALECT = LegacyDialect.builder()
            .accept(LegacyVersion.values())
            .allowedOrigins("http://old.example")
            .build();

    @FuzzTest
    void anyRequestIsAnswered(FuzzedDataProvider data) {
        boolean isSecure = data.consumeBoolean();
        HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
        RequestHead head = decoder.decode(ByteBuffer.wrap(data.consumeRemainingAsBytes()));
        if (head == null) {
            return;
        }
        DialectAnswer answer = DIALECT.answer(head, isSecure, HANDSHAKE);
        byte[] response;
        int status = 101;
        if (answer instanceof DialectAnswer.Accepted accepted) {
            response = accepted.acceptance().response(HeaderFields.EMPTY);
            boolean isStandard = head.fields().all("Sec-WebSocket-Version").equals(List.of("13"));
            String origin = accepted.request().fields().first("Origin");
            assertThat(isStandard || origin != null && ORIGINS.permits(origin, "", isSecure))
                    .isTrue();
        } else {
            DialectAnswer.Refused refused = (DialectAnswer.Refused) answer;
            response = refused.answer().toBytes();
            status = refused.answer().status();
        }
        ResponseHead read =
                HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch()).decode(ByteBuffer.wrap(response));
        assertThat(read).isNotNull();
        assertThat(read.status()).isEqualTo(status);
    }
}
