package io.duplex.server;

import io.duplex.CloseStatus;
import io.duplex.connection.Connection;
import io.duplex.transport.LoopGroup;
import io.duplex.transport.SocketLoop;
import io.duplex.transport.SocketTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;

/** The emptying of a server, on the thread that asked for it. */
final class Draining {
    private static final System.Logger LOGGER = System.getLogger(WebSocketServer.class.getName());

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PATIENCE_MILLIS = 2000;

    private final LoopGroup loops;
    private final Sessions sessions;
    private final Drain how;
    private final IntSupplier connections;
    private final long startNanos = System.nanoTime();
    private final List<Batch> batches = new ArrayList<>();
    private int told = -1;

    Draining(LoopGroup loops, Sessions sessions, Drain how, IntSupplier connections) {
        this.loops = loops;
        this.sessions = sessions;
        this.how = how;
        this.connections = connections;
    }

    /** Returns when no connection is left, at the latest at the deadline, when the rest has been cut. */
    void run() {
        try {
            waitUntil(nanos(how.notice().toNanos()));
            closeAll();
            waitUntil(nanos(how.deadline().toNanos()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int left = connections.getAsInt();
        if (left > 0) {
            LOGGER.log(System.Logger.Level.INFO, left + " connections did not close in time and are cut");
            loops.loops().forEach(loop -> loop.execute(() -> loop.forEach(SocketTransport::abort)));
            sessions.abort();
        }
        tell();
    }

    private long nanos(long sinceStart) {
        return Math.min(sinceStart, how.deadline().toNanos());
    }

    private void closeAll() throws InterruptedException {
        for (SocketLoop loop : loops.loops()) {
            batches.add(new Batch(loop, how.status()));
        }
        for (Batch batch : batches) {
            batch.collect();
        }
        List<Connection> open = sessions.all();
        int closed = 0;
        long beganNanos = System.nanoTime() - startNanos;
        long steps = Math.max(1, how.period().toNanos() / STEP_NANOS);
        for (long step = 1; step <= steps && connections.getAsInt() > 0; step++) {
            for (Batch batch : batches) {
                batch.closeUpTo(step / (double) steps);
            }
            for (int end = (int) Math.ceil(open.size() * (step / (double) steps)); closed < end; closed++) {
                open.get(closed).close(how.status().code(), how.status().reason());
            }
            if (step < steps) {
                waitUntil(nanos(beganNanos + step * STEP_NANOS));
            }
        }
    }

    /** Waits until so long after the start, or no connection is left. */
    private void waitUntil(long nanosSinceStart) throws InterruptedException {
        tell();
        while (connections.getAsInt() > 0) {
            long left = nanosSinceStart - (System.nanoTime() - startNanos);
            if (left <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(left, STEP_NANOS / 4));
            tell();
        }
    }

    private void tell() {
        int left = connections.getAsInt();
        if (left != told) {
            told = left;
            try {
                how.progress().accept(left);
            } catch (Throwable fault) {
                LOGGER.log(System.Logger.Level.ERROR, "the drain's progress callback threw", fault);
            }
        }
    }

    /** The connections of one loop, in order of their closing. */
    private static final class Batch {
        private final SocketLoop loop;
        private final CloseStatus status;
        private final List<ServerConnection> connections = new ArrayList<>();
        private int closed;

        Batch(SocketLoop loop, CloseStatus status) {
            this.loop = loop;
            this.status = status;
        }

        void collect() throws InterruptedException {
            CompletableFuture<Void> done = new CompletableFuture<>();
            loop.execute(() -> {
                loop.forEach(transport -> {
                    if (transport.listener() instanceof ServerConnection connection) {
                        connections.add(connection);
                    }
                });
                done.complete(null);
            });
            try {
                done.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                LOGGER.log(System.Logger.Level.WARNING, "an event loop is blocked; its connections are cut later");
            }
        }

        void closeUpTo(double share) {
            loop.execute(() -> {
                int end = (int) Math.ceil(connections.size() * share);
                while (closed < end) {
                    connections.get(closed++).close(status.code(), status.reason());
                }
            });
        }
    }
}
