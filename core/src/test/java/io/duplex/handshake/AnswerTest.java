package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.testkit.Covers;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
    private static HeaderFields field(String name, String value) {
        return HeaderFields.builder().add(name, value).build();
    }

    private static String text(Answer answer) {
        return new String(answer.toBytes(), UTF_8);
    }

    @Nested
    @Covers({"WS-4.2.2-5.1", "WS-4.2.2-5.2", "WS-4.2.2-5.3", "WS-4.2.2-5.4", "WS-4.2.2-5.5", "WS-4.2.2-5.6"})
    class Acceptance { // RFC 6455 §4.2.2
        private final Answer.Accepted plain =
                new Answer.Accepted(new Agreement(null, "", null), Heads.ACCEPT, HeaderFields.EMPTY);

        @Test
        void switchesProtocols() {
            assertThat(text(plain)).isEqualTo("""
                    HTTP/1.1 101 Switching Protocols
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

                    """.replace("\n", "\r\n"));
        }

        @Test
        void namesWhatWasAgreedAndWhatTheApplicationAdds() {
            Agreement agreement = new Agreement("chat", "permessage-deflate", null);
            Answer.Accepted answer = new Answer.Accepted(agreement, Heads.ACCEPT, HeaderFields.EMPTY)
                    .withExtraFields(field("Set-Cookie", "a=b"));
            assertThat(text(answer)).isEqualTo("""
                    HTTP/1.1 101 Switching Protocols
                    Upgrade: websocket
                    Connection: Upgrade
                    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
                    Sec-WebSocket-Protocol: chat
                    Sec-WebSocket-Extensions: permessage-deflate
                    Set-Cookie: a=b

                    """.replace("\n", "\r\n"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "host",
                    "UPGRADE",
                    "Connection",
                    "Content-Length",
                    "Transfer-Encoding",
                    "sec-websocket-accept",
                    "Sec-WebSocket-Anything"
                })
        void isNotChangedByTheApplication(String name) {
            assertThatThrownBy(() -> plain.withExtraFields(field(name, "x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("decided by the handshake");
        }
    }

    @Nested
    @Covers({"WS-4.2.2-4b", "WS-4.2.2-4e", "WS-10.7-4"})
    class Refusal {
        @Test
        void saysWhatIsWrong() {
            assertThat(text(Answer.Refused.of(HandshakeFault.ORIGIN_NOT_ALLOWED)))
                    .isEqualTo("""
                    HTTP/1.1 403 Forbidden
                    Connection: close
                    Content-Type: text/plain; charset=utf-8
                    Content-Length: 41

                    origin is not allowed (RFC 6455 §4.2.2)
                    """.replace("\n", "\r\n").replace(")\r\n", ")\n"));
        }

        @Test
        void offersTheUpgradeWhereOneIsMissing() {
            assertThat(text(Answer.Refused.of(HandshakeFault.NOT_AN_UPGRADE))).startsWith("""
                    HTTP/1.1 426 Upgrade Required
                    Upgrade: websocket
                    Sec-WebSocket-Version: 13
                    Connection: Upgrade, close
                    """.replace("\n", "\r\n"));
        }

        @ParameterizedTest
        @EnumSource
        void hasAStatusWithAReasonForEveryFault(HandshakeFault fault) {
            Answer.Refused refused = Answer.Refused.of(fault);
            assertThat(refused.fault()).isEqualTo(fault);
            assertThat(refused.head().status()).isEqualTo(fault.status()).isBetween(400, 505);
            assertThat(refused.head().reason()).isNotEmpty();
            assertThat(refused.body()).contains(fault.description()).contains(fault.section());
            assertThat(text(refused)).endsWith("\r\n\r\n" + refused.body());
            assertThat(Heads.decodeResponse(text(refused)).fields())
                    .isEqualTo(refused.head().fields());
        }

        @ParameterizedTest
        @ValueSource(
                ints = {301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 408, 410, 414, 426, 429, 431, 500, 503, 505})
        @Covers({"WS-4.2.2-2", "WS-4.2.2-3", "WS-POL-1"})
        void mayBeTheApplications(int status) {
            Answer.Refused refused = Answer.Refused.of(status, field("Location", "/x"), "é");
            assertThat(refused.fault()).isNull();
            assertThat(text(refused))
                    .startsWith("HTTP/1.1 " + status + " " + ResponseHead.reasonOf(status) + "\r\nLocation: /x\r\n")
                    .endsWith("Content-Length: 2\r\n\r\né");
        }

        @Test
        void mayHaveAStatusWithoutReason() {
            assertThat(text(Answer.Refused.of(599, HeaderFields.EMPTY, ""))).startsWith("HTTP/1.1 599 \r\n");
        }

        @Test
        void hasNoContentTypeWithoutABody() {
            assertThat(text(Answer.Refused.of(405, field("Allow", "GET"), "")))
                    .isEqualTo(
                            "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 101, 200, 299, 600})
        void hasNoStatusOfSuccess(int status) {
            assertThatThrownBy(() -> Answer.Refused.of(status, HeaderFields.EMPTY, ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(status));
        }

        @ParameterizedTest
        @ValueSource(strings = {"Connection", "content-length", "Transfer-Encoding"})
        void framesItselfWhateverTheApplicationSays(String name) {
            assertThatThrownBy(() -> Answer.Refused.of(400, field(name, "x"), ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name);
        }
    }

    @Nested
    class Heading {
        @Test
        void aRequestHeadIsValid() {
            assertThatThrownBy(() -> new RequestHead("G T", "/", HttpVersion.HTTP_1_1, HeaderFields.EMPTY))
                    .isInstanceOf(IllegalArgumentException.class);
            for (String target : new String[] {"", "/a b", "/\r\n", "/\u00e9", "/#"}) {
                assertThatThrownBy(() -> new RequestHead("GET", target, HttpVersion.HTTP_1_1, HeaderFields.EMPTY))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void aResponseHeadIsValid() {
            for (int status : new int[] {99, 1000}) {
                assertThatThrownBy(() -> new ResponseHead(HttpVersion.HTTP_1_1, status, "", HeaderFields.EMPTY))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> new ResponseHead(HttpVersion.HTTP_1_1, 200, "a\r\nb: c", HeaderFields.EMPTY))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void aVersionIsTwoDigits() {
            for (int number : new int[] {-1, 10}) {
                assertThatThrownBy(() -> new HttpVersion(number, 1)).isInstanceOf(IllegalArgumentException.class);
                assertThatThrownBy(() -> new HttpVersion(1, number)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
