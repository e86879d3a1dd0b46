package io.duplex.connection;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.testkit.Hex;
import io.duplex.testkit.VirtualLoop;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What other openings than RFC 6455's are made of. */
class DialectTest {
    private static final Agreement AGREEMENT = new Agreement("chat", "", null);
    private static final Answer.Accepted ACCEPTED = new Answer.Accepted(AGREEMENT, "proof=", HeaderFields.EMPTY);
    private static final RequestHead REQUEST = new RequestHead("GET", "/", HttpVersion.HTTP_1_1, HeaderFields.EMPTY);

    private static final FixedRequest FIXED = new FixedRequest() {
        @Override
        public byte[] request() {
            return new byte[] {1, 2, 3};
        }

        @Override
        public byte[] answer() {
            return new byte[0];
        }
    };

    @Test
    void anAnswerOfTheStandardIsAnAcceptanceOrARefusal() {
        Answer.Refused refused = Answer.Refused.of(404, HeaderFields.EMPTY, "");
        assertThat(DialectAnswer.of(REQUEST, ACCEPTED))
                .isEqualTo(new DialectAnswer.Accepted(REQUEST, Acceptance.of(ACCEPTED)));
        assertThat(DialectAnswer.of(REQUEST, refused)).isEqualTo(new DialectAnswer.Refused(refused));
    }

    @Test
    void theAcceptanceOfTheStandardTakesFieldsAndSpeaksWebSocket() {
        Acceptance acceptance = Acceptance.of(ACCEPTED);
        HeaderFields cookie = HeaderFields.builder().add("Set-Cookie", "a=1").build();
        assertThat(acceptance.agreement()).isSameAs(AGREEMENT);
        assertThat(acceptance.proofBytes()).isZero();
        assertThat(acceptance.prove(new byte[0])).isEmpty();
        assertThat(acceptance.response(HeaderFields.EMPTY)).isEqualTo(ACCEPTED.toBytes());
        assertThat(new String(acceptance.response(cookie), ISO_8859_1)).contains("\r\nSet-Cookie: a=1\r\n");
        HeaderFields reserved = HeaderFields.builder().add("Upgrade", "h2c").build();
        assertThatIllegalArgumentException().isThrownBy(() -> acceptance.response(reserved));
        VirtualLoop loop = new VirtualLoop();
        ConnectionSettings settings = new ConnectionSettings(
                Limits.DEFAULT, Timeouts.DEFAULT, PermessageDeflate.DISABLED, new Topics(), (socket, fault) -> {});
        Transport unused = (Transport) Proxy.newProxyInstance(
                Transport.class.getClassLoader(), new Class<?>[] {Transport.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method);
                });
        Protocol protocol = acceptance.protocol(settings, Delivery.WHOLE, loop.shared(), unused);
        assertThat(protocol).isInstanceOf(WebSocketProtocol.class);
        assertThat(protocol.isTextOnly()).isFalse();
    }

    @Test
    void fieldsThatTheHandshakeDecidesAreNotFree() {
        Answer.requireFree(HeaderFields.builder().add("Set-Cookie", "a=1").build());
        HeaderFields reserved =
                HeaderFields.builder().add("Sec-WebSocket-Draft", "1").build();
        assertThatIllegalArgumentException().isThrownBy(() -> Answer.requireFree(reserved));
    }

    @ParameterizedTest
    @CsvSource({"01, true", "0102, true", "010203, true", "01020304, true", "02, false", "0103, false", "'', false"})
    void aFixedRequestIsBegunByItsOctets(String hex, boolean begun) {
        ByteBuffer in = Hex.parse("00" + hex).position(1);
        assertThat(FIXED.isBegunBy(in)).isEqualTo(begun);
        assertThat(in.position()).isEqualTo(1);
    }
}
