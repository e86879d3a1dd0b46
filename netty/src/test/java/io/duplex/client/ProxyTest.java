package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.handshake.WebSocketUri;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies as they are written, and the choice between them. */
class ProxyTest {
    @ParameterizedTest
    @CsvSource({
        "proxy.test, http://proxy.test:80",
        "proxy.test:3128, http://proxy.test:3128",
        "http://proxy.test:3128/, http://proxy.test:3128",
        "HTTPS://proxy.test, https://proxy.test:443",
        "socks5://[::1], socks5://[::1]:1080",
        "socks5h://10.0.0.1:9, socks5://10.0.0.1:9",
        "http://user:secret@proxy.test, http://proxy.test:80",
    })
    void isReadAsEnvironmentsHaveIt(String uri, String read) {
        assertThat(Proxy.parse(uri)).hasToString(read);
    }

    @ParameterizedTest
    @CsvSource({
        "socks5://a%3Ab%40:c:d@h, a:b@, c:d",
        "socks5://a:%C3%A9@h, a, \u00e9",
        "name@h, name, ''",
        "a%:b%4@h, a%, b%4",
    })
    void credentialsMayBePercentEncoded(String uri, String user, String password) {
        Proxy proxy = Proxy.parse(uri);
        assertThat(proxy.user()).isEqualTo(user);
        assertThat(proxy.password()).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://h",
                "socks4://h",
                "http://h:0",
                "http://h:65536",
                "http://h:x",
                "http://secret@h/path",
                "socks5://secret@h",
                "h h"
            })
    void whatIsNoneIsRefusedWithoutRepeatingAPassword(String uri) {
        assertThatIllegalArgumentException().isThrownBy(() -> Proxy.parse(uri)).withMessageNotContaining("secret");
    }

    @Test
    void credentialsThatCannotBeSentAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Proxy.http("h", 1).credentials("a:b", "c"))
                .withMessageContaining("colon");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Proxy.socks5("h", 1).credentials("a", "\u00e9".repeat(128)))
                .withMessage("the proxy's password is 256 bytes, SOCKS 5 takes 1 to 255");
    }

    @Nested
    class Bypass {
        @ParameterizedTest
        @CsvSource({
            "a.test, a.test, true",
            "a.test, b.a.test, true",
            "a.test, xa.test, false",
            ".a.test, a.test, true",
            "*.a.test, b.a.test, true",
            "A.TEST., a.test, true",
            "a.test, a.test., true",
            "a.test:80, a.test:81, false",
            "a.test:81, a.test:81, true",
            "*, anything.test, true",
            "10.0.0.0/8, 10.1.2.3, true",
            "10.0.0.0/9, 10.128.2.3, false",
            "10.0.0.0/8, ten.test, false",
            "0.0.0.0/0, 1.2.3.4, true",
            "0.0.0.0/0, [::1], false",
            "127.0.0.1, 127.0.0.1, true",
            "127.0.0.1:1, 127.0.0.1:2, false",
            "::1, [::1], true",
            "[::1]:81, [::1]:81, true",
            "fd00::/8, [fd12::1], true",
            "fd00::/8, [fe80::1], false",
            "::127.0.0.1, [::7f00:1], true",
            "127.0.0.1, [::127.0.0.1], false",
            "' ', a.test, false",
        })
        void matchesNamesAddressesAndBlocks(String rule, String authority, boolean matches) {
            assertThat(ProxyBypass.of(rule).matches(WebSocketUri.parse("ws://" + authority + "/")))
                    .isEqualTo(matches);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "a.test/8",
                    "10.0.0.0/33",
                    "10.0.0.0/x",
                    "10.0.0.1/8",
                    "0.0.0.0/+8",
                    "a:0",
                    "a:b",
                    "a.*",
                    ".",
                    "::/129"
                })
        void whatIsNoneOfThemIsRefused(String rule) {
            assertThatIllegalArgumentException().isThrownBy(() -> ProxyBypass.of(rule));
        }
    }

    @Nested
    class Environment {
        private String chosen(Map<String, String> variables, String uri) {
            return String.valueOf(ProxyChoice.environment(variables).proxyFor(WebSocketUri.parse(uri)));
        }

        @Test
        void namesAProxyForEachScheme() {
            Map<String, String> variables =
                    Map.of("http_proxy", "p:1", "HTTPS_PROXY", "p:2", "no_proxy", "a.test, ::1");
            assertThat(chosen(variables, "ws://b.test/")).isEqualTo("http://p:1");
            assertThat(chosen(variables, "wss://b.test/")).isEqualTo("http://p:2");
            assertThat(chosen(variables, "wss://a.test/")).isEqualTo("null");
            assertThat(chosen(variables, "ws://[::1]/")).isEqualTo("null");
        }

        @Test
        void hasOneForAllThatHaveNone() {
            Map<String, String> variables =
                    Map.of("all_proxy", "socks5://p:1", "https_proxy", "p:2", "http_proxy", " ");
            assertThat(chosen(variables, "ws://b.test/")).isEqualTo("socks5://p:1");
            assertThat(chosen(variables, "wss://b.test/")).isEqualTo("http://p:2");
        }

        @Test
        void isNotBelievedAboutWhatAClientOfCgiCanSet() {
            assertThat(chosen(Map.of("HTTP_PROXY", "p:1"), "ws://b.test/")).isEqualTo("null");
        }

        @Test
        void thatIsWrongIsRefusedWithTheVariablesName() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyChoice.environment(Map.of("ALL_PROXY", "ftp://user:secret@h")))
                    .withMessageStartingWith("all_proxy in the environment is no proxy: ")
                    .withMessageNotContaining("secret");
            assertThat(ProxyChoice.environment()).isNotNull();
        }
    }
}
