package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import io.duplex.benchmarks.load.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes {@code docs/performance.md} and its plots from the results. */
final class Page {
    private static final String NOTHING = "–";

    private final Results results;
    private final StringBuilder text = new StringBuilder();

    private Page(Results results) {
        this.results = results;
    }

    /**
     * Writes the page.
     *
     * @param notes Markdown that stands on the page as it is, below the overview; there may be none
     * @param file the page; its plots go to {@code images} beside it
     */
    static void write(Results results, Path notes, Path file) throws IOException {
        Path images = file.resolveSibling("images");
        Files.createDirectories(images);
        Page page = new Page(results);
        page.head();
        page.overview();
        if (Files.exists(notes)) {
            page.line(Files.readString(notes).strip()).line("");
        }
        page.growth();
        for (Case what : results.cases()) {
            List<Row> rows = page.rows(what);
            if (rows.stream().anyMatch(Row::hasFigures)) {
                page.section(what, rows);
                Files.writeString(images.resolve(plot(what)), page.chart(what, rows));
            }
        }
        Files.writeString(file, page.text);
    }

    private static String plot(Case what) {
        return "arena-" + what.id() + ".svg";
    }

    private Page line(String line) {
        text.append(line).append('\n');
        return this;
    }

    private void head() {
        line("# Performance").line("");
        line("What a message costs: microseconds of CPU time that the server's process used for it, user and system. "
                        + "Written by `benchmarks/run`, which measures it all again: see `benchmarks/run --help`.")
                .line("");
        if (results.runs().stream().anyMatch(Run::quick)) {
            line("**These figures come, in part at least, from a quick run: one process a server, half a second a case. They are "
                            + "rough; differences of less than a third mean nothing.**")
                    .line("");
        }
        line("## How it was measured").line("");
        results.runs().stream()
                .map(run -> "- Machine: " + run.cpu() + ", " + run.cpus() + " CPUs, " + run.system() + "; JDK "
                        + run.jdk() + " with `" + run.jvmOptions() + "`.")
                .distinct()
                .forEach(this::line);
        line("- Every server runs in processes of its own, with the same JVM and options, "
                + (results.runs().stream().allMatch(Run::pinned)
                        ? "kept on one CPU; the load generator is kept on another."
                        : "beside the load generator; CPUs could not be kept apart here.")
                + " Servers take turns, so that a change of the machine's mood meets all of them.");
        line("- A process first gets " + warm()
                + " CPU seconds of mixed load, but for idle connections and cold handshakes; "
                + "then each case runs for " + seconds()
                + " s after a warm-up of its own. Figures are medians over the "
                + "processes, *lowest..highest* their spread. One JVM differs from the next by about 15 %.");
        line(
                "- The generator is ours, on plain NIO: it sends frames that were masked beforehand, checks length and kind of "
                        + "every message and the bytes of one echo in 16 (of compressed ones the first 200), and gives up at the first fault.");
        line(
                "- *foreign* is how many CPUs others used meanwhile: rate and latency mean little where it is above 0.2; the CPU "
                        + "time a message suffers less.");
        line(
                "- `plain-nio` echoes bytes as they come and checks nothing: no correct server can cost much less. Duplex does "
                        + "everything it does by default: UTF-8 checked, limits, time-outs, keepalive.");
        line(
                "- Reactor Netty does not check that text is UTF-8, Vert.x and Helidon replace what is not. Netty, Reactor Netty "
                        + "and Helidon echo frames as they come; the others assemble messages.");
        line(
                "- TLS is BoringSSL's in Duplex, Netty, Reactor Netty and Vert.x, by Netty's native library, and the JDK's in the "
                        + "others.");
        Map<String, String> versions = new TreeMap<>();
        results.runs().forEach(run -> versions.putAll(run.versions()));
        line("- Peers: "
                        + versions.entrySet().stream()
                                .map(entry -> entry.getKey() + " " + entry.getValue())
                                .collect(Collectors.joining(", "))
                        + ".")
                .line("");
        line("| begun | commit | command |").line("|---|---|---|");
        for (Run run : results.runs()) {
            line("| " + run.at().replace("T", " ") + " | " + run.commit() + " | `" + run.command() + "` |");
        }
        line("");
    }

