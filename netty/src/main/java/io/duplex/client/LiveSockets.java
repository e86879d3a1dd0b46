package io.duplex.client;

import io.duplex.transport.SocketTransport;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The sockets of one client, from TCP's beginning to its end: event loops may be shared. Thread-safe. */
final class LiveSockets {
    private static final long MARGIN_NANOS = 1_000_000_000;
    private static final int NANOS_PER_MILLI = 1_000_000;

    private final Set<SocketTransport> live = new HashSet<>();
    private boolean closing;

    /** Adds a socket whose TCP is established; {@code false} if the client closes, so that it must go. */
    synchronized boolean add(SocketTransport socket) {
        live.add(socket);
        return !closing;
    }

    /** Removes a socket that is gone. */
    synchronized void remove(SocketTransport socket) {
        live.remove(socket);
        if (live.isEmpty()) {
            notifyAll();
        }
    }

    /**
     * Asks every socket to end in an orderly way, and waits until none is left; then cuts.
     *
     * @param closeTimeout by which each cuts itself; a little later this stops waiting. Zero for no limit
     */
    void close(Duration closeTimeout) {
        synchronized (this) {
            closing = true;
        }
        forEach(socket -> socket.listener().onShutdown());
        if (!awaitNone(closeTimeout.isZero() ? Long.MAX_VALUE : closeTimeout.toNanos() + MARGIN_NANOS)) {
            forEach(SocketTransport::abort);
            awaitNone(MARGIN_NANOS);
        }
    }

    /** Calls {@code action} for each socket, on its loop. */
    private void forEach(Consumer<? super SocketTransport> action) {
        List<SocketTransport> sockets;
        synchronized (this) {
            sockets = List.copyOf(live);
        }
        sockets.forEach(socket -> socket.execute(() -> action.accept(socket)));
    }

    private synchronized boolean awaitNone(long nanos) {
        long start = System.nanoTime();
        boolean interrupted = false;
        while (!live.isEmpty() && System.nanoTime() - start < nanos) {
            long left = Math.max(1, (nanos - (System.nanoTime() - start)) / NANOS_PER_MILLI);
            try {
                wait(left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return live.isEmpty();
    }
}
