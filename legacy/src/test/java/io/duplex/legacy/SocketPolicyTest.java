package io.duplex.legacy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import io.duplex.testkit.Covers;
import io.duplex.testkit.Hex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocketPolicyTest {
    private final SocketPolicy policy =
            SocketPolicy.builder().allow("chat.example", "8080,9000-9010").build();

    private static JsonNode vector(String id) {
        return Vectors.read("flash")
                .filter(vector -> vector.required("id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @Covers({"FLASH-1", "FLASH-2"})
    void requestAndAnswerAreThoseOfTheVector() {
        JsonNode vector = vector("FLASH-1");
        assertThat(policy.request())
                .hasSize(vector.required("length").asInt())
                .isEqualTo(Hex.parse(vector.required("request").asText()).array());
        String answer = vector.required("response_template")
                .asText()
                .replace("{domain}", "chat.example")
                .replace("{ports}", "8080,9000-9010")
                .replace("\\0", "\0");
        assertThat(new String(policy.answer(), US_ASCII)).isEqualTo(answer);
    }

    @Test
    @Covers("FLASH-4")
    void aPartOfTheRequestMayBecomeOneAndHttpMayNot() {
        assertThat(policy.isBegunBy(
                        Hex.parse(vector("FLASH-2").required("request").asText())))
                .isTrue();
        assertThat(policy.isBegunBy(
                        Hex.parse(vector("FLASH-3").required("request").asText())))
                .isFalse();
    }

    @Test
    void severalDomainsAreGrantedInOrder() {
        SocketPolicy both = SocketPolicy.builder()
                .allow("a.example", "8080")
                .allow("*.b.example", "*")
                .build();
        assertThat(new String(both.answer(), US_ASCII))
                .contains("<allow-access-from domain=\"a.example\" to-ports=\"8080\"/>"
                        + "<allow-access-from domain=\"*.b.example\" to-ports=\"*\"/>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "1023", "8080,", "8080-", "-8080", "9000-8000", "65536", "80 80", "8080\"", "0"})
    @Covers("FLASH-3")
    void whatIsNoPortForThisServerIsRefused(String ports) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketPolicy.builder().allow("chat.example", ports));
    }

    @Test
    @Covers("FLASH-3")
    void aPolicyFromASystemPortMayGrantSystemPorts() {
        SocketPolicy system = SocketPolicy.builder()
                .servedFromSystemPort()
                .allow("chat.example", "80,443")
                .build();
        assertThat(new String(system.answer(), US_ASCII)).contains("to-ports=\"80,443\"");
    }

    @ParameterizedTest
    @CsvSource({"''", "chat example", "chat\"", "**", "*chat", ".example", "http://chat.example"})
    void whatIsNoDomainIsRefused(String domain) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketPolicy.builder().allow(domain, "8080"));
    }

    @Test
    @Covers("FLASH-5")
    void nothingIsGrantedUnlessItIsSaid() {
        SocketPolicy.Builder empty = SocketPolicy.builder();
        assertThatIllegalStateException().isThrownBy(empty::build);
    }
}