    private String warm() {
        return range(results.runs().stream().map(Run::warmSeconds).toList());
    }

    private String seconds() {
        return range(results.runs().stream().map(Run::seconds).toList());
    }

    private static String range(List<Double> values) {
        return new TreeSet<>(values)
                .stream()
                        .map(value -> value % 1 == 0 ? String.valueOf(value.longValue()) : value.toString())
                        .collect(Collectors.joining(" or "));
    }

    private List<Row> rows(Case what) {
        return Contestant.ALL.stream()
                .map(one -> Row.of(results, one, what))
                .filter(Objects::nonNull)
                .sorted(Comparator.comparingDouble(row -> row.hasFigures() ? row.cost() : Double.MAX_VALUE))
                .toList();
    }

    private static @Nullable Row row(List<Row> rows, String id) {
        return rows.stream()
                .filter(row -> row.contestant().id().equals(id) && row.hasFigures())
                .findFirst()
                .orElse(null);
    }

    private void overview() {
        line("## Overview").line("");
        line("CPU microseconds a message; of idle connections, bytes of resident memory each.")
                .line("");
        line("| | plain NIO | Duplex | Netty's best | best other peer | Duplex / Netty's best |")
                .line("|---|--:|--:|--:|--:|--:|");
        for (Case what : results.cases()) {
            List<Row> good = rows(what).stream().filter(Row::hasFigures).toList();
            Row netty = first(good, "netty-");
            Row duplex = row(good, "duplex");
            Row other = good.stream()
                    .filter(row -> !row.contestant().id().matches("(netty-|duplex|plain-).*"))
                    .findFirst()
                    .orElse(null);
            line("| [" + Words.of(what) + "](#" + what.id() + ") | " + cost(row(good, Contestant.FLOOR)) + " | "
                    + cost(duplex) + " | " + cost(netty)
                    + (netty == null ? "" : " " + netty.contestant().id().substring("netty-".length())) + " | "
                    + cost(other)
                    + (other == null ? "" : " " + other.contestant().title()) + " | "
                    + (duplex == null || netty == null ? NOTHING : Words.ratio(duplex.cost() / netty.cost())) + " |");
        }
        line("");
    }

    private static @Nullable Row first(List<Row> sorted, String prefix) {
        return sorted.stream()
                .filter(row -> row.contestant().id().startsWith(prefix))
                .findFirst()
                .orElse(null);
    }

    private static String cost(@Nullable Row row) {
        return row == null ? NOTHING : Words.figure(row.cost());
    }

    private void growth() {
        growth(
                "Growth: CPU microseconds a message, 128 B, one in flight on each of so many connections",
                Case.Work.ECHO);
        growth("Growth: CPU microseconds a delivery, 128 B, to so many subscribers", Case.Work.FANOUT);
    }

    private void growth(String title, Case.Work work) {
        List<Case> steps = results.cases().stream()
                .filter(what -> what.work() == work && what.bytes() == 128 && !what.tls() && what.connections() > 1)
                .filter(what -> work == Case.Work.FANOUT
                        || what.inFlight() == 1 && !what.content().isText())
                .sorted(Comparator.comparingInt(Case::connections))
                .toList();
        if (steps.size() < 2) {
            return;
        }
        line("## " + title).line("");
        line("| server |"
                + steps.stream()
                        .map(step -> " " + Words.count(step.connections()) + " |")
                        .collect(Collectors.joining()));
        line("|---|" + "--:|".repeat(steps.size()));
        for (Contestant contestant : Contestant.ALL) {
            List<String> cells = new ArrayList<>();
            for (Case step : steps) {
                Row row = Row.of(results, contestant, step);
                cells.add(row == null || !row.hasFigures() ? NOTHING : Words.figure(row.cost()));
            }
            if (cells.stream().anyMatch(cell -> !cell.equals(NOTHING))) {
                line("| " + contestant.id() + " | " + String.join(" | ", cells) + " |");
            }
        }
        line("");
    }

