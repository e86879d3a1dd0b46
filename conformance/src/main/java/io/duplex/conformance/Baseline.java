package io.duplex.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The cases that are known not to be OK, each with its reason. A file of lines {@code id | behavior | close | reason}; empty
 * lines and those that begin with {@code #} are passed over. Immutable and thread-safe.
 */
final class Baseline {
    private final Map<String, List<String>> verdicts;

    private Baseline(Map<String, List<String>> verdicts) {
        this.verdicts = verdicts;
    }

    /** @throws IllegalArgumentException if a line is of another form, or a reason is missing */
    static Baseline read(Path file) throws IOException {
        Map<String, List<String>> verdicts = new TreeMap<>(CaseId::compare);
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            List<String> parts = List.of(line.split("\\s*\\|\\s*", -1));
            if (parts.size() != 4 || parts.get(3).isBlank()) {
                throw new IllegalArgumentException(file + ": '" + line + "' is not 'id | behavior | close | reason'");
            }
            verdicts.put(parts.get(0), parts.subList(1, 3));
        }
        return new Baseline(verdicts);
    }

    /**
     * Says in which ways results differ; empty if they are as expected.
     *
     * @param expected the ids of all cases that were to run
     */
    List<String> differences(Set<String> expected, Collection<CaseResult> results) {
        List<String> differences = new ArrayList<>();
        Map<String, CaseResult> seen = new TreeMap<>(CaseId::compare);
        results.forEach(result -> seen.put(result.id(), result));
        for (String id : expected) {
            CaseResult result = seen.get(id);
            List<String> verdict = verdicts.getOrDefault(id, List.of("OK", "OK"));
            if (result == null) {
                differences.add(id + " has no result");
            } else if (!verdict.equals(List.of(result.behavior(), result.close()))) {
                differences.add(result + "; the baseline has " + String.join(", close ", verdict));
            }
        }
        return differences;
    }
}
