package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompletedHandshakeTest {
    private static final RequestHead REQUEST =
            Heads.request("GET /chat/5?x=1 HTTP/1.1", "Host: a.test", "Origin: http://a.test");

    private static CompletedHandshake handshake(HeaderFields response) {
        return new CompletedHandshake(
                REQUEST,
                new Agreement("chat", "", null),
                response,
                Map.of("room", "5"),
                new InetSocketAddress(80),
                false,
                List.of());
    }

    @Test
    void tellsWhatWasAskedAndAgreed() {
        CompletedHandshake handshake = handshake(HeaderFields.EMPTY);
        assertThat(handshake.target()).isEqualTo("/chat/5?x=1");
        assertThat(handshake.path()).isEqualTo("/chat/5");
        assertThat(handshake.query()).isEqualTo("x=1");
        assertThat(handshake.header("host")).isEqualTo("a.test");
        assertThat(handshake.headers("Host")).containsExactly("a.test");
        assertThat(handshake.origin()).isEqualTo("http://a.test");
        assertThat(handshake.subprotocol()).isEqualTo("chat");
        assertThat(handshake.extensions()).isEmpty();
    }

    @Test
    void aParameterThatTheRouteDoesNotHaveIsTheCallersFault() {
        CompletedHandshake handshake = handshake(HeaderFields.EMPTY);
        assertThat(handshake.pathParameter("room")).isEqualTo("5");
        assertThatThrownBy(() -> handshake.pathParameter("user"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("user");
    }

    @Test
    void aClientIsToldTheFieldsOfTheAnswer() {
        HeaderFields response = HeaderFields.builder()
                .add("Set-Cookie", "a=1")
                .add("set-cookie", "b=2")
                .build();
        assertThat(handshake(response).responseHeaders())
                .containsExactly(Map.entry("set-cookie", List.of("a=1", "b=2")));
        assertThat(handshake(HeaderFields.EMPTY).responseHeaders()).isEmpty();
    }
}
