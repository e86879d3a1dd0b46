package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.duplex.testkit.Covers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The URLs of a WebSocket (WebSockets Standard §3.1, URL Standard §4.4). */
class WebUrlTest {
    private static WebUrl parse(String url) {
        return WebUrlParser.parseWebSocket(url, null);
    }

    private static DomException failureOf(String url) {
        DomException failure = catchThrowableOfType(DomException.class, () -> parse(url));
        assertThat(failure).as(url).isNotNull();
        assertThat(failure.name()).isEqualTo("SyntaxError");
        assertThat(failure.code()).isEqualTo(12);
        return failure;
    }

    @ParameterizedTest
    @CsvSource({
        "ws://example.com, ws://example.com/",
        "wss://EXAMPLE.com/Chat, wss://example.com/Chat",
        "http://h/, ws://h/",
        "HTTPS://h/a, wss://h/a",
        "ws://h:80/, ws://h/",
        "wss://h:443/, wss://h/",
        "https://h:443/, wss://h/",
        "http://h:443/, ws://h:443/",
        "ws://h:/, ws://h/",
        "ws://h:0080/, ws://h/",
        "ws://h:0/, ws://h:0/",
        "ws://h?a=b, ws://h/?a=b",
        "ws://h/?, ws://h/?",
        "ws:h/a, ws://h/a",
        "ws:\\\\h\\a, ws://h/a",
        "ws:////h//a, ws://h//a",
        "ws://h/a/./b/../c, ws://h/a/c",
        "ws://h/a/%2E%2e, ws://h/",
        "ws://h/.., ws://h/",
        "ws://h/a/., ws://h/a/",
        "ws://h/a b\"<>`^{}|é, ws://h/a%20b%22%3C%3E%60%5E%7B%7D|%C3%A9",
        "ws://h/?a b\"<>'`é, ws://h/?a%20b%22%3C%3E%27`%C3%A9",
        "ws://h/%zz%, ws://h/%zz%",
        "ws://user:p@ss@h/, ws://user:p%40ss@h/",
        "ws://user@h/, ws://user@h/",
        "ws://:word@h/, ws://:word@h/",
        "ws://:@h/, ws://h/",
        "ws://ex%41mple.com/, ws://example.com/",
        "ws://BÜCHER.example/, ws://xn--bcher-kva.example/",
        "ws://0x7f.1/, ws://127.0.0.1/",
        "ws://017700000001./, ws://127.0.0.1/",
        "ws://256/, ws://0.0.1.0/",
        "ws://[::1]:81/, ws://[::1]:81/",
        "ws://[2001:DB8:0:0:1:0:0:1]/, ws://[2001:db8::1:0:0:1]/",
        "ws://[1:0:2:3:4:5:6:0]/, ws://[1:0:2:3:4:5:6:0]/",
        "ws://[1:2::]/, ws://[1:2::]/",
        "ws://[::ffff:1.2.3.4]/, ws://[::ffff:102:304]/",
        "ws://[1::1.2.3.4]/, ws://[1::102:304]/",
        "ws://[::127.0.0.1]/, ws://[::7f00:1]/",
    })
    @Covers({"WAPI-CTOR-2", "WAPI-CTOR-9", "WAPI-HS-1"})
    void urlsAreSerialized(String url, String serialized) {
        assertThat(parse(url)).hasToString(serialized);
        assertThat(parse(serialized)).hasToString(serialized);
    }

    @Test
    void whiteSpaceAroundAndLineEndsWithinAreLeftOut() {
        assertThat(parse(" \u0000ws://h/a\n\r\tb \n")).hasToString("ws://h/ab");
    }

