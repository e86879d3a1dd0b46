package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.List;

/** Any bytes in two parts: one head or one fault, the same as in one part, and nothing but a verdict on it. */
@Covers("WS-10.7-1")
class ResponseHeadFuzzer {
    private static final Limits LIMITS =
            Limits.builder().maxHeaderBytes(2048).maxHeaderFields(20).build();
    private static final ClientHandshake HANDSHAKE = ClientHandshake.builder(WebSocketUri.parse("ws://h/"))
            .subprotocols(List.of("chat"))
            .deflate(PermessageDeflate.DEFAULT)
            .build(() -> 0);

    @FuzzTest
    void decodeAndValidate(FuzzedDataProvider data) {
        int split = data.consumeInt(0, 4096);
        byte[] bytes = data.consumeRemainingAsBytes();
        HeadDecoder<ResponseHead> whole = HeadDecoder.forResponses(LIMITS, new HeadScratch());
        ResponseHead head = whole.decode(ByteBuffer.wrap(bytes));
        HeadDecoder<ResponseHead> parts = HeadDecoder.forResponses(LIMITS, new HeadScratch());
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        ResponseHead first = parts.decode(direct.limit(Math.min(split, bytes.length)));
        ResponseHead second = first == null ? parts.decode(direct.limit(bytes.length)) : first;
        assertThat(second).isEqualTo(head);
        assertThat(parts.fault()).isEqualTo(whole.fault());
        if (head != null) {
            try {
                Agreement agreement = HANDSHAKE.validate(head);
                assertThat(agreement == null).isEqualTo(head.status() != 101);
            } catch (HandshakeException e) {
                assertThat(e.status()).isEqualTo(head.status());
            }
        }
    }
}
