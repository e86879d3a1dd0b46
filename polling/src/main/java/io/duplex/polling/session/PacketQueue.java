package io.duplex.polling.session;

import io.duplex.CloseStatus;
import io.duplex.connection.SendBudget;
import io.duplex.polling.session.Packet.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The packets of a session that its peer has not acknowledged, numbered from 1 in the order in which they were sent. Confined
 * to the session's loop, but for {@link #bytes} and {@link #overheadBytes}.
 */
public final class PacketQueue {
    /** What a packet costs besides its payload: two objects and a reference. */
    public static final int OVERHEAD_BYTES = 96;

    /**
     * A packet in the queue.
     *
     * @param endBytes payload of all packets up to its end
     * @param cost what was taken of the budget for it
     */
    private record Place(Packet packet, long endBytes, int cost) {}

    /** Stands where one was that the peer has. */
    private static final Place GONE = new Place(Packet.close(CloseStatus.NO_STATUS), 0, 0);

    private final SendBudget budget;

    /** {@code null} while nothing waits: an idle session holds none. */
    private @Nullable List<Place> places;

    /** Where in {@link #places} the first one is that waits. */
    private int head;

    private long acknowledged;
    private long last;
    private long endBytes;
    private long acknowledgedBytes;
    private volatile long bytes;
    private volatile int size;

    /** @param budget bounds what all queues and sockets of the process hold together */
    PacketQueue(SendBudget budget) {
        this.budget = budget;
    }

    /** Adds a packet; returns false if there is no memory for it. There is always some for a Close. */
    boolean put(Packet packet) {
        int cost = packet.kind() == Kind.CLOSE ? 0 : packet.length() + OVERHEAD_BYTES;
        if (cost > 0 && !budget.tryTake(cost)) {
            return false;
        }
        List<Place> waiting = places;
        if (waiting == null) {
            waiting = new ArrayList<>(4);
            places = waiting;
        }
        endBytes += packet.length();
        waiting.add(new Place(packet, endBytes, cost));
        last++;
        note();
        return true;
    }

    /** The number of the last packet that the peer is known to have; 0 if none. */
    public long acknowledged() {
        return acknowledged;
    }

    /** The number of the last packet; 0 if there was none. */
    public long last() {
        return last;
    }

    /**
     * A packet that waits.
     *
     * @param number above {@link #acknowledged}, at most {@link #last}
     * @throws IndexOutOfBoundsException if there is none of that number
     */
    public Packet get(long number) {
        return place(number).packet();
    }

    private Place place(long number) {
        List<Place> waiting = places;
        if (waiting == null) {
            throw new IndexOutOfBoundsException("packet " + number + " of none");
        }
        return waiting.get(head + Math.toIntExact(number - acknowledged - 1));
    }

    /** Payload bytes that wait, up to and with the packet {@code number}; it may be acknowledged. */
    public long bytesUpTo(long number) {
        return number <= acknowledged ? 0 : place(number).endBytes() - acknowledgedBytes;
    }

    /** Drops what the peer has; returns whether that was news. */
    boolean acknowledge(long number) {
        if (number <= acknowledged) {
            return false;
        }
        acknowledgedBytes = place(number).endBytes();
        List<Place> waiting = Objects.requireNonNull(places);
        long cost = 0;
        for (long known = acknowledged; known < number; known++) {
            cost += waiting.set(head++, GONE).cost();
        }
        budget.give(cost);
        if (number == last) {
            places = null;
            head = 0;
        } else if (head > waiting.size() / 2) {
            // Now and then, so that each costs the same however many wait.
            waiting.subList(0, head).clear();
            head = 0;
        }
        acknowledged = number;
        note();
        return true;
    }

    void clear() {
        if (last > acknowledged) {
            acknowledge(last);
        }
    }

    private void note() {
        bytes = endBytes - acknowledgedBytes;
        size = (int) (last - acknowledged);
    }

    /** What the peer has, with what it cost to hold. */
    long acknowledgedCost() {
        return acknowledgedBytes + acknowledged * OVERHEAD_BYTES;
    }

    /** Payload bytes that wait. Thread-safe. */
    public long bytes() {
        return bytes;
    }

    /** Memory for what waits besides its payload. Thread-safe. */
    public long overheadBytes() {
        return (long) size * OVERHEAD_BYTES;
    }
}
