package io.duplex.sockjs;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseStatus;
import io.duplex.testkit.Covers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
    @Test
    @Covers("SJ-FRM-1")
    void framesStandAsTheVectorsHaveThem() {
        assertThat(Frames.messages(List.of("message"))).isEqualTo("a[\"message\"]");
        assertThat(Frames.messages(List.of("x", "y"))).isEqualTo("a[\"x\",\"y\"]");
        assertThat(Frames.messages(List.of("\u0000\n\r \u2028"))).isEqualTo("a[\"\\u0000\\n\\r \\u2028\"]");
        assertThat(Frames.close(new CloseStatus(3000, "Go away!"))).isEqualTo("c[3000,\"Go away!\"]");
    }

    @Test
    @Covers("SJ-JSON-1")
    void whatBrowsersChangeIsEscaped() {
        for (int c = 0; c <= 0xFFFF; c++) {
            boolean must = c < 0x20
                    || c >= 0x200C && c <= 0x200F
                    || c >= 0x2028 && c <= 0x202F
                    || c >= 0x2060 && c <= 0x206F
                    || c >= 0xFFF0
                    || Character.isSurrogate((char) c);
            StringBuilder quoted = new StringBuilder();
            Frames.quote(String.valueOf((char) c), quoted);
            if (must) {
                assertThat(quoted.charAt(1)).as("%04x", c).isEqualTo('\\');
            }
            assertThat(Frames.read("[" + quoted + "]", false)).as("%04x", c).containsExactly(String.valueOf((char) c));
        }
        StringBuilder pair = new StringBuilder();
        Frames.quote("😀", pair);
        assertThat(pair).hasToString("\"😀\"");
    }

    @ParameterizedTest
    @Covers({"SJ-XHR-2", "SJ-XHR-4", "SJ-JSON-2"})
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[\"a\"] | a",
                "[\"a\",\"b\"] | a;b",
                " [ \"a\" , \"b\" ] | a;b",
                "[\"\\u0041\\n\\/\"] | A\\n/",
                "[\"\\ud83d\\ude00\"] | 😀",
            })
    void arraysOfStringsAreRead(String json, String texts) {
        assertThat(Frames.read(json, false))
                .containsExactly(texts.replace("\\n", "\n").split(";"));
    }

    @ParameterizedTest
    @Covers("SJ-XHR-3")
    @ValueSource(
            strings = {
                "",
                "[\"x",
                "[\"x\"",
                "\"x\"",
                "[1]",
                "[\"x\",]",
                "[,\"x\"]",
                "[\"x\"]y",
                "[\"\\x\"]",
                "[\"\\u00g0\"]",
                "[\"\\u٠٠٠٠\"]",
                "[\"\\u00",
                "[\"\\",
                "[\"\n\"]",
                "{}",
                "null",
                "[[\"x\"]]"
            })
    void whatIsNoArrayOfStringsIsBroken(String json) {
        assertThat(Frames.read(json, false)).isNull();
    }

    @Test
    @Covers("SJ-WS-1")
    void aWebSocketMayBringOneString() {
        assertThat(Frames.read("\"x\"", true)).containsExactly("x");
        assertThat(Frames.read("[]", true)).isEmpty();
        assertThat(Frames.read("\"x", true)).isNull();
    }

    @Test
    @Covers({"SJ-XHR-1", "SJ-XHS-1", "SJ-ES-1", "SJ-HTML-1", "SJ-JSONP-1"})
    void framesAreWrappedAsTheirTransportWantsIt() {
        assertThat(text(Wire.XHR, "a[\"x\"]")).isEqualTo("a[\"x\"]\n");
        assertThat(Wire.XHR_STREAMING.prelude()).isEqualTo("h".repeat(2048) + "\n");
        assertThat(text(Wire.XHR_STREAMING, "o")).isEqualTo("o\n");
        assertThat(Wire.EVENTSOURCE.contentType()).isEqualTo("text/event-stream");
        assertThat(Wire.EVENTSOURCE.prelude()).isEqualTo("\r\n");
        assertThat(text(Wire.EVENTSOURCE, "a[\"x\"]")).isEqualTo("data: a[\"x\"]\r\n\r\n");
        assertThat(text(Wire.htmlfile("cb"), "a[\"x\"]")).isEqualTo("<script>\np(\"a[\\\"x\\\"]\");\n</script>\r\n");
        assertThat(Wire.htmlfile("cb").prelude()).contains("parent.cb;").hasSizeGreaterThan(1024);
        assertThat(text(Wire.jsonp("callback"), "o")).isEqualTo("/**/callback(\"o\");\r\n");
        assertThat(text(Wire.jsonp("x"), "a[\"x\"]")).isEqualTo("/**/x(\"a[\\\"x\\\"]\");\r\n");
    }

    @Test
    @Covers("SEC-1")
    void aMessageDoesNotLeaveItsScript() {
        assertThat(text(Wire.htmlfile("cb"), Frames.messages(List.of("</script><script>alert(1)</script>"))))
                .contains("<\\/script>")
                .satisfies(page -> assertThat(page.indexOf("</script>")).isEqualTo(page.length() - 11));
        assertThat(Wire.isCallback("a.b-c_D1")).isTrue();
        assertThat(Wire.isCallback("alert(1)")).isFalse();
        assertThat(Wire.isCallback("")).isFalse();
    }

    private static String text(Wire wire, String frame) {
        return new String(wire.frame(frame), StandardCharsets.UTF_8);
    }
}
