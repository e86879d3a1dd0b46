package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
    @Test
    void isAHostWithAnOptionalPort() {
        assertThat(Authority.parse("H.example:8080")).isEqualTo(new Authority("h.example", 8080));
        assertThat(Authority.parse("h")).isEqualTo(new Authority("h", Authority.NO_PORT));
        assertThat(Authority.parse("h:")).isEqualTo(new Authority("h", Authority.NO_PORT));
        assertThat(Authority.parse("[::A]:1")).isEqualTo(new Authority("[::a]", 1));
        assertThat(Authority.parse("a%41")).isEqualTo(new Authority("a%41", Authority.NO_PORT));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", ":80", "u@h", "h/", "h?", "h:0", "h:x", "h:80:80", "a b", "h, i", "\u00e9", "a%4", "a%x1", "a%1x"
            })
    void isNothingElse(String text) {
        assertThat(Authority.parse(text)).isNull();
    }

    @Nested
    class Ipv6 { // RFC 3986 §3.2.2
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "::",
                    "::1",
                    "1::",
                    "1::8",
                    "1:2:3:4:5:6:7:8",
                    "1:2:3:4:5:6:7::",
                    "::2:3:4:5:6:7:8",
                    "1:2:3::5:6:7:8",
                    "abcd:EF01::",
                    "::127.0.0.1",
                    "::ffff:255.255.255.255",
                    "1:2:3:4:5:6:1.2.3.4",
                    "1::3:4:5:6:0.0.0.0"
                })
        void isEightGroupsOfWhichSomeMayBeLeftOut(String address) {
            assertThat(Authority.isHost("[" + address + "]")).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    ":",
                    ":::",
                    "1",
                    "1:",
                    ":1",
                    "1:2:3:4:5:6:7",
                    "1:2:3:4:5:6:7:8:9",
                    "1:2:3:4::5:6:7:8",
                    "::1::",
                    "1::2::3",
                    "12345::",
                    "g::",
                    "1:2:3:4:5:6:7:1.2.3.4",
                    "1::2:3:4:5:6:1.2.3.4",
                    "1.2.3.4",
                    "::1.2.3",
                    "::1.2.3.4.5",
                    "::1.2.3.256",
                    "::01.2.3.4",
                    "::1.2.3.",
                    "::1..2.3",
                    "::1.2.3.4:1",
                    "::a.2.3.4",
                    "::1.2.3.4000",
                    "1:2:3:4:5:6:7:",
                    "::-1",
                    "::1%1"
                })
        void isNothingElse(String address) {
            assertThat(Authority.isHost("[" + address + "]")).isFalse();
        }
    }
}
