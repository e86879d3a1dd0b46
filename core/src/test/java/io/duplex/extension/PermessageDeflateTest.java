package io.duplex.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.Vectors;
import io.duplex.testkit.Covers;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermessageDeflateTest {
    /** Takes over whatever the peer lets it, and any window. */
    private static final PermessageDeflate FULL = PermessageDeflate.builder()
            .serverNoContextTakeover(false)
            .clientNoContextTakeover(false)
            .build();

    private static final PermessageDeflate STRICT =
            PermessageDeflate.builder().clientNoContextTakeover(true).build();

    private static DeflateParameters accept(PermessageDeflate options, String... offers) {
        return options.accept(ExtensionHeader.parse(List.of(offers)));
    }

    private static DeflateParameters agree(PermessageDeflate options, String response) {
        return options.agree(ExtensionHeader.parse(List.of(response)));
    }

    @Nested
    class AServerAccepts { // RFC 7692 §5, §7.1
        /** The profiles of the vectors that Duplex has; "nowin" is for servers that cannot limit their window. */
        private static final Map<String, PermessageDeflate> PROFILES =
                Map.of("full", FULL, "strict", STRICT, "off", PermessageDeflate.DISABLED);

        static Stream<Arguments> vectors() {
            return Vectors.read("extensions.json", "negotiation")
                    .flatMap(vector -> PROFILES.keySet().stream()
                            .filter(profile -> vector.required("expect").has(profile))
                            .map(profile -> Arguments.of(vector.required("id").asText(), profile, vector)));
        }

        @Covers({
            "PMD-5-2",
            "PMD-5-3",
            "PMD-5-4",
            "PMD-5-5",
            "PMD-5-6",
            "PMD-5-7",
            "PMD-5-12",
            "PMD-7-1",
            "PMD-7.1.1.1-3",
            "PMD-7.1.1.1-4",
            "PMD-7.1.1.2-2",
            "PMD-7.1.2-1",
            "PMD-7.1.2.1-4",
            "PMD-7.1.2.2-1",
            "PMD-7.1.2.2-4",
            "WS-9-2",
            "WS-9-3",
            "WS-9.1-1",
            "WS-9.1-2",
            "WS-9.1-3",
            "WS-9.1-4",
            "WS-9.1-6",
            "WS-9.1-7",
            "WS-4.2.2-4i"
        })
        @ParameterizedTest(name = "{0} {1}")
        @MethodSource("vectors")
        void asTheVectorsSay(String id, String profile, JsonNode vector) {
            List<String> offer = Texts.list(vector.required("offer"));
            JsonNode expected = vector.required("expect").required(profile);
            if (expected.path("malformed").asBoolean()) {
                assertThatIllegalArgumentException().isThrownBy(() -> ExtensionHeader.parse(offer));
                return;
            }
            DeflateParameters agreed = PROFILES.get(profile).accept(ExtensionHeader.parse(offer));
            if (!expected.path("accepted").asBoolean()) { // also "accept-or-decline": names are compared exactly
                assertThat(agreed).isNull();
                return;
            }
            assertThat(agreed).isNotNull();
            assertMatches(expected, "server_no_context_takeover", agreed.serverNoContextTakeover());
            assertMatches(expected, "client_no_context_takeover", agreed.clientNoContextTakeover());
            assertMatches(expected, "server_max_window_bits", agreed.serverMaxWindowBits());
            assertMatches(expected, "client_max_window_bits", agreed.clientMaxWindowBits());
            assertShows(agreed, offer);
        }

        private static void assertMatches(JsonNode expected, String parameter, boolean actual) {
            if (!expected.required(parameter).asText().equals("any")) {
                assertThat(actual)
                        .as(parameter)
                        .isEqualTo(expected.required(parameter).booleanValue());
            }
        }

        private static void assertMatches(JsonNode expected, String parameter, int actual) {
            JsonNode constraint = expected.required(parameter);
            if (constraint.isInt()) {
                assertThat(actual).as(parameter).isEqualTo(constraint.intValue());
            } else if (constraint.asText().endsWith("or absent")) {
                assertThat(actual).as(parameter).isEqualTo(15); // silence: we take any window
            } else {
                assertThat(actual)
                        .as(parameter)
                        .isBetween(8, Integer.parseInt(constraint.asText().substring(2)));
            }
        }

        /** What the response tells is what was agreed, and server_max_window_bits is told to who asked. */
        private static void assertShows(DeflateParameters agreed, List<String> offer) {
            String response = agreed.toResponse();
            assertThat(response.contains("server_no_context_takeover")).isEqualTo(agreed.serverNoContextTakeover());
            assertThat(response.contains("client_no_context_takeover")).isEqualTo(agreed.clientNoContextTakeover());
            if (offer.get(0).matches("[^,]*server_max_window_bits=\\d+(;[^,]*)?")) {
                assertThat(response).contains("server_max_window_bits=" + agreed.serverMaxWindowBits());
            }
            assertThat(response).doesNotContain("client_max_window_bits");
        }

        @Test
        @Covers("PMD-5-6")
        void withoutContextTakeoverByDefault() {
            assertThat(accept(PermessageDeflate.DEFAULT, "permessage-deflate").toResponse())
                    .isEqualTo("permessage-deflate; server_no_context_takeover");
        }

        @Test
        @Covers("PMD-7.1.1.2-3")
        void withADemandThatWasNotOffered() {
            PermessageDeflate demanding =
                    PermessageDeflate.builder().clientNoContextTakeover(true).build();
            assertThat(accept(demanding, "permessage-deflate").toResponse())
                    .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
        }

        @Test
        @Covers("PMD-7.1.1.2-2")
        void aHintOfNoContextTakeoverWithTheParameter() {
            assertThat(accept(FULL, "permessage-deflate; client_no_context_takeover")
                            .toResponse())
                    .isEqualTo("permessage-deflate; client_no_context_takeover");
        }

        @Test
        @Covers("PMD-7.1.2.1-4")
        void aRequestForTheWholeWindowByNamingIt() {
            assertThat(accept(FULL, "permessage-deflate; server_max_window_bits=15")
                            .toResponse())
                    .isEqualTo("permessage-deflate; server_max_window_bits=15");
        }

        @ParameterizedTest
        @Covers({"PMD-7.1.2.1-4", "PMD-7.1.2.1-5", "PMD-7.1.2.2-4", "PMD-7.1.2.2-5", "PMD-7.1.2.2-6"})
        @CsvSource(textBlock = """
            permessage-deflate,                                                    permessage-deflate; server_max_window_bits=12
            permessage-deflate; server_max_window_bits=13,                         permessage-deflate; server_max_window_bits=12
            permessage-deflate; server_max_window_bits=9,                          permessage-deflate; server_max_window_bits=9
            permessage-deflate; client_max_window_bits,                            permessage-deflate; server_max_window_bits=12; client_max_window_bits=11
            permessage-deflate; client_max_window_bits=12,                         permessage-deflate; server_max_window_bits=12; client_max_window_bits=11
            permessage-deflate; client_max_window_bits=8; server_max_window_bits=8, permessage-deflate; server_max_window_bits=8; client_max_window_bits=8
            """)
        void theSmallerOfTheTwoSidesWindows(String offer, String response) {
            PermessageDeflate options = PermessageDeflate.builder()
                    .serverNoContextTakeover(false)
                    .clientNoContextTakeover(false)
                    .serverMaxWindowBits(12)
                    .clientMaxWindowBits(11)
                    .build();
            assertThat(accept(options, offer).toResponse()).isEqualTo(response);
        }
    }

    @Nested
    class AClient { // RFC 7692 §5, §7.1
        static Stream<Arguments> vectors() {
            return Vectors.read("extensions.json", "responses")
                    // A client of ours makes one offer, never a second one to fall back to (RFC 7692 §5: MAY).
                    .filter(vector -> !vector.required("offer").asText().contains(","))
                    .map(vector -> Arguments.of(vector.required("id").asText(), vector));
        }

        @Covers({
            "PMD-5-7",
            "PMD-5-9",
            "PMD-5-13",
            "PMD-5-14",
            "PMD-5.1-1",
            "PMD-7-2",
            "PMD-7.1.1.1-5",
            "PMD-7.1.1.2-5",
            "PMD-7.1.2.1-5",
            "PMD-7.1.2.2-2",
            "PMD-7.1.2.2-3",
            "WS-4.1-R5",
            "WS-9.1-1",
            "WS-9.1-5"
        })
        @ParameterizedTest(name = "{0}")
        @MethodSource("vectors")
        void judgesTheAnswerAsTheVectorsSay(String id, JsonNode vector) {
            PermessageDeflate options = offering(vector.required("offer"));
            JsonNode response = vector.required("response");
            List<String> lines = response.isNull() ? List.of() : List.of(response.asText());
            if (vector.required("outcome").asText().equals("fail")) {
                assertThatIllegalArgumentException().isThrownBy(() -> options.agree(ExtensionHeader.parse(lines)));
                return;
            }
            DeflateParameters agreed = options.agree(ExtensionHeader.parse(lines));
            if (id.equals("EXTR-CW-ABOVE")) { // a hint of 10 stands although the answer allows 12
                assertThat(agreed).isEqualTo(new DeflateParameters(false, false, 15, 10));
            } else if (vector.has("agreed")) {
                JsonNode expected = vector.required("agreed");
                assertThat(agreed)
                        .isEqualTo(new DeflateParameters(
                                expected.required("server_no_context_takeover").booleanValue(),
                                expected.required("client_no_context_takeover").booleanValue(),
                                expected.required("server_max_window_bits").intValue(),
                                expected.required("client_max_window_bits").intValue()));
            } else {
                assertThat(agreed).isNull();
            }
        }

        /** Options whose offer is the one given. */
        private static PermessageDeflate offering(JsonNode offer) {
            if (offer.isNull()) {
                return PermessageDeflate.DISABLED;
            }
            PermessageDeflate.Builder builder = PermessageDeflate.builder()
                    .serverNoContextTakeover(false)
                    .clientNoContextTakeover(false)
                    .offerClientMaxWindowBits(false);
            for (ExtensionElement.Parameter parameter :
                    ExtensionHeader.parse(List.of(offer.asText())).get(0).parameters()) {
                switch (parameter.name()) {
                    case "server_no_context_takeover" -> builder.serverNoContextTakeover(true);
                    case "client_no_context_takeover" -> builder.clientNoContextTakeover(true);
                    case "server_max_window_bits" -> builder.serverMaxWindowBits(Integer.parseInt(parameter.value()));
                    case "client_max_window_bits" -> {
                        builder.offerClientMaxWindowBits(true);
                        if (parameter.value() != null) {
                            builder.clientMaxWindowBits(Integer.parseInt(parameter.value()));
                        }
                    }
                    default -> throw new AssertionError(parameter);
                }
            }
            PermessageDeflate options = builder.build();
            assertThat(options.offer()).isEqualTo(offer.asText());
            return options;
        }

        @Test
        @Covers({"PMD-5-1", "PMD-7-0", "PMD-7.1.1.1-1", "PMD-7.1.1.2-1", "PMD-7.1.2.2-1"})
        void offersNoContextTakeoverAndAnyWindowByDefault() {
            assertThat(PermessageDeflate.DEFAULT.offer())
                    .isEqualTo("permessage-deflate; server_no_context_takeover; client_max_window_bits");
            PermessageDeflate hinting =
                    PermessageDeflate.builder().clientNoContextTakeover(true).build();
            assertThat(hinting.offer())
                    .isEqualTo(
                            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits");
        }

        @Test
        @Covers({"PMD-7.1.2.1-1", "PMD-7.1.2.2-1"})
        void offersTheWindowsItIsToldTo() {
            PermessageDeflate options = PermessageDeflate.builder()
                    .serverNoContextTakeover(false)
                    .clientNoContextTakeover(false)
                    .serverMaxWindowBits(9)
                    .clientMaxWindowBits(8)
                    .build();
            assertThat(options.offer())
                    .isEqualTo("permessage-deflate; server_max_window_bits=9; client_max_window_bits=8");
        }

        @Test
        @Covers({"PMD-7.1.1.2-1", "PMD-7.1.2.2-3"})
        void keepsToItsOwnHintsWhenTheServerIgnoresThem() {
            PermessageDeflate options = PermessageDeflate.builder()
                    .serverNoContextTakeover(false)
                    .clientNoContextTakeover(true)
                    .clientMaxWindowBits(10)
                    .build();
            assertThat(agree(options, "permessage-deflate")).isEqualTo(new DeflateParameters(false, true, 15, 10));
        }

        @Test
        @Covers({"PMD-7.1.1.1-3", "PMD-7.1.2.1-4"})
        void takesWhatItAskedForOrLess() {
            PermessageDeflate options =
                    PermessageDeflate.builder().serverMaxWindowBits(12).build();
            assertThat(agree(options, "permessage-deflate; server_no_context_takeover; server_max_window_bits=11"))
                    .isEqualTo(new DeflateParameters(true, false, 11, 15));
        }

        @Test
        @Covers({"WS-4.1-R5", "PMD-5-9"})
        void refusesASecondExtensionAfterAGoodOne() {
            assertThatIllegalArgumentException().isThrownBy(() -> agree(FULL, "permessage-deflate, x-foo"));
        }

        @Test
        void offersNothingWhenDisabled() {
            assertThat(PermessageDeflate.DISABLED.isEnabled()).isFalse();
            assertThatIllegalStateException().isThrownBy(PermessageDeflate.DISABLED::offer);
        }
    }

    @Nested
    class Options {
        @Test
        @Covers("PMD-7.3-1")
        void haveTheirDefaults() {
            PermessageDeflate options = PermessageDeflate.DEFAULT;
            assertThat(options.isEnabled()).isTrue();
            assertThat(options.level()).isEqualTo(1);
            assertThat(options.thresholdBytes()).isEqualTo(1024);
            assertThat(options.serverNoContextTakeover()).isTrue();
            assertThat(options.clientNoContextTakeover()).isFalse();
            assertThat(options.serverMaxWindowBits()).isEqualTo(15);
            assertThat(options.clientMaxWindowBits()).isEqualTo(15);
            assertThat(options.offersClientMaxWindowBits()).isTrue();
        }

        @Test
        void areKept() {
            PermessageDeflate options =
                    PermessageDeflate.builder().level(9).thresholdBytes(0).build();
            assertThat(options.level()).isEqualTo(9);
            assertThat(options.thresholdBytes()).isZero();
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 10})
        void refuseALevelOutsideOneToNine(int level) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PermessageDeflate.builder().level(level))
                    .withMessage("level is " + level + ", must be 1 to 9");
        }

        @Test
        void refuseANegativeThreshold() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PermessageDeflate.builder().thresholdBytes(-1))
                    .withMessage("thresholdBytes is -1, must not be negative");
        }

        @ParameterizedTest
        @Covers("PMD-7.1.2-1")
        @ValueSource(ints = {7, 16})
        void refuseWindowBitsOutsideEightToFifteen(int bits) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PermessageDeflate.builder().serverMaxWindowBits(bits))
                    .withMessage("serverMaxWindowBits is " + bits + ", must be 8 to 15");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PermessageDeflate.builder().clientMaxWindowBits(bits))
                    .withMessage("clientMaxWindowBits is " + bits + ", must be 8 to 15");
            assertThatIllegalArgumentException().isThrownBy(() -> new DeflateParameters(true, true, bits, 15));
            assertThatIllegalArgumentException().isThrownBy(() -> new DeflateParameters(true, true, 15, bits));
        }
    }
}