    @Test
    void loneSurrogatesBecomeReplacementCharacters() {
        assertThat(parse("ws://h/\uD800")).hasToString("ws://h/%EF%BF%BD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "::",
                "//h/",
                "/chat",
                "chat",
                "?a",
                "ws://",
                "ws:///",
                "ws://foo bar.com/",
                "ws://h:65536/",
                "ws://h:8o/",
                "ws://h:-1/",
                "ws://@/",
                "ws://user@/",
                "ws://:80/",
                "ws://h|h/",
                "ws://h%2Fh/",
                "ws://h%zz/",
                "ws://h\u007F/",
                "ws://1.2.3.4.5/",
                "ws://1.2.3.256/",
                "ws://0x1.2.3.09/",
                "ws://1..2/",
                "ws://4294967296/",
                "ws://[::1/",
                "ws://[::g]/",
                "ws://[1:2]/",
                "ws://[::1%25eth0]/",
                "ws://[::1]x/",
                "ws://[[::1]]/",
                "ws://[::ffff:01.2.3.4]/",
                "ws://[1.2.3.4]/",
                "ws://\u00AD/",
            })
    @Covers({"WAPI-CTOR-1", "WAPI-OLD-1"})
    void whatIsNoUrlIsASyntaxError(String url) {
        failureOf(url);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://h/", "mailto:a@b.example", "about:blank", "wsx://h/", "file:///a", "data:,a"})
    @Covers("WAPI-CTOR-3")
    void otherSchemesAreSyntaxErrors(String url) {
        assertThat(failureOf(url)).hasMessageContaining("scheme");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ws://h/#", "ws://h/#a", "ws://h#", "ws://h/?a#b", "http://h/#"})
    @Covers("WAPI-CTOR-4")
    void fragmentsAreSyntaxErrors(String url) {
        assertThat(failureOf(url)).hasMessageContaining("fragment");
    }

    @Test
    @Covers("WAPI-CTOR-8")
    void theSchemeIsCheckedBeforeTheFragment() {
        assertThat(failureOf("ftp://h/#a")).hasMessageContaining("scheme");
    }

    @Test
    void passwordsDoNotStandInMessages() {
        assertThat(failureOf("ws://user:secret@h/#a").getMessage()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "'', ws://base:81/a/b?q",
        "c, ws://base:81/a/c",
        "../c, ws://base:81/c",
        "/c, ws://base:81/c",
        "\\c, ws://base:81/c",
        "?r, ws://base:81/a/b?r",
        "//other/c, ws://other/c",
        "http:c, ws://base:81/a/c",
        "https:c, wss://c/",
        "ws://h/, ws://h/",
        "c:d, ''",
        "#f, ''",
    })
    @Covers("WAPI-CTOR-1")
    void relativeUrlsAreResolvedWhereThereIsABase(String url, String serialized) {
        WebUrl base = WebUrlParser.parse("http://base:81/a/b?q#f");
        if (serialized.isEmpty()) {
            assertThat(catchThrowableOfType(DomException.class, () -> WebUrlParser.parseWebSocket(url, base)))
                    .isNotNull();
        } else {
            assertThat(WebUrlParser.parseWebSocket(url, base)).hasToString(serialized);
        }
    }

    @Test
    void credentialsOfTheBaseAreKept() {
        assertThat(WebUrlParser.parseWebSocket("b", WebUrlParser.parse("https://u:p@h/a")))
                .hasToString("wss://u:p@h/b");
    }

    @ParameterizedTest
    @CsvSource({
        "ws://h, ws://h",
        "wss://h:8443/a/b?c, wss://h:8443",
        "ws://u:p@h/, ws://h",
        "http://[::1]:80/, ws://[::1]",
    })
    @Covers("WAPI-EV-4")
    void theOriginIsSchemeHostAndPort(String url, String origin) {
        assertThat(parse(url).origin()).isEqualTo(origin);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://u:p@h:81/a/b?c, ws://h:81/a/b?c",
        "ws://h/?, ws://h/",
        "ws://h/a|[]\\%zz%, ws://h/a%7C%5B%5D/%25zz%25",
        "ws://h/?^`{|}%41%4, ws://h/?%5E%60%7B%7C%7D%41%254",
    })
    @Covers("WAPI-HS-1")
    void theUriToConnectToIsStrict(String url, String uri) {
        assertThat(parse(url).connectionUri()).isEqualTo(uri);
    }

    @ParameterizedTest
    @CsvSource({"ws://foo:bar@h/, Basic Zm9vOmJhcg==", "ws://f%C3%A9@h/, Basic ZsOpOg==", "ws://h/,"})
    void nameAndPasswordAreForBasicAuthentication(String url, String credentials) {
        assertThat(parse(url).basicCredentials()).isEqualTo(credentials);
    }
}
