package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Vectors;
import io.duplex.testkit.Covers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Covers("WS-4.3-5")
class ExtensionHeaderTest {
    static Stream<Arguments> grammarVectors() {
        return Vectors.read("headers.json", "extension_grammar")
                .map(vector -> Arguments.of(vector.required("id").asText(), vector));
    }

    @Covers({"WS-4.3-1", "WS-4.3-2", "WS-4.3-5", "WS-9.1-1", "WS-9.1-3", "WS-9.1-4"})
    @ParameterizedTest(name = "{0}")
    @MethodSource("grammarVectors")
    void readsWhatTheGrammarAllowsAndNothingElse(String id, JsonNode vector) {
        List<String> lines = Texts.list(vector.required("lines"));
        JsonNode parsed = vector.required("parsed");
        if (parsed.isNull()) {
            assertThatIllegalArgumentException().isThrownBy(() -> ExtensionHeader.parse(lines));
        } else {
            assertThat(ExtensionHeader.parse(lines)).isEqualTo(elements(parsed));
        }
    }

    private static List<ExtensionElement> elements(JsonNode parsed) {
        List<ExtensionElement> elements = new ArrayList<>();
        for (JsonNode element : parsed) {
            List<ExtensionElement.Parameter> parameters = new ArrayList<>();
            for (JsonNode parameter : element.get(1)) {
                String value =
                        parameter.get(1).isNull() ? null : parameter.get(1).asText();
                parameters.add(new ExtensionElement.Parameter(parameter.get(0).asText(), value));
            }
            elements.add(new ExtensionElement(element.get(0).asText(), parameters));
        }
        return elements;
    }

    @Test
    void anAbsentFieldNamesNoExtension() {
        assertThat(ExtensionHeader.parse(List.of())).isEmpty();
    }

    @Test
    @Covers("WS-4.3-1")
    void aLineMayBeEmptyIfAnotherIsNot() {
        assertThat(ExtensionHeader.parse(List.of("", "foo", " , ")))
                .extracting(ExtensionElement::name)
                .containsExactly("foo");
    }

    @Test
    @Covers("WS-4.3-1")
    void manyElementsAreReadInOrderWithTabsAndSpacesAnywhere() {
        assertThat(ExtensionHeader.parse(List.of("\t,a ;\tb\t= \"c\"\t; d =e,\t, f")))
                .containsExactly(
                        new ExtensionElement(
                                "a",
                                List.of(
                                        new ExtensionElement.Parameter("b", "c"),
                                        new ExtensionElement.Parameter("d", "e"))),
                        new ExtensionElement("f", List.of()));
    }

    @ParameterizedTest
    @Covers({"WS-4.3-2", "WS-9.1-1"})
    @ValueSource(
            strings = {
                "fo\u007fo",
                "f\u0000",
                "\u00e9",
                "a\u2028",
                "a\n",
                "a\r\n b",
                "a;b=\"\\",
                "a;b=\"\\ \"",
                "a;b=\"c\\\""
            })
    void charactersOutsideTheTokenSetBreakTheGrammar(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> ExtensionHeader.parse(List.of(value)));
    }

    @Test
    void theFaultIsLocatedWithoutTheWordsOfThePeer() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExtensionHeader.parse(List.of("foo", "bar; <script>")))
                .withMessage("Sec-WebSocket-Extensions line 2, index 5: expected a token");
    }

    @Test
    void aMebibyteTakesLinearTime() {
        String separators = ",;".repeat(1 << 19);
        String quotes = "a;b=\"" + "\\c".repeat(1 << 19) + "\"";
        String spaces = "a" + " ".repeat(1 << 20) + "b";
        Assertions.assertTimeout(Duration.ofSeconds(5), () -> {
            assertThatIllegalArgumentException().isThrownBy(() -> ExtensionHeader.parse(List.of(separators)));
            assertThatIllegalArgumentException().isThrownBy(() -> ExtensionHeader.parse(List.of(spaces)));
            assertThat(ExtensionHeader.parse(List.of(quotes))).hasSize(1);
            assertThat(ExtensionHeader.parse(List.of("a,".repeat(1 << 19)))).hasSize(1 << 19);
        });
    }
}
