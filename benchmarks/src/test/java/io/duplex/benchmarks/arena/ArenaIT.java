package io.duplex.benchmarks.arena;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.benchmarks.load.Case;
import io.duplex.benchmarks.load.Figures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole arena, in its smallest form: real processes, real sockets, a page at the end. */
class ArenaIT {
    private static final Case ECHO = Case.parse("echo-2x4-128-multilingual");
    private static final Case FANOUT = Case.parse("fanout-5x2-64");

    @TempDir
    private Path folder;

    private Path results;
    private Path page;

    private String run(String... more) {
        results = folder.resolve("arena.json");
        page = folder.resolve("docs/performance.md");
        StringWriter said = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of(
                "--quick",
                "--seconds",
                "1",
                "--warm",
                "0",
                "--warm-up",
                "0",
                "--tries",
                "1",
                "--results",
                results.toString(),
                "--page",
                page.toString()));
        arguments.addAll(List.of(more));
        assertThat(Main.run(arguments.toArray(new String[0]), new PrintWriter(said)))
                .as("%s", said)
                .isZero();
        return said.toString();
    }

    @Test
    void notesStandOnThePage() throws IOException {
        Path notes = Files.writeString(folder.resolve("notes.md"), "## What we make of it\n\nNothing yet.\n");
        run("--page-only", "--notes", notes.toString());

        assertThat(page).content().contains("\n## What we make of it\n\nNothing yet.\n");
    }

    @Test
    void measuresServersSideBySideAndWritesAPage() throws IOException {
        String said = run("--only", "duplex-nio,plain-nio", "--cases", ECHO.id() + "," + FANOUT.id());

        Results stored = Results.read(results);
        for (String server : List.of("duplex-nio", "plain-nio")) {
            for (Case what : List.of(ECHO, FANOUT)) {
                assertThat(stored.of(server, what))
                        .as("%s", said)
                        .singleElement()
                        .satisfies(entry -> {
                            Figures figures = entry.figures();
                            assertThat(figures.failure()).isNull();
                            assertThat(figures.messages()).isGreaterThan(100);
                            assertThat(figures.p50Micros()).isPositive().isLessThanOrEqualTo(figures.maxMicros());
                        });
            }
        }
        assertThat(Files.readString(page))
                .contains("2 connections, 4 in flight on each, 128 B of multilingual text", "**duplex-nio**");
        assertThat(page.resolveSibling("images/arena-" + ECHO.id() + ".svg"))
                .content()
                .contains("</svg>");
    }

    @Test
    void aLaterRunTakesThePlaceOfTheSameServersFiguresOrStandsBesideThem() throws IOException {
        run("--only", "plain-nio", "--cases", "handshake-2");
        run("--only", "plain-nio", "--cases", ECHO.id());
        run("--only", "plain-nio", "--cases", ECHO.id());
        run("--only", "plain-nio", "--cases", ECHO.id(), "--add");

        Results stored = Results.read(results);
        assertThat(stored.of("plain-nio", ECHO)).hasSize(2);
        assertThat(stored.of("plain-nio", Case.parse("handshake-2"))).hasSize(1);
        assertThat(stored.runs()).extracting(Run::id).containsExactly(1, 3, 4);
    }

    @Test
    void measuresCompressionTlsHandshakesAndIdleConnections() throws IOException {
        List<Case> cases = List.of(
                Case.parse("echo-2x1-1k-json-deflate"),
                Case.parse("echo-2x1-1k-ascii-tls"),
                Case.parse("handshake-2-cold"),
                Case.parse("idle-20"));

        String said = run(
                "--only",
                "duplex-nio",
                "--cases",
                String.join(",", cases.stream().map(Case::id).toList()));

        Results stored = Results.read(results);
        for (Case what : cases) {
            assertThat(stored.of("duplex-nio", what))
                    .as("%s", said)
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.figures().failure()).isNull());
        }
        assertThat(stored.of("duplex-nio", Case.parse("idle-20")))
                .allSatisfy(entry -> assertThat(entry.heapPerConnection()).isNotNull());
    }
}
