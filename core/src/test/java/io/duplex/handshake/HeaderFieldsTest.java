package io.duplex.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Vectors;
import io.duplex.testkit.Covers;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderFieldsTest {
    private final HeaderFields fields = HeaderFields.builder()
            .add("A", "1")
            .add("b", " 2\t")
            .add("a", "3")
            .add("C", "")
            .build();

    @Test
    @Covers("WS-4.1-R8")
    void namesAreComparedWithoutCase() {
        assertThat(fields.first("a")).isEqualTo("1");
        assertThat(fields.first("B")).isEqualTo("2");
        assertThat(fields.first("c")).isEmpty();
        assertThat(fields.first("d")).isNull();
        assertThat(fields.all("A")).containsExactly("1", "3");
        assertThat(fields.all("D")).isEmpty();
        assertThat(fields.only("A")).isNull();
        assertThat(fields.only("B")).isEqualTo("2");
        assertThat(fields.only("D")).isNull();
        assertThat(fields.contains("c")).isTrue();
        assertThat(fields.contains("d")).isFalse();
    }

    @Test
    @Covers("WS-2-1")
    void onlyAsciiLettersHaveCase() {
        // U+212A and U+017F become k and s by Unicode; a caret and a tilde differ in the bit that is the case of
        // letters.
        assertThat(Grammar.equalsIgnoreCase("websocket", "webso\u212aet")).isFalse();
        assertThat(Grammar.equalsIgnoreCase("websocket", "web\u017focket")).isFalse();
        assertThat(Grammar.equalsIgnoreCase("a^", "a~")).isFalse();
        assertThat(Grammar.equalsIgnoreCase("@[", "`{")).isFalse();
        assertThat(Grammar.equalsIgnoreCase("\u00c9", "\u00e9")).isFalse();
        assertThat(Grammar.equalsIgnoreCase("azAZ", "AZaz")).isTrue();
        assertThat(Grammar.toLowerCase("azAZ@[\u00c9")).isEqualTo("azaz@[\u00c9");
    }

    @Test
    void linesKeepTheirOrder() {
        assertThat(fields.size()).isEqualTo(4);
        assertThat(fields.name(2)).isEqualTo("a");
        assertThat(fields.value(2)).isEqualTo("3");
        assertThatThrownBy(() -> fields.name(4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> fields.value(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void aMapHasLowerCaseNames() {
        assertThat(fields.toMap()).hasToString("{a=[1, 3], b=[2], c=[]}").containsOnlyKeys("a", "b", "c");
        assertThatThrownBy(() -> fields.toMap().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void equalFieldsHaveEqualLines() {
        HeaderFields same = HeaderFields.builder().addAll(fields).build();
        assertThat(same).isEqualTo(fields).hasSameHashCodeAs(fields);
        assertThat(HeaderFields.builder().add("x", "1").build())
                .isEqualTo(HeaderFields.builder().add("X", "1").build())
                .isNotEqualTo(HeaderFields.builder().add("x", "2").build())
                .isNotEqualTo(HeaderFields.builder().add("y", "1").build())
                .isNotEqualTo(HeaderFields.EMPTY)
                .isNotEqualTo("x");
    }

    @Test
    void valuesStayOutOfLogs() {
        assertThat(HeaderFields.builder().add("Cookie", "secret").add("A", "b").build())
                .hasToString("[Cookie, A]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:", "a\r\n", "\u00e9"})
    void aNameMustBeAToken(String name) {
        assertThatThrownBy(() -> HeaderFields.builder().add(name, "v"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\rb", "a\0b", "\u007f", "\u20ac"})
    @Covers("WS-4.1-Q12a")
    void aValueMustNotEndItsLine(String value) {
        assertThatThrownBy(() -> HeaderFields.builder().add("a", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("field a")
                .hasMessageNotContaining(value);
    }

    @Nested
    @Covers({"WS-4.3-1", "WS-4.3-2"})
    class Tokens {
        static Stream<JsonNode> vectors() {
            return Vectors.read("headers.json", "tokens");
        }

        /** As the bytes of a head, in UTF-8: so non-ASCII characters would come, if at all. */
        private static HeaderFields decoded(JsonNode vector) {
            String field = vector.get("field").textValue();
            StringBuilder raw = new StringBuilder("GET / HTTP/1.1\r\n");
            vector.get("lines")
                    .forEach(line -> raw.append(field)
                            .append(':')
                            .append(line.textValue())
                            .append("\r\n"));
            return Heads.decodeRequest(raw.append("\r\n").toString()).fields();
        }

        @ParameterizedTest
        @MethodSource("vectors")
        @Covers({"WS-4.2.1-3", "WS-4.2.1-4", "WS-2-1"})
        void aListHasATokenOrNot(JsonNode vector) {
            String field = vector.get("field").textValue();
            String token = field.equals("Upgrade") ? "websocket" : "upgrade";
            // TOK-U11 is a list that a request may hold. TOK-U12 by policy: the token has no version.
            boolean expected = vector.get("match").isBoolean()
                    ? vector.get("match").booleanValue()
                    : vector.get("id").textValue().equals("TOK-U11");
            HeaderFields fields = decoded(vector);
            assertThat(fields.hasToken(field, token)).isEqualTo(expected);
            if (vector.has("tokens")) {
                assertThat(fields.tokens(field)).hasToString("[" + join(vector.get("tokens")) + "]");
            }
        }

        private static String join(JsonNode texts) {
            StringBuilder joined = new StringBuilder();
            texts.forEach(text -> joined.append(joined.isEmpty() ? "" : ", ").append(text.textValue()));
            return joined.toString();
        }

        @Test
        void anAbsentFieldHasNoTokens() {
            assertThat(HeaderFields.EMPTY.tokens("a")).isEmpty();
            assertThat(HeaderFields.EMPTY.hasToken("a", "b")).isFalse();
        }

        @Test
        void elementsOnSeveralLinesAreOneList() {
            HeaderFields fields = HeaderFields.builder()
                    .add("a", "x,, y ,")
                    .add("b", "-")
                    .add("A", "\tz")
                    .build();
            assertThat(fields.tokens("a")).isEqualTo(List.of("x", "y", "z"));
            assertThat(fields.hasToken("a", "Z")).isTrue();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", ",", " , ,", "a b", "a, b;c", "\u00e9"})
        void aListOfAnythingElseHasNoTokens(String value) {
            assertThat(HeaderFields.builder().add("a", value).build().tokens("a"))
                    .isNull();
        }
    }
}
