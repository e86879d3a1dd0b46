package io.duplex.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PercentDecodingTest {
    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "a+b, a+b",
        "a%20b, 'a b'",
        "%c3%A9\u00e9, \u00e9\u00e9",
        "%41%, A%",
        "%4, %4",
        "%4g%g4, %4g%g4",
        "%%41, %A",
    })
    void whatIsNoEscapeStandsForItself(String encoded, String decoded) {
        assertThat(new String(PercentDecoding.decode(encoded), UTF_8)).isEqualTo(decoded);
    }
}
