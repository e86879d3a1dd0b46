package io.duplex.conformance.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Collects the figures of a run, prints them, and says what is wrong with them. Confined to one thread. */
final class Verdict {
    /** Above the lines of {@link #add}. */
    static final String HEADING = "            | server                                     | peers\n"
            + "minute    | heap  direct    rss  handles  threads    | heap  direct    rss  handles  threads"
            + "    | connections  opened  sent  echoed  published  cut  lost  wrong  failed";

    /** A shorter run says nothing about growth. */
    private static final int MIN_MINUTES = 20;

    private static final double MIB = 1 << 20;
    private static final double MAX_HEAP_PER_HOUR = 4 * MIB;
    private static final double MAX_DIRECT_PER_HOUR = 8 * MIB;
    private static final double MAX_RESIDENT_PER_HOUR = 32 * MIB;
    /** Threads and files that come and go by themselves, such as a compiler's. */
    private static final long SLACK = 4;

    private final List<String> faults = new ArrayList<>();
    private final List<Sample> servers = new ArrayList<>();
    private final List<Sample> clients = new ArrayList<>();
    private @Nullable Sample serverBefore;
    private @Nullable Sample clientBefore;

    void before(Sample server, Sample client) {
        serverBefore = server;
        clientBefore = client;
    }

    /** Takes and prints what a minute has come to. */
    void add(int minute, Sample server, Sample client, Counters counters) {
        servers.add(server);
        clients.add(client);
        print(Integer.toString(minute), server, client, counters);
    }

    private static void print(String when, Sample server, Sample client, Counters counters) {
        System.out.printf(
                Locale.ROOT,
                "%-9s | %s | %s | %d %d %d %d %d %d %d %d %d%n",
                when,
                figures(server),
                figures(client),
                server.connections(),
                counters.opened.sum(),
                counters.sent.sum(),
                counters.echoed.sum(),
                counters.published.sum(),
                counters.cut.sum(),
                counters.lost.sum(),
                counters.wrong.sum(),
                counters.failed.sum());
    }

    private static String figures(Sample sample) {
        return String.format(
                Locale.ROOT,
                "%5s %7s %7s %7d %7d",
                mebibytes((double) sample.heapBytes()),
                mebibytes((double) sample.directBytes()),
                mebibytes((double) sample.residentBytes()),
                sample.handles(),
                sample.threads());
    }

    private static String mebibytes(double bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / MIB);
    }

    /** Judges what is there once all peers have gone. */
    void after(Sample server, Sample client, Counters counters) {
        print("end", server, client, counters);
        judgeProcess("server", serverBefore, server);
        judgeProcess("peers", clientBefore, client);
        must(server.connections() == 0, server.connections() + " connections are left");
        must(counters.opened.sum() == counters.closed.sum(), "a connection has no end");
        must(counters.lost.sum() == 0, counters.lost.sum() + " messages were lost");
        must(counters.wrong.sum() == 0, counters.wrong.sum() + " messages came wrongly");
        must(counters.failed.sum() == 0, counters.failed.sum() + " connections failed");
        long back = counters.echoed.sum() + counters.cut.sum();
        must(counters.sent.sum() == back, counters.sent.sum() + " messages were sent and " + back + " accounted for");
    }

    private void judgeProcess(String name, @Nullable Sample before, Sample after) {
        must(after.leaks() == 0, name + ": " + after.leaks() + " buffers leaked");
        must(after.warnings() == 0, name + ": " + after.warnings() + " warnings were logged");
        if (before != null) {
            must(after.handles() <= before.handles() + SLACK, name + ": handles are left open");
            must(after.threads() <= before.threads() + SLACK, name + ": threads are left");
        }
    }

    void exitStatus(int status) {
        must(status == 0, "the server's process ended with " + status);
    }

    /** Prints slopes and faults; returns whether there is none. */
    boolean print(int minutes) {
        boolean isLong = minutes >= MIN_MINUTES;
        printSlopes("server", servers, isLong);
        printSlopes("peers", clients, isLong);
        faults.forEach(fault -> System.out.println("FAULT: " + fault));
        System.out.println(faults.isEmpty() ? "passed" : "failed");
        return faults.isEmpty();
    }

    /** Of the last four fifths: at first, code is compiled and pools are filled. */
    private void printSlopes(String name, List<Sample> all, boolean isLong) {
        List<Sample> settled = all.subList(all.size() / 5, all.size());
        slope(name + " heap", settled, Sample::heapBytes, MAX_HEAP_PER_HOUR, isLong);
        slope(name + " direct", settled, Sample::directBytes, MAX_DIRECT_PER_HOUR, isLong);
        slope(name + " rss", settled, Sample::residentBytes, MAX_RESIDENT_PER_HOUR, isLong);
    }

    private void slope(String name, List<Sample> samples, ToLongFunction<Sample> figure, double limit, boolean isLong) {
        double slope = Slope.perHour(samples, figure);
        System.out.println(name + ": " + mebibytes(slope) + " MiB an hour, limit " + mebibytes(limit)
                + (isLong ? "" : ", not judged"));
        must(!isLong || slope <= limit, name + " grows");
    }

    private void must(boolean isSo, String otherwise) {
        if (!isSo) {
            faults.add(otherwise);
        }
    }
}
