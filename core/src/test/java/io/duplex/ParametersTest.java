package io.duplex;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.TestConnection;
import io.duplex.testkit.TestHandshake;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "id=1                | id | 1",
                "a=b; id=1; id=2     | id | 1",
                "id=\"1\"            | id | 1",
                "id=\"               | id | \"",
                "id=1=2              | id | 1=2",
                "id=                 | id | ''",
                "ID=1                | id | -",
                "id                  | id | -",
                "sid=1;id = 7        | id | 7",
                ";;                  | id | -",
            })
    void aCookieIsFoundByName(String field, String name, String value) {
        assertThat(TestHandshake.of("/").header("Cookie", field).cookie(name)).isEqualTo(value);
    }

    @Test
    void cookiesMayStandInSeveralFields() {
        assertThat(Parameters.cookie(List.of("a=1", "b=2"), "b")).isEqualTo("2");
        assertThat(Parameters.cookie(List.of(), "b")).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "token=x             | token | x",
                "a=1&token=x&token=y | token | x",
                "t%6Fken=%C3%BC+1%2B | token | ü 1+",
                "token               | token | ''",
                "token=a=b           | token | a=b",
                "&&                  | token | -",
                "token=%C3           | token | -",
                "token=%4            | token | -",
                "token=%             | token | -",
                "token=%g1           | token | -",
                "token=%1g           | token | -",
                "Token=x             | token | -",
            })
    void aQueryParameterIsFoundByName(String query, String name, String value) {
        assertThat(TestHandshake.of("/?" + query).queryParameter(name)).isEqualTo(value);
    }

    @Test
    void aTargetWithoutQueryHasNoParameters() {
        assertThat(TestHandshake.of("/").queryParameter("token")).isNull();
    }

    @Test
    void whoThePeerIsIsKnownToTheSocket() {
        TestHandshake handshake = TestHandshake.of("/").principal(() -> "ada").attribute("role", "admin");
        WebSocket socket = TestConnection.builder(new WebSocketHandler() {})
                .handshake(handshake)
                .open()
                .socket();
        assertThat(socket.principal()).isNotNull();
        assertThat(socket.principal().getName()).isEqualTo("ada");
        assertThat(socket.handshake().attributes()).containsExactly(Map.entry("role", "admin"));
    }

    @Test
    void whatNobodyAskedAboutIsAbsent() {
        Handshake handshake = TestHandshake.of("/");
        assertThat(handshake.principal()).isNull();
        assertThat(handshake.attributes()).isEmpty();
        assertThat(handshake.peerAddress()).isEqualTo(handshake.remoteAddress());
    }
}
