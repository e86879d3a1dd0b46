package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.testkit.Covers;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

@Covers({"WS-3-1", "WS-4.1-Q1"})
class WebSocketUriProperties {
    @Property
    void aUriIsRefusedOrMakesAValidRequest(@ForAll("almostUris") String text) {
        WebSocketUri uri;
        try {
            uri = WebSocketUri.parse(text);
        } catch (IllegalArgumentException e) {
            return;
        }
        assertThat(WebSocketUri.parse(uri.toString())).isEqualTo(uri);
        assertThat(Authority.parse(uri.hostHeader())).isNotNull();
        RequestHead request = ClientHandshake.builder(uri).build(() -> 0).request();
        assertThat(Heads.decodeRequest(new String(request.toBytes(), ISO_8859_1)))
                .isEqualTo(request);
    }

    @Provide
    Arbitrary<String> almostUris() {
        Arbitrary<String> pieces = Arbitraries.of(
                "h",
                "a.b",
                "\u00fc",
                "\u3002",
                "\u2100",
                "\uff0f",
                ".",
                ":",
                "80",
                "/",
                "?",
                "#",
                "@",
                "%",
                "%41",
                "%C3%BC",
                "%2F",
                "[",
                "]",
                "::1",
                "\ud83d\ude00",
                "\ud83d",
                "\u0000",
                " ",
                "-",
                "_",
                "\u00ad",
                "\u200d",
                "\u0130",
                "*");
        Arbitrary<String> any = Arbitraries.strings().ofMaxLength(6);
        return Arbitraries.frequencyOf(Tuple.of(9, pieces), Tuple.of(1, any))
                .list()
                .ofMaxSize(8)
                .flatMap(parts ->
                        Arbitraries.of("ws://", "wss://", "WS://", "").map(scheme -> scheme + String.join("", parts)));
    }
}
