package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.testkit.Covers;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Covers({"WS-4.2.2-4a", "WS-10.1-1", "WS-10.2-1"})
class OriginPolicyTest {
    private static final boolean SECURE = true;
    private static final boolean PLAIN = false;

    @Nested
    class SameOrigin {
        private final OriginPolicy policy = OriginPolicy.sameOrigin();

        @ParameterizedTest
        @CsvSource({
            "https://chat.example, chat.example",
            "https://chat.example, chat.example:443",
            "https://chat.example:443, chat.example",
            "https://chat.example:8443, chat.example:8443",
            "HTTPS://Chat.Example, chat.EXAMPLE",
            "https://[::1]:8443, [::1]:8443"
        })
        void isTheHostUnderHttpsOnASecureConnection(String origin, String host) {
            assertThat(policy.permits(origin, host, SECURE)).isTrue();
        }

        @ParameterizedTest
        @CsvSource({
            "http://chat.example, chat.example",
            "http://chat.example:443, chat.example",
            "https://chat.example:8443, chat.example",
            "https://chat.example, chat.example:8443",
            "https://chat.example, chat.example.evil",
            "https://chat.example.evil, chat.example",
            "https://evil.chat.example, chat.example",
            "wss://chat.example, chat.example"
        })
        void isNothingElseOnASecureConnection(String origin, String host) {
            assertThat(policy.permits(origin, host, SECURE)).isFalse();
        }

        @ParameterizedTest
        @CsvSource({
            "http://chat.example, chat.example",
            "http://chat.example, chat.example:80",
            "http://chat.example:80, chat.example",
            "http://localhost:8080, localhost:8080",
            "https://chat.example, chat.example",
            "https://chat.example, chat.example:443"
        })
        void mayBeHttpsOnAPlainConnectionWhereAProxyTookTlsOff(String origin, String host) {
            assertThat(policy.permits(origin, host, PLAIN)).isTrue();
        }

        @ParameterizedTest
        @CsvSource({
            "http://chat.example, chat.example:8080",
            "http://chat.example:8080, chat.example",
            "https://chat.example, chat.example:80",
            "ftp://chat.example, chat.example",
            "chrome-extension://chat.example, chat.example"
        })
        void isNothingElseOnAPlainConnection(String origin, String host) {
            assertThat(policy.permits(origin, host, PLAIN)).isFalse();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "null",
                    "",
                    "h",
                    "//h",
                    "http:/h",
                    "http://",
                    "http://h/",
                    "http://h?",
                    "http://h#",
                    "http://u@h",
                    "http://h:x",
                    "http://h http://h",
                    "http://h,http://h",
                    "1http://h",
                    "ht tp://h",
                    "://h",
                    "*"
                })
        void isNoTextThatIsNoOrigin(String origin) {
            assertThat(policy.permits(origin, "h", PLAIN)).isFalse();
        }

        @Test
        void isNoneWithoutAValidHost() {
            assertThat(policy.permits("http://h", "h/", PLAIN)).isFalse();
        }
    }

    @Nested
    class Absence {
        @Test
        @Covers({"WS-4.2.1-7", "WS-4.2.1-7a"})
        void isPermittedUnlessOneIsRequired() {
            for (OriginPolicy policy :
                    List.of(OriginPolicy.sameOrigin(), OriginPolicy.any(), OriginPolicy.allow(List.of()))) {
                assertThat(policy.permits(null, "h", PLAIN)).isTrue();
                assertThat(policy.requirePresent().permits(null, "h", PLAIN)).isFalse();
            }
            assertThat(OriginPolicy.any().requirePresent().permits("x", "h", PLAIN))
                    .isTrue();
        }
    }

    @Nested
    class AllowList {
        private final OriginPolicy policy =
                OriginPolicy.allow(List.of("https://a.example", "http://b.example:3000", "app://-"));

        @ParameterizedTest
        @ValueSource(strings = {"https://a.example", "https://A.example:443", "http://b.example:3000", "app://-"})
        void permitsSchemeHostAndPort(String origin) {
            assertThat(policy.permits(origin, "h", SECURE)).isTrue();
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "http://a.example",
                    "https://a.example:80",
                    "http://b.example",
                    "https://x.a.example",
                    "null",
                    "https://h"
                })
        void permitsNothingElse(String origin) {
            assertThat(policy.permits(origin, "h", SECURE)).isFalse();
        }

        @Test
        void mayIncludeTheSameOrigin() {
            assertThat(policy.orSameOrigin().permits("https://h", "h", SECURE)).isTrue();
            assertThat(policy.orSameOrigin().permits("https://a.example", "h", SECURE))
                    .isTrue();
            assertThat(policy.orSameOrigin().permits("https://i", "h", SECURE)).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"a.example", "https://a.example/", "https://*.example", "*", "null", ""})
        void hasExactOriginsOnly(String origin) {
            assertThatThrownBy(() -> OriginPolicy.allow(List.of(origin)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("\"" + origin + "\"");
        }
    }

    @Test
    void anyPermitsWhateverIsWritten() {
        assertThat(OriginPolicy.any().permits("null", "h", SECURE)).isTrue();
        assertThat(OriginPolicy.any().permits("http://evil.example", "not a host", PLAIN))
                .isTrue();
    }
}
