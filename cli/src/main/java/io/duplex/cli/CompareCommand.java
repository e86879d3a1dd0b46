package io.duplex.cli;

import io.duplex.cli.lab.Chart;
import io.duplex.cli.lab.Comparison;
import io.duplex.cli.lab.Costs;
import io.duplex.cli.lab.Plan;
import io.duplex.cli.lab.Result;
import io.duplex.cli.lab.Way;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code duplex compare}. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = {
            "Measures polling, streaming and WebSocket side by side.",
            "",
            "Publishes the same events to clients that poll, wait in long polls, read server-sent events and have a"
                    + " WebSocket, each way with a server of one thread and a port of its own, on real sockets through a relay"
                    + " that counts bytes and, if asked, delays them as a network does. Everything that is printed was measured"
                    + " in this run.",
            ""
        },
        footer = {
            "",
            "Theory: a short poll finds an event after half its interval on average, and asks in vain when there is none.",
            "",
            "Examples:",
            "  duplex compare",
            "  duplex compare --rate 0.2 --duration 60            events are rare: what does waiting cost?",
            "  duplex compare --burst 50 --rtt 0.08 --loss 0.01   a mobile network",
            "",
            "Exit status: 0 measured, 1 clients could not connect or a file not be written, 64 wrong usage."
        })
final class CompareCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--ways",
            paramLabel = "WAY",
            split = ",",
            description = "What to compare: SHORT_POLLING, LONG_POLLING, SSE, WEBSOCKET. Default: all")
    private @Nullable List<Way> ways;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "10",
            description = "Clients of each way. Default: ${DEFAULT-VALUE}")
    private int clients;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "2",
            description = "Events a second. Default: ${DEFAULT-VALUE}")
    private double rate;

    @Option(
            names = "--burst",
            paramLabel = "N",
            defaultValue = "1",
            description = "Events that come at once. Default: ${DEFAULT-VALUE}")
    private int burst;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "200",
            converter = ByteCount.class,
            description = "Length of an event, in bytes, or with k. Default: ${DEFAULT-VALUE}")
    private int size;

    @Option(
            names = "--poll-interval",
            paramLabel = "SECONDS",
            defaultValue = "1",
            converter = Seconds.class,
            description = "Time between two short polls. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Duration pollInterval;

    @Option(
            names = "--rtt",
            paramLabel = "SECONDS",
            defaultValue = "0",
            converter = Seconds.class,
            description = "Round-trip time to add. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Duration roundTrip;

    @Option(
            names = "--loss",
            paramLabel = "PART",
            defaultValue = "0",
            description =
                    "Part of segments that come late, as TCP had to send them again: 0.01 is one in a hundred. Default: ${DEFAULT-VALUE}")
    private double loss;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "15",
            converter = Seconds.class,
            description = "How long events come. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Duration duration;

    @Option(names = "--csv", paramLabel = "FILE", description = "Writes the results as comma-separated values.")
    private @Nullable Path csv;

    @Option(names = "--svg", paramLabel = "FILE", description = "Writes a chart of the latencies.")
    private @Nullable Path svg;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress.")
    private boolean quiet;

    @Override
    public Integer call() throws InterruptedException {
        Plan plan;
        try {
            plan = new Plan(clients, rate, burst, size, pollInterval, new Plan.Network(roundTrip, loss));
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
        }
        EnumSet<Way> wanted = ways == null || ways.isEmpty() ? EnumSet.allOf(Way.class) : EnumSet.copyOf(ways);
        try {
            List<Result> results = new Comparison(wanted, plan).run(duration, this::progress);
            if (!quiet) {
                System.err.print("\r\033[K");
            }
            print(results, System.out);
            if (csv != null) {
                Files.writeString(csv, Chart.csv(results));
            }
            if (svg != null) {
                Files.writeString(svg, Chart.svg(results, title(plan)));
            }
            return 0;
        } catch (IOException fault) {
            System.err.println("duplex compare: " + fault.getMessage()
                    + (fault.getCause() == null ? "" : ": " + fault.getCause()));
            return 1;
        }
    }

    private void progress(List<Result> results) {
        if (quiet) {
            return;
        }
        StringBuilder line = new StringBuilder("\r\033[K");
        for (Result result : results) {
            line.append(String.format(
                    Locale.ROOT,
                    "%s %d of %d, p50 %.1f ms   ",
                    result.way().id(),
                    result.delivered(),
                    result.costs().published() * clients,
                    millis(result, 50)));
        }
        System.err.print(line);
    }

    private String title(Plan plan) {
        return String.format(
                Locale.ROOT,
                "Latency of %s events/s of %d bytes to %d clients, burst %d, poll interval %d ms, RTT +%d ms, loss %s",
                rate,
                size,
                clients,
                burst,
                plan.pollInterval().toMillis(),
                plan.network().roundTrip().toMillis(),
                loss);
    }

    private void print(List<Result> results, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-20s %9s %9s %9s %9s %10s %10s %9s %9s %6s %8s%n",
                "",
                "delivered",
                "p50 ms",
                "p99 ms",
                "requests",
                "empty",
                "bytes up",
                "down",
                "B/event",
                "conns",
                "cpu us");
        for (Result result : results) {
            Costs costs = result.costs();
            out.printf(
                    Locale.ROOT,
                    "%-20s %9d %9.1f %9.1f %9d %10d %10d %9d %9.0f %6d %8.1f%n",
                    result.way().title(),
                    result.delivered(),
                    millis(result, 50),
                    millis(result, 99),
                    costs.requests(),
                    costs.emptyAnswers(),
                    costs.bytesUp(),
                    costs.bytesDown(),
                    result.bytesPerEvent(),
                    costs.openConnections(),
                    result.cpuMicrosPerEvent());
            long missing = costs.published() * clients - result.delivered();
            if (result.disordered() > 0 || missing > 0) {
                out.printf(Locale.ROOT, "%-20s %d events out of order, %d missing%n", "", result.disordered(), missing);
            }
        }
        out.println(
                "\ncpu us: processor time of the server's thread for each delivery; bytes are those on TCP, headers included");
    }

    private static double millis(Result result, double quantile) {
        return result.latency().getValueAtPercentile(quantile) / 1000.0;
    }
}
