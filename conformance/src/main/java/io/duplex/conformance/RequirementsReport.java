package io.duplex.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * Writes which tests show which requirements of RFC 6455, RFC 7692, the WebSockets Standard, sessions over HTTP and the handshakes of
 * old. The same sources give the same text. It fails if a test names an unknown requirement.
 */
public final class RequirementsReport {
    /** The tables by the name of their standard, in the order of the report. */
    private static final Map<String, String> TABLES = tables();

    private final Coverage coverage;
    private final Map<String, String> unmet;
    private final StringBuilder text = new StringBuilder();

    private RequirementsReport(Coverage coverage, Map<String, String> unmet) {
        this.coverage = coverage;
        this.unmet = unmet;
    }

    private static Map<String, String> tables() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("RFC 6455", "rfc6455");
        tables.put("RFC 7692", "rfc7692");
        tables.put("WebSockets Standard", "whatwg");
        tables.put("Sessions over HTTP", "polling");
        tables.put("Handshakes of old", "legacy");
        return tables;
    }

    /**
     * Writes the report.
     *
     * @param args the root of the project, the file to write, and the modules whose tests count
     * @throws IllegalStateException if the tests and the tables do not agree
     */
    public static void main(String[] args) throws IOException {
        Path root = Path.of(args[0]);
        List<String> modules = List.of(args).subList(2, args.length);
        if (!Coverage.isComplete(root, modules)) {
            System.out.println(args[1] + " is left as it is: not all of " + modules + " have run their tests");
            return;
        }
        Coverage coverage = Coverage.read(root, modules);
        RequirementsReport report = new RequirementsReport(coverage, Requirements.unmet());
        Map<String, List<Requirement>> standards = new LinkedHashMap<>();
        List<Requirement> all = new ArrayList<>();
        for (Map.Entry<String, String> table : TABLES.entrySet()) {
            List<Requirement> requirements = Requirements.of(table.getValue());
            standards.put(table.getKey(), requirements);
            all.addAll(requirements);
        }
        Files.writeString(root.resolve(args[1]), report.render(standards));
        List<String> faults = report.faults(Requirements.knownIds(all));
        if (!faults.isEmpty()) {
            throw new IllegalStateException("requirements and tests do not agree:\n" + String.join("\n", faults));
        }
    }

    private List<String> faults(Set<String> known) {
        List<String> faults = new ArrayList<>();
        for (String id : coverage.ids()) {
            if (!known.contains(id)) {
                faults.add(id + " is named by " + coverage.tests(id).keySet() + " but stands in no table");
            }
        }
        for (String id : unmet.keySet()) {
            if (!known.contains(id)) {
                faults.add(id + " is listed as unmet but stands in no table");
            } else if (coverage.shows(id)) {
                faults.add(id + " is listed as unmet but shown by "
                        + coverage.tests(id).keySet());
            }
        }
        return faults;
    }

    private String render(Map<String, List<Requirement>> standards) {
        text.append("""
                # Conformance

                Every requirement of RFC 6455 (WebSocket), RFC 7692 (permessage-deflate), the WHATWG WebSockets Standard (the
                `WebSocket` interface), of sessions over HTTP (RFC 6202, server-sent events, SockJS, Engine.IO) and of the handshakes
                before RFC 6455, and the tests that show it. The build writes this page from the tests' `@Covers` annotations: do
                not edit it.

                Levels are the standards' own words, BP the best practice of RFC 6202; POLICY is what Duplex decided where a
                standard leaves the choice; NOTE is an example. Roles: C client, S server, B both. Tests are named by package below `io.duplex`, class and method.

                """);
        summary(standards);
        standards.forEach(this::table);
        return text.toString();
    }

    private void summary(Map<String, List<Requirement>> standards) {
        text.append("| | requirements | shown by tests | explained | open |\n|---|---|---|---|---|\n");
        standards.forEach((standard, requirements) -> {
            for (String level : List.of("MUST", "SHOULD", "MAY", "BP", "POLICY", "NOTE")) {
                if (requirements.stream().anyMatch(one -> one.level().startsWith(level))) {
                    summarize(standard, level, requirements);
                }
            }
        });
    }

    /** MUST counts MUST NOT as well, and so on. */
    private void summarize(String standard, String level, List<Requirement> requirements) {
        List<Requirement> ofLevel = requirements.stream()
                .filter(one -> one.level().startsWith(level))
                .toList();
        long shown = ofLevel.stream().filter(one -> coverage.shows(one.id())).count();
        long explained = ofLevel.stream()
                .filter(one -> !coverage.shows(one.id()) && unmet.containsKey(one.id()))
                .count();
        row(
                standard + " " + level,
                String.valueOf(ofLevel.size()),
                String.valueOf(shown),
                String.valueOf(explained),
                String.valueOf(ofLevel.size() - shown - explained));
    }

    private void table(String standard, List<Requirement> requirements) {
        text.append("\n## ").append(standard).append('\n');
        String section = "";
        for (Requirement requirement : requirements) {
            if (!requirement.section().equals(section)) {
                section = requirement.section();
                text.append("\n### ").append(section).append("\n\n");
                text.append("| id | level | role | requirement | shown by |\n|---|---|---|---|---|\n");
            }
            row(requirement.id(), requirement.level(), requirement.role(), requirement.text(), evidence(requirement));
        }
    }

    private String evidence(Requirement requirement) {
        if (unmet.containsKey(requirement.id())) {
            return "*" + unmet.get(requirement.id()) + "*";
        }
        if (!coverage.shows(requirement.id())) {
            return requirement.isBinding() ? "**open**" : "";
        }
        StringBuilder evidence = new StringBuilder();
        for (Map.Entry<String, SortedSet<String>> type :
                coverage.tests(requirement.id()).entrySet()) {
            evidence.append(evidence.isEmpty() ? "" : "; ")
                    .append('`')
                    .append(type.getKey())
                    .append('`');
            if (!type.getValue().isEmpty()) {
                evidence.append(": ").append(String.join(", ", type.getValue()));
            }
        }
        return evidence.toString();
    }

    private void row(String... cells) {
        for (String cell : cells) {
            text.append("| ").append(cell).append(' ');
        }
        text.append("|\n");
    }
}
