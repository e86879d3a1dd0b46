package io.duplex.transport;

import io.duplex.BufferSource.Lease;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a head that comes in pieces. A head that comes in one piece is read where it lies, and costs nothing here. Confined
 * to the event loop.
 */
public final class HeadBuffer {
    private static final int MIN_BYTES = 1024;

    private final SocketLoop loop;
    /** What was kept, from position to limit; {@code null} as long as nothing was. */
    private @Nullable Lease lease;

    /** Creates a buffer that holds nothing. */
    public HeadBuffer(SocketLoop loop) {
        this.loop = loop;
    }

    /** Whether nothing was kept. */
    public boolean isEmpty() {
        return lease == null;
    }

    /** What was kept with all of {@code in} behind it; {@code in} itself if nothing was. */
    public ByteBuffer join(ByteBuffer in) {
        return lease == null ? in : append(in);
    }

    /** Keeps what is left of {@code joined}, which {@link #join} returned. */
    public void keep(ByteBuffer joined) {
        if (lease == null && joined.hasRemaining()) {
            append(joined);
        }
    }

    /**
     * Hands what is left of {@code joined}, which {@link #join} returned, to whoever listens to {@code transport} now, and
     * holds nothing any more.
     */
    public void handOn(ByteBuffer joined, SocketTransport transport) {
        Lease kept = lease;
        if (kept != null) {
            lease = null;
            try {
                if (joined.hasRemaining()) {
                    transport.deliver(joined);
                }
            } finally {
                kept.release();
            }
        }
    }

    private ByteBuffer append(ByteBuffer in) {
        ByteBuffer bytes = withRoom(in.remaining());
        int end = bytes.limit();
        bytes.limit(end + in.remaining()).put(end, in, in.position(), in.remaining());
        in.position(in.limit());
        return bytes;
    }

    private ByteBuffer withRoom(int more) {
        Lease old = lease;
        if (old != null && old.bytes().capacity() - old.bytes().limit() >= more) {
            return old.bytes();
        }
        int kept = old == null ? 0 : old.bytes().remaining();
        Lease bigger = loop.core().workspace().acquire(Math.max(MIN_BYTES, 2 * (kept + more)));
        ByteBuffer bytes = bigger.bytes().clear();
        if (old != null) {
            bytes.put(old.bytes());
            old.release();
        }
        lease = bigger;
        return bytes.flip();
    }

    /** Holds nothing any more. */
    public void release() {
        Lease kept = lease;
        if (kept != null) {
            lease = null;
            kept.release();
        }
    }
}
