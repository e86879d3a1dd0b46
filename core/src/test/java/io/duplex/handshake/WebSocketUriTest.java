package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Vectors;
import io.duplex.testkit.Covers;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Covers({"WS-3-1", "WS-4.1-C1"})
class WebSocketUriTest {
    static Stream<JsonNode> vectors() {
        return Vectors.read("uris.json", "uris");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    @Covers({"WS-3-2", "WS-3-3", "WS-3-4", "WS-3-5", "WS-3-6", "WS-3-7", "WS-3-8", "WS-3-10", "WS-4.1-Q4"})
    void isParsedAsTheVectorsSay(JsonNode vector) {
        String text = vector.get("uri").textValue();
        if (vector.get("id").textValue().equals("URI-40")) {
            // Decided otherwise: the conversion that RFC 6455 §11.1.1 asks for is ours, not the caller's.
            assertThat(WebSocketUri.parse(text).resourceName()).isEqualTo("/%E2%82%AC");
        } else if (vector.get("valid").asText().equals("true")) {
            WebSocketUri uri = WebSocketUri.parse(text);
            assertThat(uri.isSecure()).isEqualTo(vector.get("secure").booleanValue());
            assertThat(uri.host()).isEqualTo(vector.get("host").textValue());
            assertThat(uri.port()).isEqualTo(vector.get("port").intValue());
            assertThat(uri.resourceName()).isEqualTo(vector.get("resource").textValue());
            assertThat(uri.hostHeader()).isEqualTo(vector.get("host_header").textValue());
            assertThat(WebSocketUri.parse(uri.toString())).isEqualTo(uri);
        } else {
            assertInvalid(text);
        }
    }

    private static void assertInvalid(String uri) {
        assertThatThrownBy(() -> WebSocketUri.parse(uri)).isInstanceOf(IllegalArgumentException.class);
    }

    @Nested
    class Host {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "ws://[::1]x/",
                    "ws://[::1]x:80/",
                    "ws://[]/",
                    "ws://[::g]/",
                    "ws://[v1.a]/",
                    "ws://[fe80::1%25eth0]/",
                    "ws://a_b^c/",
                    "ws://a\\b/",
                    "ws://%/",
                    "ws://%4/",
                    "ws://%zz/",
                    "ws://%FF/",
                    "ws://a%2Fb/",
                    "ws://a%25b/",
                    "ws://a%40b/",
                    "ws://a\u2100b/",
                    "ws://\u00fc..a/",
                    "ws://\ud800/",
                })
        void mustBeANameOrAnAddress(String uri) {
            assertInvalid(uri);
        }

        @ParameterizedTest
        @CsvSource({
            "ws://b\u00fccher.example/, xn--bcher-kva.example",
            "ws://B%C3%BCcher.Example/, xn--bcher-kva.example",
            "wss://EXAMPLE.com, example.com",
            "ws://ex%61mple.com, example.com",
            "ws://\u4f8b\u3048\u3002\u30c6\u30b9\u30c8/, xn--r8jz45g.xn--zckzah",
            "ws://a_b.c!$&'()*+;=~-/, a_b.c!$&'()*+;=~-",
        })
        @Covers({"WS-3-9", "WS-11.1.1-1", "WS-11.1.2-1"})
        void isConvertedToLowerCaseAscii(String uri, String host) {
            assertThat(WebSocketUri.parse(uri).host()).isEqualTo(host);
        }
    }

    @Nested
    class Port {
        @ParameterizedTest
        @ValueSource(
                strings = {"0", "00", "65536", "4294967376", "99999999999999999999", "+80", "80 ", "8:0", "\u0668"})
        @Covers("WS-3-10")
        void isANumberFrom1To65535(String port) {
            assertThatThrownBy(() -> WebSocketUri.parse("ws://h:" + port + "/"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("port");
        }

        @Test
        void mayHaveLeadingZeros() {
            assertThat(WebSocketUri.parse("ws://h:0000000000065535").port()).isEqualTo(65535);
        }
    }

    @Nested
    class ResourceName {
        @ParameterizedTest
        @CsvSource({
            "/\u20ac, /%E2%82%AC",
            "/a?\u00e9=\ud83d\ude00, /a?%C3%A9=%F0%9F%98%80",
            "?\u00a0, /?%C2%A0",
            "/%e2%82%ac, /%e2%82%ac",
            "/-._~!$&'()*+;=:@, /-._~!$&'()*+;=:@",
            "/?a/b?c, /?a/b?c",
            "??, /??",
            "/a?, /a",
            "?, /",
        })
        @Covers({"WS-3-4", "WS-3-9", "WS-11.1.1-2", "WS-11.1.2-1"})
        void isPathAndQueryInAscii(String suffix, String resourceName) {
            assertThat(WebSocketUri.parse("ws://h" + suffix).resourceName()).isEqualTo(resourceName);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/ ",
                    "/\"",
                    "/<",
                    "/>",
                    "/\\",
                    "/^",
                    "/`",
                    "/{",
                    "/|",
                    "/}",
                    "/[",
                    "/]",
                    "/?[",
                    "/?{",
                    "/\0",
                    "/\r\n",
                    "/\u007f",
                    "/\u0080",
                    "/\u009f",
                    "/%",
                    "/%1",
                    "/%1g",
                    "/?%",
                    "/\ud800",
                    "/\udc00",
                    "/\ud800a"
                })
        void hasNoCharacterThatTheSyntaxExcludes(String suffix) {
            assertInvalid("ws://h" + suffix);
        }
    }

    @Test
    @Covers("WS-3-7")
    void userInformationIsRefusedWithoutRepeatingIt() {
        assertThatThrownBy(() -> WebSocketUri.parse("ws://user:secret@h/"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Authorization")
                .hasMessageNotContaining("secret");
    }

    @Test
    void schemesAreComparedByAscii() {
        assertInvalid("w\u017f://h/");
        assertInvalid("ws:/h/");
        assertInvalid("wss:");
    }

    @Test
    void equalUrisConnectToTheSame() {
        WebSocketUri uri = WebSocketUri.parse("ws://H:80");
        assertThat(uri).isEqualTo(WebSocketUri.parse("WS://h/")).hasSameHashCodeAs(WebSocketUri.parse("ws://h"));
        assertThat(uri).isNotEqualTo(WebSocketUri.parse("wss://h:80")).isNotEqualTo("ws://h/");
        assertThat(uri).hasToString("ws://h/");
    }
}
