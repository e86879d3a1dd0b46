package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the heap holds of requests: their heads for as long as a connection, a session or an answer may be asked for them, and
 * bodies until they are answered. A head is allowed to be some kilobytes, so that thousands of connections could fill the heap
 * with nothing else. Thread-safe.
 */
final class RequestMemory {
    /** Of a head that is not counted: browsers send less, and a connection takes more. */
    static final int USUAL_HEAD_BYTES = 2 << 10;

    /** Of all servers, as the heap is the JVM's. */
    static final RequestMemory SHARED = new RequestMemory(
            Long.getLong("io.duplex.maxRequestMemoryBytes", Runtime.getRuntime().maxMemory() / 4));

    private final long maxBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    RequestMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** What counts of a head of that length. */
    static int ofHead(int bytes) {
        return Math.max(0, bytes - USUAL_HEAD_BYTES);
    }

    /** What counts of the head that {@code handshake} keeps. */
    static int ofHead(Handshake handshake) {
        if (handshake instanceof GatedHandshake gated) {
            return ofHead(gated.agreed());
        }
        if (!(handshake instanceof CompletedHandshake completed)) {
            return 0;
        }
        RequestHead head = completed.request();
        HeaderFields fields = head.fields();
        int bytes = head.target().length();
        for (int line = 0; line < fields.size(); line++) {
            bytes += fields.name(line).length() + fields.value(line).length();
        }
        return ofHead(bytes);
    }

    /** Counts bytes that are to be held, unless they are too many. */
    boolean tryTake(long bytes) {
        if (heldBytes.addAndGet(bytes) > maxBytes) {
            heldBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Counts bytes that are held anyhow. */
    void take(long bytes) {
        heldBytes.addAndGet(bytes);
    }

    /** Counts bytes that are held no longer. */
    void give(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    /** What may be held yet; less than 0 where {@link #take} took more. */
    long left() {
        return maxBytes - heldBytes.get();
    }
}
