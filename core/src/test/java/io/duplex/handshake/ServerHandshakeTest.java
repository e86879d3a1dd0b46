package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Limits;
import io.duplex.Vectors;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerHandshakeTest {
    private final ServerHandshake handshake =
            ServerHandshake.builder().subprotocols(List.of("chat", "chat2")).build();

    private Answer answer(RequestHead request) {
        return handshake.answer(request, false);
    }

    private Answer.Accepted accept(RequestHead request) {
        return accepted(answer(request));
    }

    private static Answer.Accepted accepted(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Accepted.class);
        return (Answer.Accepted) answer;
    }

    private @Nullable HandshakeFault faultOf(RequestHead request) {
        return answer(request) instanceof Answer.Refused refused ? refused.fault() : null;
    }

    /** A valid request, of which one line is replaced; {@code null} leaves it out. */
    private static RequestHead changed(String name, @Nullable String value) {
        RequestHead valid = Heads.upgrade();
        HeaderFields.Builder fields = HeaderFields.builder();
        for (int line = 0; line < valid.fields().size(); line++) {
            if (!valid.fields().name(line).equals(name)) {
                fields.add(valid.fields().name(line), valid.fields().value(line));
            } else if (value != null) {
                fields.add(name, value);
            }
        }
        return new RequestHead(valid.method(), valid.target(), valid.version(), fields.build());
    }

    @Test
    void whatIsBuiltFromAHandshakeHasWhatItHad() {
        OriginPolicy nobody = OriginPolicy.allow(List.of()).requirePresent();
        RequestHead request = changed("Sec-WebSocket-Protocol", "chat2");
        ServerHandshake same = handshake.toBuilder().build();
        ServerHandshake closed = handshake.toBuilder().origins(nobody).build();
        assertThat(same.answer(request, false)).isEqualTo(handshake.answer(request, false));
        assertThat(closed.answer(request, false)).isInstanceOf(Answer.Refused.class);
        assertThat(closed.selectSubprotocol(List.of("other", "chat2"), request)).isEqualTo("chat2");
        assertThat(closed.selectSubprotocol(List.of(), request)).isNull();
    }

    @Nested
    @Covers({
        "WS-4.2.1-0",
        "WS-4.2.1-0a",
        "WS-4.2.1-1",
        "WS-4.2.1-1a",
        "WS-4.2.1-2",
        "WS-4.2.1-3",
        "WS-4.2.1-4",
        "WS-4.2.1-5",
        "WS-4.2.1-6",
        "WS-4.2.1-10",
        "WS-4.2.2-4f",
        "WS-4.2.2-4g",
        "WS-POL-5",
        "WS-10.2-2",
        "WS-11.3.1-1",
        "WS-11.3.5-1"
    })
    class WholeRequests {
        static Stream<JsonNode> vectors() {
            // Which resources there are is the host's to know.
            return Vectors.read("headers.json", "requests")
                    .filter(vector -> !vector.get("id").textValue().equals("REQ-BAD-PATH"));
        }

        private Answer answerTo(JsonNode vector) {
            String id = vector.get("id").textValue();
            OriginPolicy origins = id.equals("REQ-OK-RFC") || id.equals("REQ-BAD-ORIGIN")
                    ? OriginPolicy.allow(List.of("http://example.com"))
                    : OriginPolicy.sameOrigin();
            ServerHandshake server = ServerHandshake.builder()
                    .subprotocols(List.of("chat"))
                    .origins(origins)
                    .build();
            HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
            RequestHead request = decoder.decode(Heads.bytes(vector.get("raw").textValue()));
            HandshakeFault fault = decoder.fault();
            if (request != null) {
                return server.answer(request, false);
            }
            assertThat(fault).isNotNull();
            return Answer.Refused.of(fault);
        }

        @ParameterizedTest
        @MethodSource("vectors")
        void areAnsweredAsTheVectorsSay(JsonNode vector) {
            Answer answer = answerTo(vector);
            List<Integer> statuses = new ArrayList<>();
            for (String status : vector.get("status").asText().split(" or ", -1)) {
                statuses.add(Integer.valueOf(status));
            }
            vector.path("also").forEach(status -> statuses.add(status.intValue()));
            assertThat(statuses).contains(answer.head().status());
            HeaderFields fields = answer.head().fields();
            if (vector.has("accept")) {
                assertThat(fields.only("Sec-WebSocket-Accept"))
                        .isEqualTo(vector.get("accept").textValue());
            }
            JsonNode response = vector.path("response");
            response.path("absent")
                    .forEach(name ->
                            assertThat(fields.contains(name.textValue())).isFalse());
            for (String name : List.of("Sec-WebSocket-Protocol", "Sec-WebSocket-Version")) {
                if (response.has(name)) {
                    assertThat(fields.only(name)).isEqualTo(response.get(name).textValue());
                }
            }
        }
    }

    @Nested
    class Upgrade { // RFC 9110 §7.8
        @Test
        void isAskedForByItsToken() {
            assertThat(ServerHandshake.isUpgrade(Heads.upgrade())).isTrue();
            assertThat(ServerHandshake.isUpgrade(Heads.request("POST / HTTP/1.0", "upgrade: h2c, WEBSOCKET")))
                    .isTrue();
            assertThat(ServerHandshake.isUpgrade(changed("Upgrade", null))).isFalse();
            assertThat(ServerHandshake.isUpgrade(changed("Upgrade", "h2c"))).isFalse();
            assertThat(ServerHandshake.isUpgrade(changed("Upgrade", "websocket/13")))
                    .isFalse();
        }

        @Test
        @Covers("WS-POL-8")
        void isRequired() {
            Answer answer = answer(Heads.request("GET / HTTP/1.1", "Host: h"));
            assertThat(answer.head().status()).isEqualTo(426);
            assertThat(answer.head().fields().only("Upgrade")).isEqualTo("websocket");
            assertThat(answer.head().fields().hasToken("Connection", "Upgrade")).isTrue();
            assertThat(answer.head().fields().only("Sec-WebSocket-Version")).isEqualTo("13");
        }

        @Test
        void needsHttp11() {
            RequestHead old = Heads.request("GET / HTTP/1.0", "Upgrade: websocket");
            assertThat(faultOf(old)).isEqualTo(HandshakeFault.HTTP_VERSION_TOO_LOW);
            RequestHead valid = Heads.upgrade();
            RequestHead older = new RequestHead("GET", "/", new HttpVersion(0, 9), valid.fields());
            assertThat(faultOf(older)).isEqualTo(HandshakeFault.HTTP_VERSION_TOO_LOW);
            RequestHead newer = new RequestHead("GET", "/", new HttpVersion(2, 0), valid.fields());
            assertThat(faultOf(newer)).isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "get", "CONNECT"})
        void needsGet(String method) {
            Answer answer = answer(Heads.request(method + " / HTTP/1.1", "Upgrade: websocket"));
            assertThat(answer.head().status()).isEqualTo(405);
            assertThat(answer.head().fields().only("Allow")).isEqualTo("GET");
        }

        @Test
        void needsItsConnectionOption() {
            assertThat(faultOf(changed("Connection", "close"))).isEqualTo(HandshakeFault.CONNECTION_WITHOUT_UPGRADE);
            assertThat(faultOf(changed("Connection", null))).isEqualTo(HandshakeFault.CONNECTION_WITHOUT_UPGRADE);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"Content-Length: 5", "Content-Length: +0", "Content-Length: ", "Transfer-Encoding: identity"
                })
        @Covers("WS-POL-5")
        void hasNoBody(String line) {
            assertThat(faultOf(Heads.upgrade(line))).isEqualTo(HandshakeFault.REQUEST_HAS_BODY);
        }

        @Test
        void mayHaveABodyOfNoBytes() {
            assertThat(faultOf(Heads.upgrade("Content-Length: 0"))).isNull();
        }
    }

    @Nested
    @Covers({"WS-4.2.1-1a", "WS-4.2.1-2"})
    class Target {
        @ParameterizedTest
        @ValueSource(strings = {"", "server.example.com:x", "server.example.com/", "a b", "u@h", "h:0"})
        void needsOneHost(String host) {
            assertThat(faultOf(changed("Host", host))).isEqualTo(HandshakeFault.INVALID_HOST);
            assertThat(faultOf(changed("Host", null))).isEqualTo(HandshakeFault.INVALID_HOST);
            assertThat(faultOf(Heads.upgrade("Host: server.example.com"))).isEqualTo(HandshakeFault.INVALID_HOST);
        }

        private RequestHead to(String target) {
            return new RequestHead(
                    "GET", target, HttpVersion.HTTP_1_1, Heads.upgrade().fields());
        }

        @ParameterizedTest
        @CsvSource({
            "/, /, /,",
            "/a/b?c=d?e, /a/b?c=d?e, /a/b, c=d?e",
            "/a?, /a?, /a, ''",
            "//a, //a, //a,",
            "/http://h, /http://h, /http://h,",
            "http://server.example.com, /, /,",
            "HTTPS://Server.Example.com/a?b, /a?b, /a, b",
            "http://server.example.com?b, /?b, /, b",
        })
        void isTheResourceName(String target, String resourceName, String path, @Nullable String query) {
            RequestHead request = to(target);
            assertThat(request.resourceName()).isEqualTo(resourceName);
            assertThat(request.path()).isEqualTo(path);
            assertThat(request.query()).isEqualTo(query);
            assertThat(faultOf(request)).isNull();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "*",
                    "server.example.com:80",
                    "a/b",
                    "ws://server.example.com/",
                    "http:/server.example.com/",
                    "http://other.example/",
                    "http://server.example.com:81/",
                    "http://u@server.example.com/",
                    "http://",
                    "http:///a"
                })
        void isNothingElse(String target) {
            assertThat(faultOf(to(target))).isEqualTo(HandshakeFault.INVALID_TARGET);
        }

        @Test
        void inAnotherFormStaysAsItIs() {
            assertThat(to("*").resourceName()).isEqualTo("*");
            assertThat(to("h:80").path()).isEqualTo("h:80");
        }
    }

    @Nested
    @Covers({"WS-4.2.1-6", "WS-4.2.2-4c", "WS-4.3-6", "WS-4.4-1", "WS-11.3.5-1", "WS-11.3.5-2"})
    class Version {
        static Stream<JsonNode> vectors() {
            return Vectors.read("headers.json", "versions");
        }

        @ParameterizedTest
        @MethodSource("vectors")
        void isAnsweredAsTheVectorsSay(JsonNode vector) {
            List<String> lines = new ArrayList<>();
            vector.get("lines").forEach(line -> lines.add("Sec-WebSocket-Version:" + line.textValue()));
            String first = lines.isEmpty() ? "X-None: 1" : lines.remove(0);
            Answer answer = answer(Heads.upgradeWithVersion(first, lines.toArray(String[]::new)));
            assertThat(vector.get("status").asText().split(" or ", -1))
                    .contains(Integer.toString(answer.head().status()));
            if (answer instanceof Answer.Refused) {
                assertThat(answer.head().fields().only("Sec-WebSocket-Version")).isEqualTo("13");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "00", "007", "1x", "x1", "256", "999", "1000", "-1", "13, 8"})
        void isANumberFrom0To255(String version) {
            assertThat(faultOf(changed("Sec-WebSocket-Version", version))).isEqualTo(HandshakeFault.INVALID_VERSION);
        }

        @ParameterizedTest
        @ValueSource(strings = {"0", "8", "12", "14", "255"})
        void otherThan13IsAnsweredWith13(String version) {
            Answer answer = answer(changed("Sec-WebSocket-Version", version));
            assertThat(answer.head().status()).isEqualTo(426);
            assertThat(answer.head().fields().only("Upgrade")).isEqualTo("websocket");
        }
    }

    @Nested
    @Covers({"WS-4.2.1-5", "WS-4.2.2-5.4", "WS-4.3-7", "WS-4.2.2-4d"})
    class Key {
        static Stream<JsonNode> validKeys() {
            return Stream.concat(
                    Vectors.read("accept_keys.json", "accept_keys"), Vectors.read("accept_keys.json", "edge_keys"));
        }

        static Stream<JsonNode> invalidKeys() {
            return Vectors.read("accept_keys.json", "invalid_keys");
        }

        @ParameterizedTest
        @MethodSource("validKeys")
        void isAnsweredByItsAccept(JsonNode vector) {
            String sent = vector.path("raw_value").asText(vector.get("key").textValue());
            assertThat(accept(changed("Sec-WebSocket-Key", sent)).accept())
                    .isEqualTo(vector.get("accept").textValue());
        }

        @ParameterizedTest
        @MethodSource("invalidKeys")
        void isTheBase64Of16Bytes(JsonNode vector) {
            RequestHead request =
                    changed("Sec-WebSocket-Key", vector.get("value").textValue());
            assertThat(faultOf(request)).isEqualTo(HandshakeFault.INVALID_KEY);
            assertThat(HandshakeFault.INVALID_KEY.status()).isEqualTo(400);
        }

        @Test
        @Covers("WS-11.3.1-1")
        void standsThereOnce() {
            assertThat(faultOf(changed("Sec-WebSocket-Key", null))).isEqualTo(HandshakeFault.INVALID_KEY);
            assertThat(faultOf(Heads.upgrade("Sec-WebSocket-Key: " + Heads.KEY)))
                    .isEqualTo(HandshakeFault.INVALID_KEY);
        }
    }

    @Nested
    @Covers({
        "WS-4.2.1-8",
        "WS-4.2.2-4f",
        "WS-4.2.2-4g",
        "WS-4.2.2-4h",
        "WS-4.2.2-5.5",
        "WS-4.3-3",
        "WS-4.1-Q10a",
        "WS-4.1-Q10b",
        "WS-11.3.4-1"
    })
    class Subprotocol {
        static Stream<JsonNode> vectors() {
            return Vectors.read("headers.json", "subprotocols");
        }

        @ParameterizedTest
        @MethodSource("vectors")
        void isOfferedInAListOfDifferentTokens(JsonNode vector) {
            List<String> lines = new ArrayList<>();
            // A control character is refused with the head already; see HeadDecoderTest.
            vector.get("lines")
                    .forEach(line -> lines.add(
                            "Sec-WebSocket-Protocol: " + line.textValue().replace('\u007f', ' ')));
            RequestHead request = Heads.upgrade(lines.toArray(String[]::new));
            List<String> offered = new ArrayList<>();
            vector.path("items").forEach(item -> offered.add(item.textValue()));
            if (vector.get("valid").booleanValue()) {
                assertThat(Subprotocols.offeredIn(request.fields())).isEqualTo(offered);
            } else {
                assertThat(faultOf(request)).isEqualTo(HandshakeFault.INVALID_SUBPROTOCOLS);
            }
        }

        private @Nullable String chosen(String offer) {
            return accept(Heads.upgrade("Sec-WebSocket-Protocol: " + offer))
                    .agreement()
                    .subprotocol();
        }

        @Test
        void isTheServersPreferredOneAmongThoseOffered() {
            assertThat(chosen("chat2, chat")).isEqualTo("chat");
            assertThat(chosen("other, chat2")).isEqualTo("chat2");
        }

        @Test
        void isNoneIfNoneFits() {
            assertThat(chosen("Chat, other")).isNull();
            assertThat(accept(Heads.upgrade()).agreement().subprotocol()).isNull();
        }

        private ServerHandshake selecting(@Nullable String name) {
            return ServerHandshake.builder()
                    .subprotocols((offered, request) -> {
                        assertThat(offered).containsExactly("a", "b");
                        assertThat(request.target()).isEqualTo("/chat");
                        return name;
                    })
                    .build();
        }

        @Test
        void mayBeSelectedByTheApplication() {
            RequestHead request = Heads.upgrade("Sec-WebSocket-Protocol: a, b");
            assertThat(accepted(selecting("b").answer(request, false))
                            .agreement()
                            .subprotocol())
                    .isEqualTo("b");
            assertThat(accepted(selecting(null).answer(request, false))
                            .agreement()
                            .subprotocol())
                    .isNull();
            assertThat(accepted(selecting("x").answer(Heads.upgrade(), false))
                            .agreement()
                            .subprotocol())
                    .isNull();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "c", "A"})
        void mustBeSelectedFromTheOffer(String name) {
            RequestHead request = Heads.upgrade("Sec-WebSocket-Protocol: a, b");
            assertThatThrownBy(() -> selecting(name).answer(request, false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("\"" + name + "\"");
        }

        @Test
        void isSupportedUnderOneTokenEach() {
            ServerHandshake.Builder builder = ServerHandshake.builder();
            assertThatThrownBy(() -> builder.subprotocols(List.of("a b"))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.subprotocols(List.of(""))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> builder.subprotocols(List.of("a", "a")))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    @Covers({
        "WS-4.2.1-9",
        "WS-4.2.2-4i",
        "WS-4.2.2-5.6",
        "WS-9-1",
        "WS-9-2",
        "WS-9.1-3",
        "WS-9.1-7",
        "WS-11.3.2-1",
        "WS-11.3.2-2"
    })
    class Extensions {
        private final ServerHandshake compressing =
                ServerHandshake.builder().deflate(PermessageDeflate.DEFAULT).build();

        @Test
        void areAgreedFromAllLinesOfTheOffer() {
            RequestHead request = Heads.upgrade(
                    "Sec-WebSocket-Extensions: x-unknown", "Sec-WebSocket-Extensions: permessage-deflate");
            Answer.Accepted answer = accepted(compressing.answer(request, false));
            Agreement agreement = answer.agreement();
            assertThat(agreement.deflate()).isNotNull();
            assertThat(agreement.extensions())
                    .isEqualTo(agreement.deflate().toResponse())
                    .startsWith("permessage-deflate");
            assertThat(answer.head().fields().only("Sec-WebSocket-Extensions")).isEqualTo(agreement.extensions());
        }

        @Test
        void areNoneUnlessOfferedAndEnabled() {
            RequestHead offering = Heads.upgrade("Sec-WebSocket-Extensions: permessage-deflate");
            for (Answer answer : List.of(
                    answer(offering),
                    compressing.answer(Heads.upgrade(), false),
                    compressing.answer(Heads.upgrade("Sec-WebSocket-Extensions: x-unknown"), false))) {
                assertThat(accepted(answer).agreement().deflate()).isNull();
                assertThat(accepted(answer).agreement().extensions()).isEmpty();
                assertThat(answer.head().fields().contains("Sec-WebSocket-Extensions"))
                        .isFalse();
            }
        }

        @Test
        @Covers("WS-9.1-1")
        void mustFollowTheirGrammarWhetherEnabledOrNot() {
            assertThat(faultOf(Heads.upgrade("Sec-WebSocket-Extensions: foo;")))
                    .isEqualTo(HandshakeFault.INVALID_EXTENSIONS);
        }
    }

    @Nested
    @Covers({"WS-4.2.2-4a", "WS-4.2.2-4b", "WS-10.2-2"})
    class Origins {
        @Test
        void mustBeTheSameByDefault() {
            RequestHead https = Heads.upgrade("Origin: https://server.example.com");
            RequestHead http = Heads.upgrade("Origin: http://server.example.com");
            assertThat(accepted(handshake.answer(https, true))).isNotNull();
            assertThat(accepted(handshake.answer(http, false))).isNotNull();
            assertThat(handshake.answer(http, true).head().status()).isEqualTo(403);
            assertThat(faultOf(Heads.upgrade("Origin: null"))).isEqualTo(HandshakeFault.ORIGIN_NOT_ALLOWED);
        }

        @Test
        void mustNotBeTwo() {
            ServerHandshake open =
                    ServerHandshake.builder().origins(OriginPolicy.any()).build();
            RequestHead one = Heads.upgrade("Origin: http://evil.example");
            RequestHead two = Heads.upgrade("Origin: http://h", "Origin: http://h");
            assertThat(accepted(open.answer(one, false))).isNotNull();
            assertThat(open.answer(two, false).head().status()).isEqualTo(403);
        }
    }
}
