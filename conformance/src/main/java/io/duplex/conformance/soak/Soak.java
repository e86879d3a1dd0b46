package io.duplex.conformance.soak;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a server in a process of its own and its peers in this one, with steady load and much coming and going, and prints each
 * minute what both hold. The exit status is 0 if nothing was lost, nothing leaked, nothing is left at the end, and, in a run
 * of 20 minutes or more, nothing grows.
 */
public final class Soak {
    /** Ticks in a second: what is due in a second is spread over them. */
    private static final int TICKS = 100;

    private static final long TICK_NANOS = 1_000_000_000L / TICKS;
    private static final int TICKS_A_MINUTE = 60 * TICKS;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> SERVER_OPTIONS = List.of(
            "-Xmx256m",
            "-XX:MaxDirectMemorySize=128m",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dio.netty.leakDetection.level=paranoid");

    private final int minutes;
    private final int peers;
    private final int messagesASecond;
    private final int endsASecond;
    private final Counters counters = new Counters();
    private final LogWatch log = LogWatch.install();
    private final Verdict verdict = new Verdict();

    private Soak(int minutes, int peers, int messagesASecond) {
        this.minutes = minutes;
        this.peers = peers;
        this.messagesASecond = messagesASecond;
        this.endsASecond = Math.max(1, peers / 100);
    }

    /**
     * Runs.
     *
     * @param args minutes, number of peers, messages a second of all of them
     */
    public static void main(String[] args) throws Exception {
        Soak soak = new Soak(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        System.exit(soak.run() ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(SERVER_OPTIONS);
        if (Runtime.version().feature() >= 24) {
            options.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        try (ServerProcess server = ServerProcess.start(options)) {
            try (Fleet fleet = new Fleet(server, counters)) {
                warmUp(fleet);
                verdict.before(server.sample(), Sample.take(0, log));
                System.out.println(Verdict.HEADING);
                load(fleet, server);
                fleet.endAll();
                awaitEnd(fleet);
                verdict.after(server.sample(), Sample.take(0, log), counters);
            }
            verdict.exitStatus(server.end());
        }
        return verdict.print(minutes);
    }

    /** Once there and back, so that what is made only once exists. */
    private void warmUp(Fleet fleet) throws InterruptedException {
        for (int i = 0; i < TICKS; i++) {
            fleet.add();
        }
        for (int i = 0; i < TICKS; i++) {
            Thread.sleep(TICKS / 10);
            fleet.sendOne();
        }
        fleet.endAll();
        awaitEnd(fleet);
        fleet.forget();
    }

    private void load(Fleet fleet, ServerProcess server) throws IOException {
        long start = System.nanoTime();
        long end = (long) minutes * TICKS_A_MINUTE;
        int made = 0;
        for (long tick = 0; tick < end; tick++) {
            // In the first seconds all come, later as many as go.
            for (; made < peers && made < (tick + 1) * peers / (10L * TICKS); made++) {
                fleet.add();
            }
            for (long i = due(tick, endsASecond); i > 0 && made == peers; i--) {
                fleet.replaceOne();
            }
            for (long i = due(tick, messagesASecond); i > 0; i--) {
                fleet.sendOne();
            }
            if (tick % TICKS == 0) {
                fleet.publishOne();
            }
            if ((tick + 1) % TICKS_A_MINUTE == 0) {
                verdict.add((int) ((tick + 1) / TICKS_A_MINUTE), server.sample(), Sample.take(0, log), counters);
            }
            pause(start + (tick + 1) * TICK_NANOS);
        }
    }

    private static long due(long tick, int aSecond) {
        return (tick + 1) * aSecond / TICKS - tick * aSecond / TICKS;
    }

    private static void pause(long untilNanos) {
        for (long left; (left = untilNanos - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(left);
        }
    }

    private static void awaitEnd(Fleet fleet) throws InterruptedException {
        long limit = System.nanoTime() + PATIENCE.toNanos();
        while (!fleet.isGone() && System.nanoTime() < limit) {
            Thread.sleep(TICKS);
        }
        Thread.sleep(10 * TICKS); // the server may see the last ends a little later
    }
}
