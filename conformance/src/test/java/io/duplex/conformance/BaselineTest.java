package io.duplex.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BaselineTest {
    @TempDir
    private Path folder;

    private Baseline baseline(String line) throws IOException {
        return Baseline.read(Files.writeString(folder.resolve("baseline"), "# comment\n\n" + line + "\n"));
    }

    private static CaseResult result(String id, String verdict) {
        return new CaseResult(id, verdict, verdict, "1000");
    }

    @Test
    void whatIsOkNeedsNoLine() throws IOException {
        assertThat(baseline("").differences(Set.of("1.1.1"), List.of(result("1.1.1", "OK"))))
                .isEmpty();
    }

    @Test
    void whatIsNotOkNeedsItsLine() throws IOException {
        Baseline baseline = baseline("7.1.6 | INFORMATIONAL | INFORMATIONAL | open in the standard");
        List<CaseResult> results = List.of(result("7.1.6", "INFORMATIONAL"));
        assertThat(baseline.differences(Set.of("7.1.6"), results)).isEmpty();
        assertThat(baseline("").differences(Set.of("7.1.6"), results)).hasSize(1);
    }

    @Test
    void aLineThatIsTooPessimisticIsADifference() throws IOException {
        Baseline baseline = baseline("6.4.1 | NON-STRICT | OK | decoded late");
        assertThat(baseline.differences(Set.of("6.4.1"), List.of(result("6.4.1", "OK"))))
                .hasSize(1);
    }

    @Test
    void aCaseWithoutAResultIsADifference() throws IOException {
        assertThat(baseline("").differences(Set.of("1.1.1"), List.of())).containsExactly("1.1.1 has no result");
    }

    @Test
    void everyLineNeedsAReason() {
        assertThatThrownBy(() -> baseline("7.1.6 | INFORMATIONAL | INFORMATIONAL | "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7.1.6");
    }

    @Test
    void casesAreOrderedByNumber() {
        assertThat(CaseId.compare("6.4.2", "6.22.1")).isNegative();
    }
}
