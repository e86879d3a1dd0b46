package io.duplex.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.HandshakeException;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.TestHandshake;
import org.junit.jupiter.api.Test;

class SubprotocolHandlersTest {
    private static final TestHandshake HANDSHAKE = TestHandshake.of("/");

    private final WebSocketHandler first = new WebSocketHandler() {};
    private final WebSocketHandler second = new WebSocketHandler() {};
    private final WebSocketHandler other = new WebSocketHandler() {};

    @Test
    void theAgreedSubprotocolChooses() {
        SubprotocolHandlers handlers = SubprotocolHandlers.builder()
                .on("v1", handshake -> first)
                .on("v2", handshake -> second)
                .build();
        assertThat(handlers.apply(HANDSHAKE.subprotocol("v1"))).isSameAs(first);
        assertThat(handlers.apply(HANDSHAKE.subprotocol("v2"))).isSameAs(second);
    }

    @Test
    void whoHasNoHandlerIsRefused() {
        SubprotocolHandlers handlers = SubprotocolHandlers.builder()
                .on("v2", handshake -> second)
                .on("v1", handshake -> first)
                .build();
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() -> handlers.apply(HANDSHAKE))
                .withMessage("no common subprotocol; spoken here: v2, v1")
                .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(400));
        assertThatExceptionOfType(HandshakeException.class)
                .isThrownBy(() -> handlers.apply(HANDSHAKE.subprotocol("V1")));
    }

    @Test
    void theOthersMayHaveOne() {
        SubprotocolHandlers handlers = SubprotocolHandlers.builder()
                .on("v1", handshake -> first)
                .otherwise(handshake -> other)
                .build();
        assertThat(handlers.apply(HANDSHAKE)).isSameAs(other);
        assertThat(handlers.apply(HANDSHAKE.subprotocol("v9"))).isSameAs(other);
    }

    @Test
    void eachSubprotocolHasOneHandler() {
        SubprotocolHandlers.Builder builder = SubprotocolHandlers.builder().on("v1", handshake -> first);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.on("v1", handshake -> second))
                .withMessage("subprotocol \"v1\" has a handler already");
    }
}
