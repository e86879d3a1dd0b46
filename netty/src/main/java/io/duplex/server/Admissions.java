package io.duplex.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the sockets of a server, from accept to close, all of them and by address. Some more than may connect are taken, so
 * that they can be told with a status; yet more are closed at once. IPv6 addresses count by their first 64 bits, which is what
 * one network is given. Thread-safe.
 */
final class Admissions {
    /** No IPv6 address of a host begins so; what follows is an IPv4 address. */
    private static final long IPV4 = 0xFF00_0000_0000_0000L;

    private static final int IPV4_BYTES = 4;
    private static final int LEAST_SURPLUS = 16;

    /** What becomes of a socket. */
    enum Verdict {
        ADMITTED,
        /** One too many: answered with a status. */
        SURPLUS,
        /** Far too many: closed without an answer. */
        TURNED_AWAY
    }

    private final int maxSockets;
    private final int maxPerAddress;
    private final boolean countsLoopback;
    private final AtomicInteger sockets = new AtomicInteger();
    private final ConcurrentHashMap<Long, Count> byAddress = new ConcurrentHashMap<>();

    /**
     * Creates counters.
     *
     * @param maxPerAddress 0 for no limit
     * @param countsLoopback whether sockets of this machine count by address
     */
    Admissions(int maxSockets, int maxPerAddress, boolean countsLoopback) {
        this.maxSockets = maxSockets;
        this.maxPerAddress = maxPerAddress;
        this.countsLoopback = countsLoopback;
    }

    /** How many sockets one address has; {@link #leave(Count)} ends one. */
    static final class Count {
        private final long address;
        private int sockets;

        private Count(long address) {
            this.address = address;
        }
    }

    /** Counts a socket; {@link #leave()} must follow unless it is turned away. */
    Verdict enter() {
        int present = sockets.incrementAndGet();
        if (present <= maxSockets) {
            return Verdict.ADMITTED;
        }
        if (present <= withSurplus(maxSockets)) {
            return Verdict.SURPLUS;
        }
        sockets.decrementAndGet();
        return Verdict.TURNED_AWAY;
    }

    void leave() {
        sockets.decrementAndGet();
    }

    /** Sockets that there are. */
    int sockets() {
        return sockets.get();
    }

    private static long withSurplus(int limit) {
        return (long) limit + Math.max(LEAST_SURPLUS, limit / 10);
    }

    /** Counts a socket by its address; {@code null} if that is not counted. */
    @Nullable Count enter(SocketAddress remote) {
        if (!counts(remote)) {
            return null;
        }
        return byAddress.compute(key(((InetSocketAddress) remote).getAddress()), (address, present) -> {
            Count count = present == null ? new Count(address) : present;
            count.sockets++;
            return count;
        });
    }

    void leave(Count count) {
        byAddress.computeIfPresent(count.address, (address, present) -> --present.sockets == 0 ? null : present);
    }

    /** What becomes of a socket that {@link #enter(SocketAddress)} counted or, with {@code null}, did not. */
    Verdict verdict(@Nullable Count count) {
        if (count == null) {
            return Verdict.ADMITTED;
        }
        // A racy read: whoever entered last sees all, and one more or less is no harm.
        int present = count.sockets;
        if (present <= maxPerAddress) {
            return Verdict.ADMITTED;
        }
        return present <= withSurplus(maxPerAddress) ? Verdict.SURPLUS : Verdict.TURNED_AWAY;
    }

    /** Whether there is no room for one more. */
    boolean isFull() {
        return sockets.get() >= maxSockets;
    }

    /** Whether there is no room for one more of this address. */
    boolean isFull(SocketAddress remote) {
        if (!counts(remote)) {
            return false;
        }
        Count count = byAddress.get(key(((InetSocketAddress) remote).getAddress()));
        return count != null && count.sockets >= maxPerAddress;
    }

    private boolean counts(SocketAddress remote) {
        return maxPerAddress != 0
                && remote instanceof InetSocketAddress socket
                && socket.getAddress() != null
                && (countsLoopback || !socket.getAddress().isLoopbackAddress());
    }

    private static long key(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == IPV4_BYTES ? IPV4 | bytes.getInt() & 0xFFFF_FFFFL : bytes.getLong();
    }

    /** Addresses that have a socket. */
    int addresses() {
        return byAddress.size();
    }
}