    private void section(Case what, List<Row> rows) {
        boolean idle = what.work() == Case.Work.IDLE;
        line("## " + what.id()).line("");
        String words = Words.of(what);
        line(words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + "."
                        + (what.work() == Case.Work.FANOUT ? " Figures are a delivery's." : ""))
                .line("");
        line("![" + words + "](images/" + plot(what) + ")").line("");
        if (idle) {
            line("| server | RSS a connection, B | lowest..highest | live heap a connection, B | processes |");
            line("|---|--:|--:|--:|--:|");
        } else {
            line(
                    "| server | CPU µs a message | / plain NIO | lowest..highest | messages/s | p50 µs | p99 µs | server CPUs | "
                            + "foreign | processes |");
            line("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        }
        Row floor = row(rows, Contestant.FLOOR);
        for (Row row : rows) {
            line(row.hasFigures() ? (idle ? idle(row) : under(row, floor)) : failed(row, idle ? 4 : 9));
        }
        for (Contestant contestant : Contestant.ALL) {
            String reason = contestant.refuses(what);
            if (reason != null && !reason.isEmpty()) {
                line("| " + contestant.id() + " | " + reason + " |" + " |".repeat(idle ? 3 : 8));
            }
        }
        line("");
    }

    private static String failed(Row row, int columns) {
        return "| " + row.contestant().id() + " | failed: "
                + row.failures().get(0).replace("|", "/") + " |" + " |".repeat(columns - 1);
    }

    private static String name(Row row) {
        String id = row.contestant().id();
        return id.startsWith("duplex") ? "**" + id + "**" : id;
    }

    private static String processes(Row row) {
        return row.good().size()
                + (row.failures().isEmpty() ? "" : ", " + row.failures().size() + " failed");
    }

    private static String spread(Row row) {
        return Words.figure(row.lowest()) + ".." + Words.figure(row.highest());
    }

    private static String idle(Row row) {
        return "| " + name(row) + " | " + Words.count(Math.round(row.cost())) + " | " + spread(row) + " | "
                + Words.count(Math.round(row.heap())) + " | " + processes(row) + " |";
    }

    private static String under(Row row, @Nullable Row floor) {
        String foreign = row.good().stream().anyMatch(entry -> entry.figures().foreignCpu() == null)
                ? NOTHING
                : String.format(Locale.ROOT, "%.2f", row.figure(Page::foreign));
        return "| " + name(row) + " | " + Words.figure(row.cost()) + " | "
                + (floor == null ? NOTHING : Words.ratio(row.cost() / floor.cost())) + " | " + spread(row) + " | "
                + Words.rate(row.figure(Figures::rate)) + " | " + Words.figure(row.figure(Figures::p50Micros)) + " | "
                + Words.figure(row.figure(Figures::p99Micros)) + " | "
                + String.format(Locale.ROOT, "%.2f", row.figure(Figures::serverCpu)) + " | " + foreign + " | "
                + processes(row) + " |";
    }

    private static double foreign(Figures figures) {
        Double foreign = figures.foreignCpu();
        return foreign == null ? Double.NaN : foreign;
    }

    private String chart(Case what, List<Row> rows) {
        String unit = what.work() == Case.Work.IDLE
                ? "bytes of resident memory a connection"
                : "CPU microseconds a " + (what.work() == Case.Work.FANOUT ? "delivery" : "message");
        List<Chart.Bar> bars = rows.stream()
                .filter(Row::hasFigures)
                .map(row -> new Chart.Bar(
                        row.contestant().id(), row.cost(), row.contestant().id().startsWith("duplex")))
                .toList();
        return Chart.of(Words.of(what) + ": " + unit, bars);
    }
}
