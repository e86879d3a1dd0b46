package io.duplex.client;

import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets one attempt at a time connect to an address and port, and no more than so many in all (RFC 6455 §4.1); the others wait
 * in order. So a page or program cannot flood a server that does not answer. An attempt that waits for its address takes none
 * of the places from others. Thread-safe.
 */
final class ConnectingQueue {
    private final int maxConnecting;
    /** Who waits for the addresses that are being connected to, or whose next one stands in {@link #ready}. */
    private final Map<SocketAddress, Set<Turn>> waiting = new HashMap<>();
    /** Those whose address is free, and who wait for a place. */
    private final Set<Turn> ready = new LinkedHashSet<>();

    private int connecting;

    ConnectingQueue(int maxConnecting) {
        this.maxConnecting = maxConnecting;
    }

    /** A place in the queue, and then a turn to connect. */
    final class Turn {
        private final SocketAddress address;
        private final Runnable begin;
        private boolean hasBegun;
        private boolean hasEnded;

        private Turn(SocketAddress address, Runnable begin) {
            this.address = address;
            this.begin = begin;
        }

        /** The connection is open, or the attempt has failed, or it does not want to wait any more. */
        void end() {
            leave(this);
        }
    }

    /**
     * Queues up. Whoever does must end the turn.
     *
     * @param address what is connected to; unresolved if a proxy looks its name up
     * @param begin run when it is the turn's time to connect: at once, or in the thread that ends another one. It must do
     *     nothing but hand on
     */
    Turn enter(SocketAddress address, Runnable begin) {
        Turn turn = new Turn(address, begin);
        List<Turn> next;
        synchronized (this) {
            Set<Turn> others = waiting.get(address);
            if (others != null) {
                others.add(turn);
                return turn;
            }
            waiting.put(address, new LinkedHashSet<>(0));
            ready.add(turn);
            next = takePlaces();
        }
        next.forEach(each -> each.begin.run());
        return turn;
    }

    private void leave(Turn turn) {
        List<Turn> next;
        synchronized (this) {
            if (turn.hasEnded) {
                return;
            }
            turn.hasEnded = true;
            if (turn.hasBegun) {
                connecting--;
                passOn(turn.address);
            } else if (ready.remove(turn)) {
                passOn(turn.address);
            } else {
                Set<Turn> others = waiting.get(turn.address);
                if (others != null) {
                    others.remove(turn);
                }
            }
            next = takePlaces();
        }
        next.forEach(each -> each.begin.run());
    }

    /** Makes the next one of an address ready. */
    private void passOn(SocketAddress address) {
        Set<Turn> others = waiting.get(address);
        if (others == null) {
            return;
        }
        Iterator<Turn> first = others.iterator();
        if (first.hasNext()) {
            ready.add(first.next());
            first.remove();
        } else {
            waiting.remove(address);
        }
    }

    private List<Turn> takePlaces() {
        List<Turn> turns = new ArrayList<>(1);
        Iterator<Turn> first = ready.iterator();
        while (connecting < maxConnecting && first.hasNext()) {
            Turn turn = first.next();
            first.remove();
            turn.hasBegun = true;
            connecting++;
            turns.add(turn);
        }
        return turns;
    }
}
