package io.duplex.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** The tables of requirements, which stand beside this class as resources. Immutable and thread-safe. */
final class Requirements {
    private static final String HEADING = "== ";

    private Requirements() {}

    /** The requirements of one standard, in its order. */
    static List<Requirement> of(String standard) throws IOException {
        List<Requirement> requirements = new ArrayList<>();
        String section = "";
        for (String line : lines(standard)) {
            if (line.startsWith(HEADING)) {
                section = line.substring(HEADING.length());
            } else {
                String[] cells = cells(line, 4);
                requirements.add(new Requirement(cells[0], section, cells[1], cells[2], cells[3]));
            }
        }
        return requirements;
    }

    /** The ids of all tables, also of the standards that have no report. */
    static Set<String> knownIds(List<Requirement> reported) throws IOException {
        Set<String> ids = new HashSet<>(lines("other-ids"));
        reported.forEach(requirement -> ids.add(requirement.id()));
        return ids;
    }

    /** What we do not do, by id, with the reason. */
    static Map<String, String> unmet() throws IOException {
        Map<String, String> reasons = new TreeMap<>();
        for (String line : lines("unmet")) {
            String[] cells = cells(line, 2);
            reasons.put(cells[0], cells[1]);
        }
        return reasons;
    }

    private static String[] cells(String line, int count) {
        String[] cells = line.split(" \\| ", count);
        if (cells.length != count) {
            throw new IllegalArgumentException("'" + line + "' has " + cells.length + " cells, needs " + count);
        }
        return cells;
    }

    private static List<String> lines(String resource) throws IOException {
        try (var reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Requirements.class.getResourceAsStream(resource), resource),
                StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }
}
