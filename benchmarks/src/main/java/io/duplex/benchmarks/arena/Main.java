package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The arena's command; {@code benchmarks/run} starts it. */
@CommandLine.Command(
        name = "benchmarks/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpWidth = 110,
        description = {
            "Measures WebSocket servers side by side and writes docs/performance.md.",
            "Each server runs in fresh JVMs, on one CPU, the load generator on another, where taskset is there.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  benchmarks/run                                  everything, in about half an hour",
            "  benchmarks/run --quick --only duplex,plain-nio  a rough look",
            "  benchmarks/run --cases echo-200x4-2k-json,fanout-300x1-64  cases of your own",
            "",
            "Figures of several runs add up in the results file: a run replaces those of the servers and cases that it",
            "measures, or with --add stands beside them."
        })
final class Main implements Callable<Integer> {
    private static final double QUICK_SECONDS = 0.5;
    private static final double QUICK_WARM_SECONDS = 3;
    private static final double QUICK_WARM_UP_SECONDS = 0.2;
    private static final double FULL_SECONDS = 1;
    private static final double FULL_WARM_SECONDS = 6;
    private static final double FULL_WARM_UP_SECONDS = 0.4;
    private static final int FULL_ROUNDS = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--only", paramLabel = "SERVER", split = ",", description = "These servers. Default: all")
    private List<String> only = Contestant.ALL.stream().map(Contestant::id).toList();

    @Option(names = "--cases", paramLabel = "CASE", split = ",", description = "These cases. Default: all of --list")
    private List<String> cases = Plan.CASES.stream().map(Case::id).toList();

    @Option(names = "--list", description = "Prints the names of servers and cases, and ends")
    private boolean list;

    @Option(names = "--quick", description = "One process a server, short runs; the page says so")
    private boolean quick;

    @Option(names = "--rounds", paramLabel = "N", description = "Processes for each server. Default: 2, 1 with --quick")
    private @Nullable Integer rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Measured time of each case. Default: 1, 0.5 with --quick")
    private @Nullable Double seconds;

    @Option(
            names = "--warm",
            paramLabel = "S",
            description =
                    "CPU seconds of mixed load for each process, before its first case. Default: 6, 3 with --quick")
    private @Nullable Double warm;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description = "Seconds of load before each measurement. Default: 0.4, 0.2 with --quick")
    private @Nullable Double warmUp;

    @Option(
            names = "--tries",
            paramLabel = "N",
            defaultValue = "2",
            description = "How often to measure if others use the machine too. Default: ${DEFAULT-VALUE}")
    private int tries;

    @Option(
            names = "--max-foreign",
            paramLabel = "CPUS",
            defaultValue = "0.3",
            description = "How much they may use before a measurement is repeated. Default: ${DEFAULT-VALUE}")
    private double maxForeign;

    @Option(
            names = "--server-cpu",
            paramLabel = "CPU",
            defaultValue = "0",
            description = "Where the servers run. Default: ${DEFAULT-VALUE}")
    private int serverCpu;

    @Option(
            names = "--generator-cpu",
            paramLabel = "CPU",
            defaultValue = "1",
            description = "Where the generator runs. Default: ${DEFAULT-VALUE}")
    private int generatorCpu;

    @Option(names = "--add", description = "Keeps older figures of the same servers and cases beside the new ones")
    private boolean add;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            defaultValue = "benchmarks/results/arena.json",
            description = "Where figures are kept. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Path results;

    @Option(
            names = "--page",
            paramLabel = "FILE",
            defaultValue = "docs/performance.md",
            description = "What is written from them, its plots in images/ beside it. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Path page;

    @Option(
            names = "--notes",
            paramLabel = "FILE",
            defaultValue = "benchmarks/notes.md",
            description = "What people have written about the figures, for the page. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Path notes;

    @Option(names = "--page-only", description = "Measures nothing, writes the page")
    private boolean pageOnly;

    public static void main(String[] arguments) {
        System.exit(run(arguments, new PrintWriter(System.out, true, StandardCharsets.UTF_8)));
    }

    /** Runs the command and returns its exit status. */
    static int run(String[] arguments, PrintWriter out) {
        return new CommandLine(new Main()).setOut(out).execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            Contestant.ALL.forEach(one -> out.printf("%-20s%s%n", one.id(), one.title()));
            out.println();
            Plan.CASES.forEach(what -> out.printf("%-32s%s%n", what, Words.of(what)));
            return 0;
        }
        List<Contestant> contestants =
                checked("--only", () -> only.stream().map(Contestant::of).toList());
        List<Case> wanted =
                checked("--cases", () -> cases.stream().map(Case::parse).toList());
        Results stored = Results.read(results);
        if (!pageOnly) {
            measure(contestants, wanted, stored, out);
        }
        Page.write(stored, notes, page);
        out.println("wrote " + page);
        return 0;
    }

    private void measure(List<Contestant> contestants, List<Case> wanted, Results stored, PrintWriter out)
            throws IOException {
        boolean pinned = Command.canPin(serverCpu) && Command.canPin(generatorCpu);
        double measured = or(seconds, quick ? QUICK_SECONDS : FULL_SECONDS);
        double warmSeconds = or(warm, quick ? QUICK_WARM_SECONDS : FULL_WARM_SECONDS);
        Path log = Files.createTempFile("arena", ".log");
        Arena.Settings settings = new Arena.Settings(
                rounds != null ? rounds : quick ? 1 : FULL_ROUNDS,
                measured,
                or(warmUp, quick ? QUICK_WARM_UP_SECONDS : FULL_WARM_UP_SECONDS),
                warmSeconds,
                tries,
                maxForeign,
                pinned ? serverCpu : null,
                pinned ? generatorCpu : null,
                add,
                results,
                log);
        String typed = "benchmarks/run "
                + String.join(" ", spec.commandLine().getParseResult().originalArgs());
        Run run = Run.here(Path.of(""), stored.nextRun(), pinned, quick, typed.strip(), measured, warmSeconds);
        for (Contestant contestant : contestants) {
            String missing = contestant.missing();
            if (missing != null) {
                out.println(contestant.id() + " " + missing);
            }
        }
        List<Contestant> present =
                contestants.stream().filter(one -> one.missing() == null).toList();
        new Arena(settings, stored, run, out).measure(present, wanted);
    }

    private static double or(@Nullable Double chosen, double otherwise) {
        return chosen == null ? otherwise : chosen;
    }

    private <T> T checked(String option, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
        }
    }
}
