package io.duplex.benchmarks.arena;

import io.duplex.benchmarks.load.Case;
import io.duplex.benchmarks.load.Figures;
import io.duplex.benchmarks.load.Job;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs servers by cases: in each round every server gets fresh processes, in an order that turns from round to round, and the
 * results are stored after each. A run with much foreign load on the machine is tried again.
 */
final class Arena {
    private static final double WARM_UP_STEP_SECONDS = 1;
    /** A busy machine gives a server its CPU seconds later; this is how much later is enough. */
    private static final int WARM_UP_PATIENCE = 4;

    private static final double IDLE_SECONDS = 2;
    /** A server is at rest that uses less than a tenth of a CPU in such a time. */
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int REST_PATIENCE = 50;

    private final Settings settings;
    private final Results results;
    private final Run run;
    private final PrintWriter out;
    private int done;
    private int total;

    /**
     * How to measure.
     *
     * @param rounds processes a server
     * @param seconds measured time
     * @param warmUpSeconds load before each measurement
     * @param warmSeconds CPU seconds of mixed load for each process before its first measurement
     * @param tries how often a measurement is repeated if others use the machine
     * @param maxForeignCpu how many CPUs they may use
     * @param beside whether older figures are kept
     * @param file where the results are
     * @param log takes what servers say
     */
    record Settings(
            int rounds,
            double seconds,
            double warmUpSeconds,
            double warmSeconds,
            int tries,
            double maxForeignCpu,
            @Nullable Integer serverCpu,
            @Nullable Integer generatorCpu,
            boolean beside,
            Path file,
            Path log) {}

    Arena(Settings settings, Results results, Run run, PrintWriter out) {
        this.settings = settings;
        this.results = results;
        this.run = run;
        this.out = out;
    }

    /** Measures. A server that fails costs its own figures only. */
    void measure(List<Contestant> contestants, List<Case> cases) throws IOException {
        results.begin(run);
        total = settings.rounds()
                * contestants.stream()
                        .mapToInt(one -> accepted(one, cases).size())
                        .sum();
        List<Contestant> order = new ArrayList<>(contestants);
        try (GeneratorProcess generator = GeneratorProcess.start(settings.generatorCpu())) {
            for (int round = 0; round < settings.rounds(); round++) {
                for (Contestant contestant : order) {
                    for (List<Case> process : Plan.processes(accepted(contestant, cases))) {
                        measure(generator, contestant, process);
                        results.write(settings.file());
                    }
                }
                Collections.rotate(order, -1);
            }
        }
    }

    private static List<Case> accepted(Contestant contestant, List<Case> cases) {
        return cases.stream().filter(what -> contestant.refuses(what) == null).toList();
    }

    private void measure(GeneratorProcess generator, Contestant contestant, List<Case> cases) throws IOException {
        Case first = cases.get(0);
        try (ServerProcess server =
                ServerProcess.start(contestant, first.tls(), settings.serverCpu(), settings.log())) {
            if (!Plan.isFresh(first)) {
                warmUp(generator, server, contestant, first.tls());
            }
            for (Case what : cases) {
                Entry entry = what.work() == Case.Work.IDLE
                        ? idle(generator, server, contestant, what)
                        : under(generator, server, contestant, what);
                store(entry);
                if (!server.isAlive()) {
                    throw new IOException(contestant.id() + " died; see " + settings.log());
                }
            }
        } catch (IOException e) {
            out.println(e.getMessage());
        }
    }

    private void warmUp(GeneratorProcess generator, ServerProcess server, Contestant contestant, boolean tls)
            throws IOException {
        List<Case> mix = tls ? Plan.WARM_UP_TLS : Plan.WARM_UP;
        List<Case> fit = accepted(contestant, mix);
        Duration wanted = Duration.ofMillis((long) (settings.warmSeconds() * 1000));
        int patience = (int) (settings.warmSeconds() * WARM_UP_PATIENCE / WARM_UP_STEP_SECONDS);
        for (int i = 0; i < patience && !fit.isEmpty() && server.cpuTime().compareTo(wanted) < 0; i++) {
            generator.run(job(server, contestant, fit.get(i % fit.size()), 0, WARM_UP_STEP_SECONDS));
        }
    }

    private Entry under(GeneratorProcess generator, ServerProcess server, Contestant contestant, Case what)
            throws IOException {
        if (!what.cold()) {
            awaitRest(server);
        }
        double warmUp = what.cold() ? 0 : settings.warmUpSeconds();
        Figures best = generator.run(job(server, contestant, what, warmUp, settings.seconds()));
        for (int i = 1; i < settings.tries() && !what.cold() && foreign(best) > settings.maxForeignCpu(); i++) {
            Figures again = generator.run(job(server, contestant, what, warmUp, settings.seconds()));
            if (again.failure() == null && foreign(again) < foreign(best)) {
                best = again;
            }
        }
        return new Entry(run.id(), contestant.id(), what, null, best);
    }

    /** Lets the server clear away the connections of the case before, at most for a while. */
    private static void awaitRest(ServerProcess server) {
        Duration used = server.cpuTime();
        for (int i = 0; i < REST_PATIENCE; i++) {
            LockSupport.parkNanos(REST_NANOS);
            Duration before = used;
            used = server.cpuTime();
            if (used.minus(before).toNanos() * 10 < REST_NANOS) {
                return;
            }
        }
    }

    private static double foreign(Figures figures) {
        Double foreign = figures.foreignCpu();
        return foreign == null ? 0 : foreign;
    }

    private Entry idle(GeneratorProcess generator, ServerProcess server, Contestant contestant, Case what)
            throws IOException {
        Long before = server.liveHeapBytes();
        Figures figures = generator.run(job(server, contestant, what, 0, IDLE_SECONDS));
        Long after = server.liveHeapBytes();
        Long each = before == null || after == null ? null : (after - before) / what.connections();
        return new Entry(run.id(), contestant.id(), what, each, figures);
    }

    private static Job job(ServerProcess server, Contestant contestant, Case what, double warmUp, double seconds) {
        return new Job(what, server.port(), server.pid(), contestant.pathOf(what), warmUp, seconds);
    }

    private void store(Entry entry) {
        results.add(entry, settings.beside());
        done++;
        out.printf(Locale.ROOT, "[%d/%d] %-16s %-30s %s%n", done, total, entry.server(), entry.what(), summary(entry));
        out.flush();
    }

    private static String summary(Entry entry) {
        Figures figures = entry.figures();
        if (figures.failure() != null) {
            return "FAILED: " + figures.failure();
        }
        if (entry.what().work() == Case.Work.IDLE) {
            return "RSS " + figures.rssPerConnection() + ", live heap " + entry.heapPerConnection()
                    + " bytes a connection";
        }
        return String.format(
                Locale.ROOT,
                "%.3f us/message, %.0f/s, p99 %.0f us, CPUs: server %.2f, generator %.2f, foreign %.2f",
                figures.cpuMicros(),
                figures.rate(),
                figures.p99Micros(),
                figures.serverCpu(),
                figures.generatorCpu(),
                foreign(figures));
    }
}
