package io.duplex.benchmarks.arena;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.duplex.benchmarks.load.Case;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What has been measured, as kept in a file of JSON, one line an entry. Runs add up: what a new one measures takes the place of
 * older figures of the same server and case, or stands beside them if that is wanted. Confined to one thread.
 */
final class Results {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Run> runs = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();

    /** Nothing yet, if there is no such file. */
    static Results read(Path file) throws IOException {
        Results results = new Results();
        if (Files.exists(file)) {
            JsonNode root = JSON.readTree(file.toFile());
            for (JsonNode run : root.required("runs")) {
                results.runs.add(JSON.treeToValue(run, Run.class));
            }
            for (JsonNode entry : root.required("entries")) {
                results.entries.add(JSON.treeToValue(entry, Entry.class));
            }
        }
        return results;
    }

    void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, "{\"runs\": [" + lines(runs) + "],\n\"entries\": [" + lines(entries) + "]}\n");
    }

    private static String lines(List<?> values) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Object value : values) {
            lines.add("\n" + JSON.writeValueAsString(value));
        }
        return String.join(",", lines);
    }

    /** An id that no run has. */
    int nextRun() {
        return runs.stream().mapToInt(Run::id).max().orElse(0) + 1;
    }

    void begin(Run run) {
        runs.add(run);
    }

    /** @param beside whether older runs' figures of the same server and case are kept */
    void add(Entry entry, boolean beside) {
        if (!beside) {
            entries.removeIf(other -> other.run() != entry.run() && other.isOf(entry.server(), entry.what()));
        }
        entries.add(entry);
        Set<Integer> used = entries.stream().map(Entry::run).collect(Collectors.toSet());
        runs.removeIf(run -> !used.contains(run.id()));
    }

    List<Run> runs() {
        return List.copyOf(runs);
    }

    /** All of one server at one case. */
    List<Entry> of(String server, Case what) {
        return entries.stream().filter(entry -> entry.isOf(server, what)).toList();
    }

    /** The cases that there are figures of: the plan's in its order, then others. */
    List<Case> cases() {
        List<Case> cases = new ArrayList<>(Plan.CASES);
        cases.retainAll(entries.stream().map(Entry::what).toList());
        entries.stream()
                .map(Entry::what)
                .distinct()
                .filter(what -> !cases.contains(what))
                .sorted(Comparator.comparing(Case::id))
                .forEach(cases::add);
        return cases;
    }
}
