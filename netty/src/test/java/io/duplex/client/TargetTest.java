package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {
    private static Target target(String uri) {
        HeaderFields fields =
                HeaderFields.builder().add("Authorization", "Basic x").build();
        return new Target(WebSocketUri.parse(uri), fields, List.of(), null, true);
    }

    @ParameterizedTest
    @CsvSource({
        "wss://a.test/x/y?q, wss://b.test/z, wss://b.test/z",
        "wss://a.test/x/y?q, https://b.test, wss://b.test/",
        "ws://a.test/x/y?q, https://a.test/z, wss://a.test/z",
        "ws://a.test/x/y?q, z, ws://a.test/x/z",
        "ws://a.test/x/y?q, ../z?r, ws://a.test/z?r",
        "ws://a.test/x/y?q, /z:1/b, ws://a.test/z:1/b",
        "ws://a.test/x/y?q, ?r, ws://a.test/x/y?r",
        "ws://a.test/x/y?q, '', ws://a.test/x/y?q",
        "ws://a.test/x/y?q, '#part', ws://a.test/x/y?q",
        "ws://a.test:81/x, //b.test:82/y, ws://b.test:82/y",
        "ws://[::1]:81/x, y, ws://[::1]:81/y",
        "ws://a.test/a//b, c, ws://a.test/a//c",
        "ws://a.test/a//b, ../c, ws://a.test/a/c",
        "ws://a.test/x/y/z, ../../../a, ws://a.test/a",
        "ws://a.test/x/y/z, ./.., ws://a.test/x/",
        "ws://a.test/x/y/z, ., ws://a.test/x/y/",
        "ws://a.test/x/y/z, a/./b/../c/?q=../d, ws://a.test/x/y/a/c/?q=../d",
        "ws://a.test/x/y/z, /../a/..b/.c, ws://a.test/a/..b/.c",
        "ws://a.test/x?q=/y/z, a, ws://a.test/a",
        "ws://a.test, a, ws://a.test/a",
        "ws://a.test/x, //b.test/../y/./z, ws://b.test/y/z",
        "ws://a.test/x, http://b.test/../y/./z?a/../b, ws://b.test/y/z?a/../b",
        "ws://a.test/x, //b.test?a/../b, ws://b.test/?a/../b",
        "ws://a.test/x, y?a:b, ws://a.test/y?a:b",
    })
    void aLocationIsResolved(String from, String location, String to) {
        assertThat(target(from).redirectedTo(location).uri()).hasToString(to);
    }

    @ParameterizedTest
    @CsvSource({
        "ws://a.test/, ws://A.test:80/x, true",
        "wss://a.test/, https://a.test:443/x, true",
        "ws://a.test/, wss://a.test/, false",
        "ws://a.test/, ws://a.test:81/, false",
        "ws://a.test/, ws://sub.a.test/, false",
    })
    void onlyTheSameOriginGetsTheFields(String from, String location, boolean isSame) {
        assertThat(target(from).redirectedTo(location).fields().contains("Authorization"))
                .isEqualTo(isSame);
    }

    @ParameterizedTest
    @CsvSource({"ws://a.test/", "http://a.test/", "http://b.test/"})
    void fromTlsNothingLeadsOutOfIt(String location) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> target("wss://a.test/").redirectedTo(location))
                .withMessage("it leads from wss to ws, which is not followed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://b.test/", "ws:b.test", "ws:/b", "y:1", "ws:", "://b.test/", "//", "a b", "//u:p@b.test/"})
    void whatIsNoUriToConnectToIsRefused(String location) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> target("ws://a.test/x").redirectedTo(location));
    }

    @Test
    void anOriginIsNotGivenToAnotherOrigin() {
        HeaderFields fields =
                HeaderFields.builder().add("Origin", "https://a.test").build();
        Target target = new Target(WebSocketUri.parse("ws://a.test/"), fields, List.of(), null, true);
        assertThat(target.redirectedTo("ws://b.test/").fields().all("Origin")).containsExactly("null");
    }
}
