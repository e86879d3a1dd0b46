package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Limits;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadScratchTest {
    private final HeadScratch scratch = new HeadScratch();

    private RequestHead decode(String target, String field) {
        RequestHead head = HeadDecoder.forRequests(Limits.DEFAULT, scratch)
                .decode(ByteBuffer.wrap(("GET " + target + " HTTP/1.1\r\n" + field + "\r\n\r\n").getBytes(ISO_8859_1)));
        return Objects.requireNonNull(head);
    }

    private String value(String name, String value) {
        return Objects.requireNonNull(decode("/", name + ": " + value).fields().first(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"User-Agent", "Host", "Origin", "Sec-WebSocket-Extensions", "upgrade"})
    void aValueThatComesAgainIsTheSameString(String name) {
        assertThat(value(name, "same")).isSameAs(value(name, "same"));
        assertThat(value(name, "sama")).isEqualTo("sama");
        assertThat(value(name, "same\u00e9")).isEqualTo("same\u00e9");
        assertThat(value(name, "same\u00e8")).isEqualTo("same\u00e8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cookie", "Authorization", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "X-Token"})
    void whatMayBeASecretIsNotKept(String name) {
        assertThat(value(name, "same")).isEqualTo("same").isNotSameAs(value(name, "same"));
    }

    @Test
    void aLongValueIsNotKept() {
        String longest = "a".repeat(256);
        assertThat(value("User-Agent", longest)).isSameAs(value("User-Agent", longest));
        String longer = "a".repeat(257);
        assertThat(value("User-Agent", longer)).isEqualTo(longer).isNotSameAs(value("User-Agent", longer));
    }

    @Test
    void aTargetThatComesAgainIsTheSameStringUnlessItHasAQuery() {
        assertThat(decode("/chat", "A: b").target())
                .isSameAs(decode("/chat", "A: b").target());
        assertThat(decode("/chat?token=1", "A: b").target())
                .isEqualTo("/chat?token=1")
                .isNotSameAs(decode("/chat?token=1", "A: b").target());
        String longer = "/" + "a".repeat(256);
        assertThat(decode(longer, "A: b").target())
                .isNotSameAs(decode(longer, "A: b").target());
    }
}
