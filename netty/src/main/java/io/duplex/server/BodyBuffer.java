package io.duplex.server;

import io.duplex.BufferSource.Lease;
import io.duplex.connection.Loop;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a body as its bytes come, in memory that counts for the budget of what is received. Confined to the event loop.
 */
final class BodyBuffer {
    private static final int MIN_BYTES = 1024;
    private static final byte[] NOTHING = new byte[0];

    private final Loop loop;
    private @Nullable Lease lease;
    private int length;

    BodyBuffer(Loop loop) {
        this.loop = loop;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /**
     * Adds the bytes of {@code in} from {@code from} on.
     *
     * @throws OutOfMemoryError if no memory is lent; what was gathered is still held
     */
    void add(ByteBuffer in, int from, int bytes) {
        ByteBuffer memory = withRoom(bytes);
        memory.put(length, in, from, bytes);
        length += bytes;
    }

    private ByteBuffer withRoom(int more) {
        Lease old = lease;
        if (old != null && old.bytes().capacity() - length >= more) {
            return old.bytes().clear();
        }
        Lease bigger =
                loop.workspace().acquire((int) Math.max(MIN_BYTES, Math.min(Integer.MAX_VALUE, 2L * (length + more))));
        if (old != null) {
            bigger.bytes().clear().put(0, old.bytes().clear(), 0, length);
            old.release();
        }
        lease = bigger;
        return bigger.bytes().clear();
    }

    /** A copy of what was gathered; nothing is held any more. */
    byte[] take() {
        Lease held = lease;
        if (held == null) {
            return NOTHING;
        }
        byte[] body = new byte[length];
        held.bytes().clear().get(0, body);
        release();
        return body;
    }

    /** Holds nothing any more. */
    void release() {
        Lease held = lease;
        if (held != null) {
            lease = null;
            length = 0;
            held.release();
        }
    }
}
