package io.duplex.client;

import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * Lets one attempt at a time connect to an address and port (RFC 6455 §4.1); the others wait in order. So a page or program
 * cannot flood a server that does not answer. Thread-safe.
 */
final class ConnectingQueue {
    /** Who waits for the addresses that are being connected to. */
    private final Map<SocketAddress, Queue<Runnable>> waiting = new HashMap<>();

    /**
     * Runs {@code turn} when nobody else connects to {@code address}: at once, or in the thread that {@link #leave leaves}.
     * Whoever had a turn must leave.
     */
    void enter(SocketAddress address, Runnable turn) {
        synchronized (waiting) {
            Queue<Runnable> others = waiting.get(address);
            if (others != null) {
                others.add(turn);
                return;
            }
            waiting.put(address, new ArrayDeque<>(0));
        }
        turn.run();
    }

    /** Ends a turn: the connection is open, or the attempt has failed. */
    void leave(SocketAddress address) {
        Runnable next;
        synchronized (waiting) {
            Queue<Runnable> others = waiting.get(address);
            next = others == null ? null : others.poll();
            if (next == null) {
                waiting.remove(address);
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
