package io.duplex.connection;

import io.duplex.BufferSource.Lease;
import java.nio.ByteBuffer;

/** Bytes that were received but not taken yet, as the handler paused or the peer does not read. Confined to the event loop. */
final class KeptInput {
    /** Less than that from one look to the next does not count. */
    private static final int LEAST_BYTES = 1 << 10;

    private final Loop loop;
    private Lease lease;
    private int age;
    /** The shortage in which it grew to that. */
    private int shortage;

    /** What was left at the last look. */
    private int seenBytes;

    /** Copies and consumes {@code in}. */
    KeptInput(Loop loop, ByteBuffer in) {
        this.loop = loop;
        this.lease = acquire(in.remaining());
        this.lease.bytes().clear().put(in).flip();
    }

    private Lease acquire(int bytes) {
        Lease acquired = loop.workspace().acquire(bytes);
        loop.countKept(acquired.bytes().capacity());
        return acquired;
    }

    /** What is left, to be consumed. */
    ByteBuffer bytes() {
        return lease.bytes();
    }

    /** Appends a copy of {@code in}, which is consumed. */
    void append(ByteBuffer in) {
        ByteBuffer bytes = lease.bytes();
        int end = bytes.limit();
        if (bytes.capacity() - end >= in.remaining()) {
            bytes.limit(end + in.remaining()).put(end, in, in.position(), in.remaining());
            in.position(in.limit());
        } else {
            // Twice, so that many small appends do not copy all each time.
            Lease grown = acquire(2 * (bytes.remaining() + in.remaining()));
            grown.bytes().clear().put(bytes).put(in).flip();
            release();
            lease = grown;
        }
    }

    /** Counts one more look at it; returns how many of that shortage there have been in a row that found no less. */
    int growOlder(int present) {
        int left = lease.bytes().remaining();
        if (shortage != present || left <= seenBytes - LEAST_BYTES) {
            shortage = present;
            age = 0;
        }
        seenBytes = left;
        return ++age;
    }

    void release() {
        loop.countKept(-lease.bytes().capacity());
        lease.release();
    }
}
