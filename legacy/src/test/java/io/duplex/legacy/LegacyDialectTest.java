package io.duplex.legacy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.connection.Acceptance;
import io.duplex.connection.DialectAnswer;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.testkit.Covers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LegacyDialectTest {
    private static final String ORIGIN = "http://old.example";
    private static final String KEY1 = "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5";
    private static final String KEY2 = "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00";
    private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    private final ServerHandshake handshake =
            ServerHandshake.builder().subprotocols(List.of("v2", "v1")).build();
    private final LegacyDialect all = dialect(LegacyVersion.values());

    private static LegacyDialect dialect(LegacyVersion... versions) {
        return LegacyDialect.builder()
                .accept(versions)
                .allowedOrigins(ORIGIN, "https://old.example")
                .build();
    }

    /** A request of these lines, and the usual ones where they are not there; a line without a value is left out. */
    private static RequestHead request(String... lines) {
        List<String> all = new ArrayList<>(List.of(lines));
        for (String usual : List.of("Host: chat.example", "Upgrade: WebSocket", "Connection: Upgrade")) {
            String name = usual.substring(0, usual.indexOf(':') + 1);
            if (all.stream().noneMatch(line -> line.startsWith(name))) {
                all.add(usual);
            }
        }
        HeaderFields.Builder fields = HeaderFields.builder();
        for (String line : all) {
            int colon = line.indexOf(':');
            if (colon + 1 < line.length()) {
                fields.add(line.substring(0, colon), line.substring(colon + 1));
            }
        }
        return new RequestHead("GET", "/chat?room=1", HttpVersion.HTTP_1_1, fields.build());
    }

    private static RequestHead hixie75(String... more) {
        return request(
                Stream.concat(Stream.of("Origin: " + ORIGIN), Stream.of(more)).toArray(String[]::new));
    }

    private static RequestHead hixie76(String... more) {
        return hixie75(Stream.concat(Stream.of(KEY1, KEY2), Stream.of(more)).toArray(String[]::new));
    }

    private Answer.Refused refused(RequestHead request) {
        return refused(all, request);
    }

    private Answer.Refused refused(LegacyDialect dialect, RequestHead request) {
        DialectAnswer answer = dialect.answer(request, false, handshake);
        assertThat(answer).isInstanceOf(DialectAnswer.Refused.class);
        return ((DialectAnswer.Refused) answer).answer();
    }

    private DialectAnswer.Accepted accepted(RequestHead request, boolean isSecure) {
        DialectAnswer answer = all.answer(request, isSecure, handshake);
        assertThat(answer).isInstanceOf(DialectAnswer.Accepted.class);
        return (DialectAnswer.Accepted) answer;
    }

    private String response(RequestHead request) {
        return response(accepted(request, false).acceptance());
    }

    private static String response(Acceptance acceptance) {
        return new String(acceptance.response(HeaderFields.EMPTY), ISO_8859_1);
    }

    private static String head(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }

    @Nested
    class Detection {
        @Test
        @Covers("LEG-DET-1")
        void theVersionDecidesFirstThenTheKeysThenTheirAbsence() {
            RequestHead standard = request("Sec-WebSocket-Version: 13", KEY);
            assertThat(all.answer(standard, false, handshake))
                    .isEqualTo(DialectAnswer.of(standard, handshake.answer(standard, false)));
            assertThat(response(hixie76())).startsWith("HTTP/1.1 101 WebSocket Protocol Handshake\r\n");
            assertThat(response(hixie75())).startsWith("HTTP/1.1 101 Web Socket Protocol Handshake\r\n");
            assertThat(response(request("Sec-WebSocket-Version: 8", KEY, "Sec-WebSocket-Origin: " + ORIGIN)))
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n");
            assertThat(refused(hixie76("Sec-WebSocket-Version: 9")).status()).isEqualTo(426);
            assertThat(refused(hixie75(KEY)).status()).as("a key of RFC 6455").isEqualTo(400);
            assertThat(all.refused()).as("of other versions").isZero();
            for (LegacyVersion version : LegacyVersion.values()) {
                assertThat(all.accepted(version)).isEqualTo(version == LegacyVersion.HYBI_07 ? 0 : 1);
            }
        }

        @ParameterizedTest
        @CsvSource({"HIXIE_75, 400", "HIXIE_76, 400", "HYBI_07, 426", "HYBI_08, 426"})
        @Covers({"LEG-DET-1", "LEG-DET-2"})
        void eachVersionHasASwitchOfItsOwn(LegacyVersion version, int status) {
            RequestHead request = requestOf(version);
            LegacyVersion[] others = Stream.of(LegacyVersion.values())
                    .filter(other -> other != version)
                    .toArray(LegacyVersion[]::new);
            LegacyDialect without = dialect(others);
            assertThat(dialect(version).answer(request, false, handshake)).isInstanceOf(DialectAnswer.Accepted.class);
            Answer.Refused answer = refused(without, request);
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.extraFields().first("Sec-WebSocket-Version")).startsWith("13");
            assertThat(without.accepted(version)).isZero();
        }

        private static RequestHead requestOf(LegacyVersion version) {
            return switch (version) {
                case HIXIE_75 -> hixie75();
                case HIXIE_76 -> hixie76();
                case HYBI_07 -> hixie75("Sec-WebSocket-Version: 7", KEY);
                case HYBI_08 -> hixie75("Sec-WebSocket-Version: 8", KEY);
            };
        }

        @ParameterizedTest
        @CsvSource({"0, true", "1, false", "2, false", "3, false"})
        @Covers("LEG-DET-3")
        void aDraftWithOtherFramesIsRefused(String draft, boolean isAccepted) {
            DialectAnswer answer = all.answer(hixie76("Sec-WebSocket-Draft: " + draft), false, handshake);
            assertThat(answer instanceof DialectAnswer.Accepted).isEqualTo(isAccepted);
        }

        @ParameterizedTest
        @CsvSource({"'HYBI_07,HYBI_08', '13, 8, 7'", "HYBI_08, '13, 8'", "HYBI_07, '13, 7'", "HIXIE_76, 13"})
        @Covers("HY-3")
        void anUnknownVersionIsAnsweredWithTheKnownOnes(String names, String spoken) {
            LegacyDialect dialect = dialect(
                    Stream.of(names.split(",", -1)).map(LegacyVersion::valueOf).toArray(LegacyVersion[]::new));
            Answer.Refused answer = refused(dialect, request("Sec-WebSocket-Version: 99", KEY));
            assertThat(answer.status()).isEqualTo(426);
            assertThat(answer.head().fields().all("Sec-WebSocket-Version")).containsExactly(spoken);
            assertThat(answer.head().fields().first("Connection")).isEqualTo("Upgrade, close");
        }
    }

    @Nested
    class Hixie75 {
        @Test
        @Covers("HX75-2")
        void theAnswerHasOriginAndLocation() {
            assertThat(response(hixie75("WebSocket-Protocol: v1")))
                    .isEqualTo(head(
                            "HTTP/1.1 101 Web Socket Protocol Handshake",
                            "Upgrade: WebSocket",
                            "Connection: Upgrade",
                            "WebSocket-Origin: http://old.example",
                            "WebSocket-Location: ws://chat.example/chat?room=1",
                            "WebSocket-Protocol: v1"));
            Acceptance plain =
                    accepted(request("Origin: https://old.example"), true).acceptance();
            assertThat(plain.proofBytes()).isZero();
            assertThat(plain.prove(new byte[0])).isEmpty();
        }

        @Test
        @Covers("HX75-2")
        void aSubprotocolThatIsNotSpokenIsLeftOut() {
            assertThat(response(hixie75("WebSocket-Protocol: v9"))).doesNotContain("Protocol:");
        }
    }

    @Nested
    class Hixie76 {
        static Stream<JsonNode> keys() {
            return Vectors.read("keys");
        }

        static Stream<JsonNode> badKeys() {
            return Vectors.read("bad_keys");
        }

        private RequestHead withKeys(JsonNode vector) {
            return hixie75(
                    "Sec-WebSocket-Key1:" + vector.path("key1").asText(""),
                    "Sec-WebSocket-Key2:" + vector.path("key2").asText(""));
        }

        @ParameterizedTest
        @MethodSource("keys")
        @Covers({"HX76-7", "HX76-8", "HX76-11"})
        void goodKeysAreAccepted(JsonNode vector) {
            Acceptance acceptance = accepted(withKeys(vector), false).acceptance();
            assertThat(acceptance.proofBytes()).isEqualTo(8);
            assertThat(response(acceptance)).startsWith("HTTP/1.1 101 ");
        }

        @ParameterizedTest
        @MethodSource("badKeys")
        @Covers({"HX76-4", "HX76-5", "HX76-6"})
        void badKeysAreRefused(JsonNode vector) {
            RequestHead request = vector.required("key1").isNull()
                    ? hixie75(KEY2)
                    : vector.required("key2").isNull() ? hixie75(KEY1) : withKeys(vector);
            assertThat(refused(request).status()).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(strings = {KEY1, KEY2})
        void aKeyThatIsThereTwiceIsRefused(String key) {
            assertThat(refused(hixie76(key)).status()).isEqualTo(400);
        }

        @Test
        @Covers({"HX76-8", "HX76-9"})
        void theAnswerHasLocationOriginAndSubprotocolAndNoLength() {
            Acceptance acceptance =
                    accepted(hixie76("Sec-WebSocket-Protocol: v0 v1"), false).acceptance();
            HeaderFields cookie =
                    HeaderFields.builder().add("Set-Cookie", "a=1").build();
            assertThat(new String(acceptance.response(cookie), ISO_8859_1))
                    .isEqualTo(head(
                            "HTTP/1.1 101 WebSocket Protocol Handshake",
                            "Upgrade: WebSocket",
                            "Connection: Upgrade",
                            "Sec-WebSocket-Location: ws://chat.example/chat?room=1",
                            "Sec-WebSocket-Origin: http://old.example",
                            "Sec-WebSocket-Protocol: v1",
                            "Set-Cookie: a=1"));
            HeaderFields reserved = HeaderFields.builder().add("Upgrade", "h2c").build();
            assertThatIllegalArgumentException().isThrownBy(() -> acceptance.response(reserved));
        }

        @ParameterizedTest
        @CsvSource({
            "chat.example:80, false, ws://chat.example/chat?room=1",
            "chat.example:443, false, ws://chat.example:443/chat?room=1",
            "chat.example:8080, false, ws://chat.example:8080/chat?room=1",
            "chat.example:443, true, wss://chat.example/chat?room=1",
            "chat.example:80, true, wss://chat.example:80/chat?room=1",
            "[::80], false, ws://[::80]/chat?room=1"
        })
        @Covers("HX76-9")
        void theLocationHasNoPortThatIsItsSchemesOwn(String host, boolean isSecure, String location) {
            Acceptance acceptance = accepted(hixie76("Host: " + host), isSecure).acceptance();
            assertThat(response(acceptance)).contains("\r\nSec-WebSocket-Location: " + location + "\r\n");
        }

        @ParameterizedTest
        @CsvSource({"WEBSOCKET, UPGRADE", "websocket, upgrade"})
        @Covers("HX76-3")
        void caseDoesNotCount(String upgrade, String connection) {
            accepted(hixie76("Upgrade: " + upgrade, "Connection: " + connection), false);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Upgrade: websocket, h2c",
                    "Connection: keep-alive, Upgrade",
                    "Connection: close",
                    "Host:",
                    "Host: a b",
                    "Content-Length: 9",
                    "Transfer-Encoding: chunked"
                })
        @Covers("HX76-3")
        void whatIsNotWrittenAsItShouldBeIsRefused(String line) {
            assertThat(refused(hixie76(line)).status()).isEqualTo(400);
        }

        @Test
        void aLengthOfTheThirdKeyIsNoBody() {
            accepted(hixie76("Content-Length: 8"), false);
            assertThat(refused(hixie75("Content-Length: 8")).status()).isEqualTo(400);
            assertThat(refused(hixie76("Content-Length: 8", "Content-Length: 8"))
                            .status())
                    .isEqualTo(400);
            assertThat(refused(hixie76("Content-Length: 8", "Sec-WebSocket-Version: 13", KEY))
                            .status())
                    .isEqualTo(400);
        }

        @Test
        @Covers("HX76-3")
        void otherMethodsAreRefused() {
            RequestHead get = hixie76();
            RequestHead post = new RequestHead("POST", get.target(), get.version(), get.fields());
            assertThat(refused(post).status()).isEqualTo(405);
        }
    }

    @Nested
    class Origins {
        @ParameterizedTest
        @ValueSource(strings = {"http://chat.example", "http://old.example:81", "null", "http://evil.example", ""})
        @Covers({"HX76-3", "HY-2"})
        void whoIsNotOnTheListIsRefusedThoughItBeTheSameOrigin(String origin) {
            List<RequestHead> requests = List.of(
                    request("Origin:" + origin),
                    request("Origin:" + origin, KEY1, KEY2),
                    request("Sec-WebSocket-Origin:" + origin, "Sec-WebSocket-Version: 8", KEY));
            for (RequestHead request : requests) {
                assertThat(refused(request).fault()).isEqualTo(HandshakeFault.ORIGIN_NOT_ALLOWED);
            }
            assertThat(all.refused()).isEqualTo(3);
        }

        @Test
        void twoOriginsAreNone() {
            assertThat(refused(hixie76("Origin: " + ORIGIN)).fault()).isEqualTo(HandshakeFault.ORIGIN_NOT_ALLOWED);
        }
    }

    @Nested
    class Hybi {
        @ParameterizedTest
        @ValueSource(strings = {"7", "8"})
        @Covers({"HY-1", "HY-7"})
        void theAnswerIsThatOfTheStandard(String version) {
            String response = response(request(
                    "Sec-WebSocket-Version: " + version,
                    KEY,
                    "Sec-WebSocket-Origin: " + ORIGIN,
                    "Sec-WebSocket-Protocol: v1, v2"));
            assertThat(response)
                    .isEqualTo(head(
                            "HTTP/1.1 101 Switching Protocols",
                            "Upgrade: websocket",
                            "Connection: Upgrade",
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                            "Sec-WebSocket-Protocol: v2"));
        }

        @ParameterizedTest
        @CsvSource({
            "http://old.example, , true",
            ", http://old.example, true",
            "http://old.example, http://old.example, true",
            "http://old.example, http://evil.example, false",
            "http://evil.example, http://old.example, false",
            ", , false"
        })
        @Covers("HY-2")
        void theOriginStandsInEitherField(@Nullable String secOrigin, @Nullable String origin, boolean isAccepted) {
            RequestHead request = request(
                    "Sec-WebSocket-Version: 8",
                    KEY,
                    "Sec-WebSocket-Origin:" + Objects.requireNonNullElse(secOrigin, ""),
                    "Origin:" + Objects.requireNonNullElse(origin, ""));
            DialectAnswer answer = all.answer(request, false, handshake);
            assertThat(answer instanceof DialectAnswer.Accepted).isEqualTo(isAccepted);
            if (answer instanceof DialectAnswer.Accepted accepted) {
                HeaderFields told = accepted.request().fields();
                assertThat(told.all("Origin")).containsExactly(ORIGIN);
                assertThat(told.all("Sec-WebSocket-Version")).containsExactly("8");
            }
        }

        @ParameterizedTest
        @CsvSource({"'foo; x=\"1\"', 400", "'foo; x=1', 101", "'foo;;', 400"})
        @Covers("HY-4")
        void parametersOfExtensionsAreTokens(String extensions, int status) {
            RequestHead request = hixie75("Sec-WebSocket-Version: 8", KEY, "Sec-WebSocket-Extensions: " + extensions);
            DialectAnswer answer = all.answer(request, false, handshake);
            int given = answer instanceof DialectAnswer.Refused refused
                    ? refused.answer().status()
                    : 101;
            assertThat(given).isEqualTo(status);
        }
    }

    @Test
    void aDialectNeedsAVersionAndAnOrigin() {
        assertThatIllegalStateException()
                .isThrownBy(() -> LegacyDialect.builder().allowedOrigins(ORIGIN).build());
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        LegacyDialect.builder().accept(LegacyVersion.HIXIE_75).build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LegacyDialect.builder().allowedOrigins("*"));
    }

    @Test
    void aVersionIsFoundByItsName() {
        for (LegacyVersion version : LegacyVersion.values()) {
            assertThat(LegacyVersion.parse(version.toString())).isEqualTo(version);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> LegacyVersion.parse("hixie-74"));
    }
}
