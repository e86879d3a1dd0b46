package io.duplex.benchmarks;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks of the floors with JMH, and prints them as tables in Markdown, each act beside its baselines: a method
 * {@code nettyDecode} is the baseline of {@code decode} in its class.
 */
public final class Floors {
    private static final String OURS = "duplex";
    private static final String[] BASELINES = {"netty", "jdk", "bytewise"};
    private static final String PAYLOAD_BYTES = "payloadBytes";
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private Floors() {}

    /**
     * Runs what JMH's options in {@code args} choose; without any, everything.
     *
     * @throws CommandLineOptionException if there is no such option
     * @throws RunnerException if a benchmark fails
     */
    public static void main(String[] args) throws CommandLineOptionException, RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.parent(new CommandLineOptions(args)).addProfiler(GCProfiler.class);
        Collection<RunResult> results = new Runner(options.build()).run();
        Map<String, Map<Act, Map<String, RunResult>>> tables = new TreeMap<>();
        for (RunResult result : results) {
            BenchmarkParams benchmark = result.getParams();
            String[] path = benchmark.getBenchmark().split("\\.", -1);
            String method = path[path.length - 1];
            String side = side(method);
            tables.computeIfAbsent(path[path.length - 2], name -> new LinkedHashMap<>())
                    .computeIfAbsent(Act.of(act(method, side), benchmark), act -> new TreeMap<>())
                    .put(side, result);
        }
        System.out.println();
        System.out.println("JDK " + System.getProperty("java.version") + ", ns and bytes allocated per operation");
        tables.forEach(Floors::print);
    }

    private static String side(String method) {
        for (String baseline : BASELINES) {
            if (method.startsWith(baseline)) {
                return baseline;
            }
        }
        return OURS;
    }

    private static String act(String method, String side) {
        if (side.equals(OURS)) {
            return method;
        }
        String rest = method.substring(side.length());
        return rest.substring(0, 1).toLowerCase(Locale.ROOT) + rest.substring(1);
    }

    private static void print(String name, Map<Act, Map<String, RunResult>> acts) {
        System.out.printf("%n| %s | payload bytes | by | ns | GB/s | B | ns, ratio to Duplex |%n", name);
        System.out.println("|---|--:|---|--:|--:|--:|--:|");
        acts.forEach((act, sides) -> {
            RunResult ours = sides.get(OURS);
            sides.forEach((side, result) -> {
                double nanos = nanos(result);
                System.out.printf(
                        Locale.ROOT,
                        "| %s | %s | %s | %.1f | %s | %.0f | %s |%n",
                        act.name(),
                        act.payloadBytes() == 0 ? "" : Integer.toString(act.payloadBytes()),
                        side,
                        nanos,
                        act.payloadBytes() == 0 ? "" : String.format(Locale.ROOT, "%.2f", act.payloadBytes() / nanos),
                        allocated(result),
                        ours == null ? "" : String.format(Locale.ROOT, "%.2f", nanos / nanos(ours)));
            });
        });
    }

    private static double nanos(RunResult result) {
        return result.getPrimaryResult().getScore();
    }

    private static double allocated(RunResult result) {
        Result<?> bytes = result.getSecondaryResults().get(ALLOCATED);
        return bytes == null ? Double.NaN : bytes.getScore();
    }

    /**
     * What is done, by ourselves or by a baseline.
     *
     * @param name the method, and its parameters other than the payload's length
     * @param payloadBytes 0 if there is no such parameter
     */
    private record Act(String name, int payloadBytes) {
        static Act of(String method, BenchmarkParams benchmark) {
            StringBuilder name = new StringBuilder(method);
            int payloadBytes = 0;
            for (String parameter : benchmark.getParamsKeys()) {
                String value = benchmark.getParam(parameter);
                if (parameter.equals(PAYLOAD_BYTES)) {
                    payloadBytes = Integer.parseInt(value);
                } else {
                    name.append(' ').append(parameter).append('=').append(value);
                }
            }
            return new Act(name.toString(), payloadBytes);
        }
    }
}
