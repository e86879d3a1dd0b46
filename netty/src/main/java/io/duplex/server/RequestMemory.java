package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeView;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.transport.MemoryBudget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the heap holds of requests: their heads for as long as a connection, a session or an answer may be asked for them, and
 * bodies until they are answered. A head is allowed to be some kilobytes, so that thousands of connections could fill the heap
 * with nothing else.
 *
 * <p>Heads stay as long as their connections, be it days, so that they may take half of it only: bodies find the other half.
 * Of that, and of what all heads may take, nobody gets more than twice what is then left. Thread-safe.
 */
final class RequestMemory {
    /** Of a head that is not counted: most of what browsers send is less, and a connection takes more. */
    static final int USUAL_HEAD_BYTES = 4 << 10;

    /** What a field takes besides its characters: two strings with their arrays. */
    private static final int FIELD_BYTES = 100;

    static final MemoryBudget BUDGET = new MemoryBudget(
            Long.getLong("io.duplex.maxRequestMemoryBytes", Runtime.getRuntime().maxMemory() / 4));

    /** Of all servers, as the heap is the JVM's. */
    static final RequestMemory SHARED = new RequestMemory(BUDGET);

    private final MemoryBudget budget;
    private final AtomicLong headBytes = new AtomicLong();

    RequestMemory(MemoryBudget budget) {
        this.budget = budget;
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

    /** Counts bytes of a head that is to be held, unless they are too many. */
    boolean tryTakeHead(long bytes) {
        if (isTooMuchOfHeads(headBytes.addAndGet(bytes), bytes) || !budget.tryTake(bytes)) {
            headBytes.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Whether {@link #tryTakeHead} would now find room. */
    boolean hasRoomForHead(long bytes) {
        return bytes == 0 || !isTooMuchOfHeads(headBytes.get() + bytes, bytes) && bytes + bytes / 2 <= budget.left();
    }

    private boolean isTooMuchOfHeads(long all, long bytes) {
        return all + bytes / 2 > budget.maxBytes() / 2;
    }

    /** Counts bytes of a head that is held anyhow. */
    void takeHead(long bytes) {
        headBytes.addAndGet(bytes);
        budget.add(bytes);
    }

    /** Counts bytes of a head that is held no longer. */
    void giveHead(long bytes) {
        headBytes.addAndGet(-bytes);
        budget.give(bytes);
    }

    /** Counts bytes of a body that is to be held, unless they are too many. */
    boolean tryTakeBody(long bytes) {
        return budget.tryTake(bytes);
    }

    /** Counts bytes of a body that is held no longer. */
    void giveBody(long bytes) {
        budget.give(bytes);
    }

    /** What may be held yet; less than 0 where {@link #takeHead} took more. */
    long left() {
        return budget.left();
    }
}
