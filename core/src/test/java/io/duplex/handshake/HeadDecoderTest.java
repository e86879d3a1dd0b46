package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Covers({"WS-4.2.1-0", "WS-10.7-1", "WS-10.7-4"})
class HeadDecoderTest {
    private static final String REQUEST = "GET /chat?x=1 HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nX-Odd:  a\tb \t\r\n\r\n";

    private static @Nullable HandshakeFault requestFault(String raw) {
        return requestFault(raw, Limits.DEFAULT);
    }

    private static @Nullable HandshakeFault requestFault(String raw, Limits limits) {
        HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(limits, new HeadScratch());
        ByteBuffer in = ByteBuffer.wrap(raw.getBytes(ISO_8859_1));
        assertThat(decoder.decode(in)).isNull();
        assertThat(in.position()).isZero();
        return decoder.fault();
    }

    private static @Nullable HandshakeFault fieldFault(String line) {
        return requestFault("GET / HTTP/1.1\r\nHost: h\r\n" + line + "\r\n\r\n");
    }

    private static @Nullable HandshakeFault responseFault(String raw) {
        HeadDecoder<ResponseHead> decoder = HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch());
        assertThat(decoder.decode(Heads.bytes(raw))).isNull();
        return decoder.fault();
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    @Nested
    class Arrival {
        @Test
        void aHeadIsCompleteWithItsEmptyLine() {
            RequestHead head = Heads.decodeRequest(REQUEST);
            assertThat(head.method()).isEqualTo("GET");
            assertThat(head.target()).isEqualTo("/chat?x=1");
            assertThat(head.version()).isEqualTo(HttpVersion.HTTP_1_1);
            assertThat(head.fields())
                    .isEqualTo(HeaderFields.builder()
                            .add("Host", "h")
                            .add("X-Empty", "")
                            .add("X-Odd", "a\tb")
                            .build());
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void splittingAHeadAnywhereChangesNothing(boolean isDirect) {
            byte[] bytes = REQUEST.getBytes(ISO_8859_1);
            ByteBuffer in = isDirect ? direct(bytes) : ByteBuffer.wrap(bytes);
            RequestHead whole = Heads.decodeRequest(REQUEST);
            for (int split = 0; split < bytes.length; split++) {
                HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
                in.position(0).limit(split);
                assertThat(decoder.decode(in)).isNull();
                assertThat(decoder.fault()).isNull();
                assertThat(in.position()).isZero();
                in.limit(bytes.length);
                assertThat(decoder.decode(in)).isEqualTo(whole);
                assertThat(in.position()).isEqualTo(bytes.length);
            }
        }

        @Test
        void bytesMayComeOneByOneInBuffersOfAnyKind() {
            byte[] bytes = ("\0" + REQUEST).getBytes(ISO_8859_1);
            HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
            RequestHead head = null;
            for (int end = 1; end <= bytes.length; end++) {
                ByteBuffer in = switch (end % 3) {
                    case 0 -> direct(bytes).position(1).limit(end);
                    case 1 -> ByteBuffer.wrap(bytes, 1, end - 1).slice();
                    default -> ByteBuffer.wrap(bytes, 1, end - 1).asReadOnlyBuffer();
                };
                assertThat(head).isNull();
                head = decoder.decode(in);
            }
            assertThat(head).isEqualTo(Heads.decodeRequest(REQUEST));
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        @Covers("WS-4.1-R11")
        void whatFollowsTheHeadStaysInTheBuffer(boolean isDirect) {
            byte[] bytes = (REQUEST + "\u0081\u0085").getBytes(ISO_8859_1);
            ByteBuffer in = isDirect ? direct(bytes) : ByteBuffer.wrap(bytes);
            assertThat(HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch())
                            .decode(in))
                    .isNotNull();
            assertThat(in.remaining()).isEqualTo(2);
            assertThat(in.get() & 0xFF).isEqualTo(0x81);
        }

        @Test
        void headsMayFollowEachOther() {
            HeadDecoder<ResponseHead> decoder = HeadDecoder.forResponses(Limits.DEFAULT, new HeadScratch());
            ByteBuffer in = Heads.bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 X\r\nA: b\r\n\r\n");
            assertThat(decoder.decode(in)).extracting(ResponseHead::status).isEqualTo(100);
            assertThat(decoder.decode(in)).extracting(ResponseHead::status).isEqualTo(101);
            assertThat(in.hasRemaining()).isFalse();
        }

        @Test
        void aFaultStays() {
            HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
            assertThat(decoder.decode(Heads.bytes("\0"))).isNull();
            assertThat(decoder.decode(Heads.bytes(REQUEST))).isNull();
            assertThat(decoder.fault()).isEqualTo(HandshakeFault.CONTROL_CHARACTER);
        }

        @Test
        void aFaultIsFoundBeforeTheHeadIsComplete() {
            assertThat(requestFault("\u0016\u0003\u0001")).isEqualTo(HandshakeFault.CONTROL_CHARACTER); // TLS
            assertThat(requestFault("SSH-2.0-OpenSSH_9.6\r\n")).isEqualTo(HandshakeFault.INVALID_REQUEST_LINE);
            assertThat(requestFault("GET / HTTP/1.1\r\nHost : h\r\n")).isEqualTo(HandshakeFault.INVALID_FIELD_NAME);
        }
    }

