package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Vectors;
import io.duplex.extension.PermessageDeflate;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHandshakeTest {
    /** Yields the nonce of the sample in RFC 6455 §1.3, eight bytes at a time. */
    private static RandomGenerator sampleNonce() {
        ByteBuffer nonce = ByteBuffer.wrap("the sample nonce".getBytes(ISO_8859_1));
        return () -> Long.reverseBytes(nonce.getLong());
    }

    private static ClientHandshake.Builder builder() {
        return ClientHandshake.builder(WebSocketUri.parse("ws://server.example.com/chat"));
    }

    private static HeaderFields field(String name, String value) {
        return HeaderFields.builder().add(name, value).build();
    }

    private static ResponseHead response(String... extraLines) {
        return Heads.decodeResponse("HTTP/1.1 101 Switching Protocols\r\n"
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + Heads.ACCEPT + "\r\n"
                + String.join("", extraLines) + "\r\n");
    }

    @Nested
    @Covers({
        "WS-4.1-Q1",
        "WS-4.1-Q2",
        "WS-4.1-Q3",
        "WS-4.1-Q4",
        "WS-4.1-Q5",
        "WS-4.1-Q6",
        "WS-4.1-Q7",
        "WS-4.1-Q8a",
        "WS-4.1-Q9",
        "WS-4.1-Q9a",
        "WS-4.1-Q10c",
        "WS-4.1-C6",
        "WS-11.1.1-3",
        "WS-11.2-1"
    })
    class Request {
        @Test
        void isTheSampleOfTheStandard() {
            assertThat(new String(builder().build(sampleNonce()).request().toBytes(), ISO_8859_1))
                    .isEqualTo("""
                    GET /chat HTTP/1.1
                    Host: server.example.com
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
                    Sec-WebSocket-Version: 13

                    """.replace("\n", "\r\n"));
        }

        @Test
        @Covers({"WS-4.1-Q8", "WS-4.1-Q10", "WS-4.1-Q11", "WS-4.1-Q12"})
        void carriesWhatIsOfferedAndFieldsOfOnesOwn() {
            ClientHandshake handshake = builder()
                    .subprotocols(List.of("chat", "superchat"))
                    .deflate(PermessageDeflate.DEFAULT)
                    .extraFields(HeaderFields.builder()
                            .add("Origin", "http://example.com")
                            .add("Cookie", "a=b")
                            .build())
                    .build(sampleNonce());
            HeaderFields fields = handshake.request().fields();
            assertThat(fields.only("Sec-WebSocket-Protocol")).isEqualTo("chat, superchat");
            assertThat(fields.only("Sec-WebSocket-Extensions")).isEqualTo(PermessageDeflate.DEFAULT.offer());
            assertThat(fields.only("Origin")).isEqualTo("http://example.com");
            assertThat(fields.only("Cookie")).isEqualTo("a=b");
        }

        @Test
        void isAcceptedByTheServer() {
            ClientHandshake client = builder()
                    .subprotocols(List.of("chat"))
                    .deflate(PermessageDeflate.DEFAULT)
                    .build(new SecureRandom());
            RequestHead request = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch())
                    .decode(ByteBuffer.wrap(client.request().toBytes()));
            assertThat(request).isEqualTo(client.request());
            Answer answer = ServerHandshake.builder()
                    .subprotocols(List.of("chat"))
                    .deflate(PermessageDeflate.DEFAULT)
                    .build()
                    .answer(request, false);
            ResponseHead response = HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch())
                    .decode(ByteBuffer.wrap(answer.toBytes()));
            assertThat(response).isEqualTo(answer.head());
            assertThat(client.validate(response)).isEqualTo(((Answer.Accepted) answer).agreement());
        }

        @Test
        @Covers("WS-4.1-Q7a")
        void hasANewKeyEachTime() {
            ClientHandshake.Builder builder = builder();
            SecureRandom random = new SecureRandom();
            Set<String> keys = new HashSet<>();
            for (int i = 0; i < 10_000; i++) {
                String key = builder.build(random).request().fields().only("Sec-WebSocket-Key");
                assertThat(keys.add(key)).isTrue();
                assertThat(Base64.getDecoder().decode(key)).hasSize(16);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "host",
                    "Upgrade",
                    "CONNECTION",
                    "Content-Length",
                    "Transfer-Encoding",
                    "Sec-WebSocket-Key",
                    "sec-websocket-extensions"
                })
        @Covers("WS-4.1-Q12a")
        void isNotChangedByFieldsOfOnesOwn(String name) {
            assertThatThrownBy(() -> builder().extraFields(field(name, "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name);
        }

        @Test
        void hasAtMostOneValidOrigin() {
            assertThatThrownBy(() -> builder().extraFields(field("Origin", "example.com")))
                    .isInstanceOf(IllegalArgumentException.class);
            HeaderFields two = HeaderFields.builder()
                    .add("Origin", "http://h")
                    .add("Origin", "http://h")
                    .build();
            assertThatThrownBy(() -> builder().extraFields(two)).isInstanceOf(IllegalArgumentException.class);
            assertThat(builder().extraFields(field("Origin", "null"))).isNotNull();
        }

        @Test
        @Covers({"WS-4.1-Q10a", "WS-4.1-Q10b"})
        void offersDifferentTokens() {
            assertThatThrownBy(() -> builder().subprotocols(List.of("a", "a")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"a\"");
            assertThatThrownBy(() -> builder().subprotocols(List.of("a,b")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"a,b\"");
        }
    }

    @Nested
    @Covers({
        "WS-4.1-R1",
        "WS-4.1-R2",
        "WS-4.1-R3",
        "WS-4.1-R4",
        "WS-4.1-R5",
        "WS-4.1-R6",
        "WS-4.1-R7",
        "WS-4.1-R8",
        "WS-4.1-R9",
        "WS-4.1-R10",
        "WS-4.3-4",
        "WS-9.1-1",
        "WS-11.3.3-1",
        "WS-11.3.4-2",
        "WS-POL-3"
    })
    class Response {
        private final ClientHandshake handshake = builder()
                .subprotocols(List.of("chat", "superchat"))
                .deflate(PermessageDeflate.builder()
                        .serverNoContextTakeover(false)
                        .build())
                .build(sampleNonce());

        static Stream<JsonNode> vectors() {
            return Vectors.read("headers.json", "responses");
        }

        @ParameterizedTest
        @MethodSource("vectors")
        void isJudgedAsTheVectorsSay(JsonNode vector) {
            HeadDecoder<ResponseHead> decoder = HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch());
            ResponseHead response = decoder.decode(Heads.bytes(vector.get("raw").textValue()));
            String outcome = vector.get("outcome").textValue();
            if (response == null) {
                assertThat(outcome).isEqualTo("fail");
                assertThat(decoder.fault()).isNotNull();
            } else if (outcome.equals("continue")) {
                assertThat(handshake.validate(response)).isNull();
            } else if (outcome.equals("open")) {
                Agreement agreement = handshake.validate(response);
                assertThat(agreement).isNotNull();
                String protocol = vector.path("protocol").asText();
                assertThat(agreement.subprotocol()).isEqualTo(protocol.isEmpty() ? null : protocol);
                assertThat(agreement.extensions())
                        .isEqualTo(vector.path("extensions").asText());
                assertThat(agreement.deflate() == null)
                        .isEqualTo(agreement.extensions().isEmpty());
            } else {
                boolean isHttp = outcome.equals("http");
                assertThatThrownBy(() -> handshake.validate(response))
                        .isInstanceOfSatisfying(HandshakeException.class, e -> {
                            assertThat(e.status()).isEqualTo(response.status());
                            assertThat(e.headers()).isEqualTo(response.fields().toMap());
                            assertThat(e.status() == 101).isNotEqualTo(isHttp);
                        });
            }
        }

        private void assertFails(ResponseHead response, String message) {
            assertThatThrownBy(() -> handshake.validate(response))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining(message);
        }

        @Test
        void nameTheCheckThatFailed() {
            assertFails(Heads.decodeResponse("HTTP/1.1 403 No\r\n\r\n"), "status 403");
            assertFails(Heads.decodeResponse("HTTP/1.0 101 X\r\n\r\n"), "HTTP version");
            assertFails(Heads.decodeResponse("HTTP/1.1 101 X\r\n\r\n"), "Upgrade");
            assertFails(Heads.decodeResponse("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n"), "Connection");
            assertFails(
                    Heads.decodeResponse("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"),
                    "Sec-WebSocket-Accept");
            assertFails(response("Upgrade: websocket\r\n"), "Upgrade");
            assertFails(response("Sec-WebSocket-Protocol: x\r\n"), "Sec-WebSocket-Protocol");
            assertFails(response("Sec-WebSocket-Extensions: x\r\n"), "Sec-WebSocket-Extensions does not fit");
            assertFails(response("Sec-WebSocket-Extensions: x;\r\n"), "Sec-WebSocket-Extensions breaks");
        }

        @Test
        @Covers("WS-4.1-R6a")
        void mayLeaveOutTheSubprotocol() {
            assertThat(handshake.validate(response())).isEqualTo(new Agreement(null, "", null));
        }

        @Test
        @Covers({"WS-4.1-R5", "WS-4.1-R6", "WS-9.1-5"})
        void mustNotAnswerWhatWasNotOffered() {
            ClientHandshake plain = builder().build(sampleNonce());
            assertThat(plain.validate(response())).isNotNull();
            for (String line :
                    List.of("Sec-WebSocket-Protocol: chat\r\n", "Sec-WebSocket-Extensions: permessage-deflate\r\n")) {
                assertThatThrownBy(() -> plain.validate(response(line))).isInstanceOf(HandshakeException.class);
            }
        }

        @Test
        @Covers("WS-POL-3")
        void mayFollowInterimOnes() {
            assertThat(handshake.validate(Heads.decodeResponse("HTTP/1.1 103 Early Hints\r\n\r\n")))
                    .isNull();
            assertThat(handshake.validate(Heads.decodeResponse("HTTP/1.1 199 \r\n\r\n")))
                    .isNull();
            assertFails(Heads.decodeResponse("HTTP/1.1 200 OK\r\n\r\n"), "status 200");
        }
    }
}
