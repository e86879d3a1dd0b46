package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.Limits;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.List;

/** Any bytes in two parts: one head or one fault, the same as in one part, and an answer that can be read back. */
@Covers("WS-10.7-1")
class RequestHeadFuzzer {
    private static final Limits LIMITS =
            Limits.builder().maxHeaderBytes(2048).maxHeaderFields(20).build();
    private static final ServerHandshake HANDSHAKE = ServerHandshake.builder()
            .subprotocols(List.of("chat"))
            .deflate(PermessageDeflate.DEFAULT)
            .build();

    @FuzzTest
    void decodeAndAnswer(FuzzedDataProvider data) {
        int split = data.consumeInt(0, 4096);
        byte[] bytes = data.consumeRemainingAsBytes();
        HeadDecoder<RequestHead> whole = HeadDecoder.forRequests(LIMITS, new HeadScratch());
        RequestHead head = whole.decode(ByteBuffer.wrap(bytes));
        HeadDecoder<RequestHead> parts = HeadDecoder.forRequests(LIMITS, new HeadScratch());
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        RequestHead first = parts.decode(direct.limit(Math.min(split, bytes.length)));
        RequestHead second = first == null ? parts.decode(direct.limit(bytes.length)) : first;
        assertThat(second).isEqualTo(head);
        assertThat(parts.fault()).isEqualTo(whole.fault());
        if (head != null) {
            Answer answer = HANDSHAKE.answer(head, bytes.length % 2 == 0);
            ResponseHead response = HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch())
                    .decode(ByteBuffer.wrap(answer.toBytes()));
            assertThat(response).isEqualTo(answer.head());
        }
    }
}