    @Nested
    class RequestLine { // RFC 9112 §3
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "GET",
                    "GET /",
                    "GET / ",
                    "GET  HTTP/1.1",
                    "GET /  HTTP/1.1",
                    "GET  / HTTP/1.1",
                    " GET / HTTP/1.1",
                    "GET\t/ HTTP/1.1",
                    "GET /\tHTTP/1.1",
                    "G(T / HTTP/1.1",
                    "GET / HTTP/1.1 ",
                    "GET / HTTP/1.10",
                    "GET / HTTP/11",
                    "GET / HTTP/1,1",
                    "GET / HTTP/x.1",
                    "GET / HTTP/1.x",
                    "GET / HTTQ/1.1",
                    "GET / HTXP/1.1",
                    "GET / HXTP/1.1",
                    "GET / XTTP/1.1",
                    "GET / HTTP-1.1",
                    "GET / http/1.1",
                    "GET /a b HTTP/1.1",
                    "GET /\u00e9 HTTP/1.1",
                    "G\u00c9T / HTTP/1.1",
                    "GET /#a HTTP/1.1",
                })
        void isMethodTargetAndVersionBetweenSingleSpaces(String line) {
            assertThat(requestFault(line + "\r\nHost: h\r\n\r\n")).isEqualTo(HandshakeFault.INVALID_REQUEST_LINE);
        }

        @ParameterizedTest
        @ValueSource(strings = {"HTTP/2.0", "HTTP/0.9", "HTTP/3.1"})
        void otherHttpIsNotSupported(String version) {
            assertThat(requestFault("GET / " + version + "\r\n")).isEqualTo(HandshakeFault.UNSUPPORTED_HTTP_VERSION);
            assertThat(HandshakeFault.UNSUPPORTED_HTTP_VERSION.status()).isEqualTo(505);
        }

        @ParameterizedTest
        @CsvSource({"GET, GET", "HEAD, HEAD", "GOT, GOT", "GEM, GEM", "PET, PET", "get, get"})
        void anyMethodIsKeptAsItIs(String method, String expected) {
            assertThat(Heads.request(method + " / HTTP/1.0", "Host: h").method())
                    .isEqualTo(expected);
        }

