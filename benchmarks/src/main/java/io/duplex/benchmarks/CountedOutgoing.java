package io.duplex.benchmarks;

import io.duplex.protocol.Outgoing;
import java.nio.ByteBuffer;

/** Gathers small things as a transport does, takes big ones by reference, and counts all. */
final class CountedOutgoing implements Outgoing {
    private final ByteBuffer gathered;
    private long bytes;

    /**
     * Creates one without a byte.
     *
     * @param gatheredBytes what is gathered before the buffer begins anew: that much was written, so to say
     */
    CountedOutgoing(int gatheredBytes) {
        gathered = ByteBuffer.allocateDirect(gatheredBytes);
    }

    @Override
    public ByteBuffer room(int needed) {
        if (gathered.remaining() < needed) {
            bytes += gathered.position();
            gathered.clear();
        }
        return gathered;
    }

    @Override
    public void write(ByteBuffer payload) {
        bytes += payload.remaining();
        payload.position(payload.limit());
    }

    /** Bytes since {@link #clear}. */
    long bytes() {
        return bytes + gathered.position();
    }

    /** Forgets all. */
    void clear() {
        bytes = 0;
        gathered.clear();
    }
}
