package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeView;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the heap holds of requests: their heads for as long as a connection, a session or an answer may be asked for them, and
 * bodies until they are answered. A head is allowed to be some kilobytes, so that thousands of connections could fill the heap
 * with nothing else. Thread-safe.
 */
final class RequestMemory {
    /** Of a head that is not counted: most of what browsers send is less, and a connection takes more. */
    static final int USUAL_HEAD_BYTES = 4 << 10;

    /** What a field takes besides its characters: two strings with their arrays. */
    private static final int FIELD_BYTES = 100;

    /** Of all servers, as the heap is the JVM's. */
    static final RequestMemory SHARED = new RequestMemory(
            Long.getLong("io.duplex.maxRequestMemoryBytes", Runtime.getRuntime().maxMemory() / 4));

    private final long maxBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    RequestMemory(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** What counts of a head. */
    static int ofHead(RequestHead head) {
        HeaderFields fields = head.fields();
        int bytes = head.target().length() - USUAL_HEAD_BYTES;
        for (int line = 0; line < fields.size(); line++) {
            bytes += FIELD_BYTES
                    + fields.name(line).length()
                    + fields.value(line).length();
        }
        return Math.max(0, bytes);
    }

    /** What counts of the head that {@code handshake} keeps. */
    static int ofHead(Handshake handshake) {
        if (handshake instanceof HandshakeView view) {
            return ofHead(view.agreed());
        }
        return handshake instanceof CompletedHandshake completed ? ofHead(completed.request()) : 0;
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