        @ParameterizedTest
        @CsvSource({"HTTP/1.0, 0", "HTTP/1.1, 1", "HTTP/1.2, 2", "HTTP/1.9, 9"})
        void everyHttp1IsRead(String version, int minor) {
            RequestHead head = Heads.request("GET / " + version, "Host: h");
            assertThat(head.version()).isEqualTo(new HttpVersion(1, minor)).hasToString(version);
        }
    }

    @Nested
    class StatusLine { // RFC 9112 §4
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "SSH-2.0-OpenSSH_9.6",
                    "HTTP/1.1",
                    "HTTP/1.1 10",
                    "HTTP/1.1 1011",
                    "HTTP/1.1 101X",
                    "HTTP/1.1  101",
                    "HTTP/1.1\t101",
                    "HTTP/1.1 001",
                    "HTTP/1.1 x01",
                    "HTTP/1.1 1x1",
                    "HTTP/1.1 10x",
                    "ICY 200 OK and more",
                })
        void isVersionAndThreeDigits(String line) {
            assertThat(responseFault(line + "\r\n\r\n")).isEqualTo(HandshakeFault.INVALID_STATUS_LINE);
        }

        @Test
        void otherHttpIsNotSupported() {
            assertThat(responseFault("HTTP/2.0 200 OK\r\n")).isEqualTo(HandshakeFault.UNSUPPORTED_HTTP_VERSION);
        }

        @ParameterizedTest
        @CsvSource({
            "'HTTP/1.1 101 Switching Protocols', 'Switching Protocols'",
            "'HTTP/1.1 101 ', ''",
            "'HTTP/1.1 101', ''",
            "'HTTP/1.1 101 a\tb  c', 'a\tb  c'"
        })
        void theReasonIsAnything(String line, String reason) {
            ResponseHead head = Heads.decodeResponse(line + "\r\n\r\n");
            assertThat(head.status()).isEqualTo(101);
            assertThat(head.reason()).isEqualTo(reason);
        }
    }

    @Nested
    class Fields { // RFC 9112 §5
        @ParameterizedTest
        @ValueSource(
                strings = {"Name", ": value", "Na me: v", "Name : v", "Name\t: v", "N(: v", "Na\u00efve: v", "\"N\": v"
                })
        void aNameIsATokenRightBeforeItsColon(String line) {
            assertThat(fieldFault(line)).isEqualTo(HandshakeFault.INVALID_FIELD_NAME);
        }

        @ParameterizedTest
        @ValueSource(strings = {" folded", "\tfolded", " "})
        void foldingIsRefused(String line) {
            assertThat(fieldFault("A: b\r\n" + line)).isEqualTo(HandshakeFault.FOLDED_FIELD);
            assertThat(requestFault("GET / HTTP/1.1\r\n" + line + "\r\n\r\n")).isEqualTo(HandshakeFault.FOLDED_FIELD);
        }

        @ParameterizedTest
        @ValueSource(strings = {"\0", "\u0001", "\u0008", "\u000b", "\f", "\u001b", "\u001f", "\u007f"})
        void controlCharactersAreRefusedEverywhere(String control) {
            assertThat(fieldFault("A: b" + control)).isEqualTo(HandshakeFault.CONTROL_CHARACTER);
            assertThat(fieldFault("A" + control + ": b")).isEqualTo(HandshakeFault.CONTROL_CHARACTER);
            assertThat(requestFault("GET /" + control)).isEqualTo(HandshakeFault.CONTROL_CHARACTER);
        }

        @ParameterizedTest
        @ValueSource(strings = {"A: b\nC: d", "A: b\rC: d", "A: b\r\rC: d", "A: b\r\r\nC: d", "\n", "A: b\n\r"})
        void aLineEndsInCrLfAndNothingElse(String lines) {
            assertThat(fieldFault(lines)).isEqualTo(HandshakeFault.INVALID_LINE_END);
        }

        @Test
        void aValueMayHoldAnyOtherByte() {
            StringBuilder value = new StringBuilder();
            for (char c = ' '; c < 256; c++) {
                value.append(c == 0x7F ? '\t' : c);
            }
            HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(Limits.DEFAULT, new HeadScratch());
            String raw = "GET / HTTP/1.1\r\nA:" + value + "\r\n\r\n";
            RequestHead head = decoder.decode(ByteBuffer.wrap(raw.getBytes(ISO_8859_1)));
            assertThat(head).isNotNull();
            assertThat(head.fields().first("a")).isEqualTo(value.substring(1));
        }

        @Test
        void knownNamesAreGivenInTheirRegisteredCase() {
            RequestHead head = Heads.request(
                    "GET / HTTP/1.1", "hOST: h", "sec-websocket-KEY: k", "x-oTHER: o", "Pragm@: p".replace('@', '!'));
            assertThat(head.fields()).hasToString("[Host, Sec-WebSocket-Key, x-oTHER, Pragm!]");
            // Differs from Date by 0x20 in a character that is no letter's other case: 'd' ^ 0x20 = 'D', '-' ^ 0x20 =
            // CR.
            assertThat(Heads.request("GET / HTTP/1.1", "x^request-id: 1", "X-Request^Id: 2")
                            .fields())
                    .hasToString("[x^request-id, X-Request^Id]");
        }
    }

    @Nested
    @Covers({"WS-POL-2", "WS-POL-4", "WS-10.4-1"})
    class Limitation {
        private final String line = "GET / HTTP/1.1\r\n";
        private final String head = line + "A: b\r\n\r\n";

        private Limits bytes(int max) {
            return Limits.builder().maxHeaderBytes(max).build();
        }

        @Test
        void aHeadOfExactlyTheLimitIsTaken() {
            HeadDecoder<RequestHead> decoder = HeadDecoder.forRequests(bytes(head.length()), new HeadScratch());
            assertThat(decoder.decode(Heads.bytes(head + "more"))).isNotNull();
        }

        @Test
        void aLongerHeadIsRefusedWhetherItIsCompleteOrNot() {
            for (int end = head.length() - 1; end <= head.length(); end++) {
                assertThat(requestFault(head.substring(0, end), bytes(head.length() - 1)))
                        .isEqualTo(HandshakeFault.HEAD_TOO_LARGE);
            }
            assertThat(HandshakeFault.HEAD_TOO_LARGE.status()).isEqualTo(431);
        }

        @Test
        void aRequestLineBeyondTheLimitIsATargetTooLong() {
            assertThat(requestFault("GET /" + "a".repeat(100), bytes(64))).isEqualTo(HandshakeFault.TARGET_TOO_LONG);
            assertThat(requestFault(line, bytes(line.length() - 1))).isEqualTo(HandshakeFault.TARGET_TOO_LONG);
            assertThat(HandshakeFault.TARGET_TOO_LONG.status()).isEqualTo(414);
        }

        @Test
        void aStatusLineBeyondTheLimitIsAHeadTooLarge() {
            HeadDecoder<ResponseHead> decoder = HeadDecoder.forResponses(bytes(20), new HeadScratch());
            assertThat(decoder.decode(Heads.bytes("HTTP/1.1 101 Switching Protocols\r\n\r\n")))
                    .isNull();
            assertThat(decoder.fault()).isEqualTo(HandshakeFault.HEAD_TOO_LARGE);
        }

        @Test
        void moreFieldsThanTheLimitAreRefused() {
            Limits two = Limits.builder().maxHeaderFields(2).build();
            assertThat(HeadDecoder.forRequests(two, new HeadScratch())
                            .decode(Heads.bytes(line + "A: 1\r\nA: 2\r\n\r\n")))
                    .isNotNull();
            assertThat(requestFault(line + "A: 1\r\nA: 2\r\nA: 3\r\n", two)).isEqualTo(HandshakeFault.TOO_MANY_FIELDS);
            assertThat(HandshakeFault.TOO_MANY_FIELDS.status()).isEqualTo(431);
        }

        @Test
        void moreFieldsThanUsualAreKept() {
            String lines = "A: 1\r\n".repeat(100);
            assertThat(Heads.decodeRequest(line + lines + "\r\n").fields().all("a"))
                    .hasSize(100);
        }
    }
}
