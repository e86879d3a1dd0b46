package io.duplex.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {
    @Test
    void membersAreStringsNumbersWordsAndLists() {
        assertThat(JsonReader.parse(
                        " { \"a\" : \"x\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20aC\" , \"b\":12,\"c\":true,\"d\":false,\"e\":null,"
                                + "\"f\":[\"y\", 3 ,null],\"g\":[ ] } "))
                .containsEntry("a", "x\"\\/\b\f\n\r\t\u20ac")
                .containsEntry("b", 12L)
                .containsEntry("c", true)
                .containsEntry("d", false)
                .containsEntry("e", null)
                .containsEntry("f", Arrays.asList("y", 3L, null))
                .containsEntry("g", List.of());
        assertThat(JsonReader.parse("{}")).isEmpty();
    }

    @Test
    void numbersThatNoMemberHasAreNull() {
        assertThat(JsonReader.parse("{\"a\":-1,\"b\":1.5,\"c\":1e9,\"d\":12345678901234567}"))
                .containsEntry("a", null)
                .containsEntry("b", null)
                .containsEntry("c", null)
                .containsEntry("d", null);
    }

    @Test
    void objectsAndListsMayStandInEachOther() {
        assertThat(JsonReader.parse("{\"a\":{\"b\":[[],{\"c\":1},{}],\"d\":2},\"e\":3}"))
                .containsEntry("a", Map.of("b", List.of(List.of(), Map.of("c", 1L), Map.of()), "d", 2L))
                .containsEntry("e", 3L);
    }

    @Test
    void thereIsABoundToTheirDepth() {
        String inside = "[".repeat(31) + "]".repeat(31);
        assertThat(JsonReader.parse("{\"a\":" + inside + ",\"b\":" + inside + "}"))
                .hasSize(2);
        assertThatThrownBy(() -> JsonReader.parse("{\"a\":[" + inside + "]}"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> JsonReader.parse("{\"a\":".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1}x",
                "{\"a\":1,\"a\":2}",
                "{\"a\":{]}",
                "{\"a\":[}",
                "{\"a\":[1",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"",
                "{\"a\":nul}",
                "<html>"
            })
    void allElseIsRefused(String text) {
        assertThatThrownBy(() -> JsonReader.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
