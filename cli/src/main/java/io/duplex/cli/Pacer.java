package io.duplex.cli;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Has messages leave at a fixed rate, over connections in turn, on a thread of its own. */
final class Pacer {
    private static final double NANOS_A_SECOND = 1e9;
    private static final long NAP_NANOS = 50_000;

    private final List<Load.Connection> connections;
    private final double intervalNanos;
    private final Thread thread = new Thread(this::run, "duplex-bench-pacer");
    private volatile boolean stopped;

    Pacer(List<Load.Connection> connections, double messagesPerSecond) {
        this.connections = connections;
        this.intervalNanos = NANOS_A_SECOND / messagesPerSecond;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped = true;
    }

    /** A message that is late, or finds its connection full, keeps the time at which it was due. */
    private void run() {
        long start = System.nanoTime();
        for (long number = 0; !stopped; number++) {
            long due = start + (long) (number * intervalNanos);
            for (long now; (now = System.nanoTime()) < due && !stopped; ) {
                LockSupport.parkNanos(Math.min(due - now, NAP_NANOS));
            }
            Load.Connection connection = connections.get((int) (number % connections.size()));
            while (!stopped && !connection.due(due)) {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
    }
}
