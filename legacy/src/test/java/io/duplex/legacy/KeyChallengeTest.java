package io.duplex.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class KeyChallengeTest {
    static Stream<JsonNode> keys() {
        return Vectors.read("keys");
    }

    static Stream<JsonNode> wholeBadKeys() {
        return Vectors.read("bad_keys")
                .filter(vector -> !vector.required("key1").isNull()
                        && !vector.required("key2").isNull());
    }

    @ParameterizedTest
    @MethodSource("keys")
    @Covers({"HX76-4", "HX76-5", "HX76-7", "HX76-13"})
    void theNumbersInTheKeysAndTheOctetsAfterThemMakeTheAnswer(JsonNode vector) {
        KeyChallenge challenge = Objects.requireNonNull(KeyChallenge.of(
                vector.required("key1").asText(), vector.required("key2").asText()));
        assertThat(Integer.toUnsignedLong(challenge.part1()))
                .isEqualTo(vector.required("part1").asLong());
        assertThat(Integer.toUnsignedLong(challenge.part2()))
                .isEqualTo(vector.required("part2").asLong());
        byte[] answer =
                challenge.answer(Hex.parse(vector.required("key3").asText()).array());
        assertThat(Hex.format(ByteBuffer.wrap(answer)))
                .isEqualTo(vector.required("response").asText());
    }

    @ParameterizedTest
    @MethodSource("wholeBadKeys")
    @Covers({"HX76-4", "HX76-5", "HX76-6"})
    void aKeyThatHidesNoNumberMakesNoChallenge(JsonNode vector) {
        assertThat(KeyChallenge.of(
                        vector.required("key1").asText(),
                        vector.required("key2").asText()))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"'4294967295 x', true", "'4294967296 x', false", "'99999999999999999999999 x', false", "'0 x', true"})
    @Covers("HX76-4")
    void aNumberHasAtMost32Bits(String key, boolean valid) {
        assertThat(KeyChallenge.of(key, "1 x") != null).isEqualTo(valid);
    }

    @Test
    @Covers("HX76-5")
    void onlySpacesAreCounted() {
        assertThat(KeyChallenge.of("2\t2 x", "1 x")).isEqualTo(new KeyChallenge(22, 1));
    }
}
