package io.duplex.testkit;

import io.duplex.BufferSource;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A source of buffers that counts what is on loan, and tells when a loan is misused: a buffer begins with garbage in it, and
 * is filled with other garbage when it is given back. Confined to one thread at a time.
 */
public final class CountingBuffers implements BufferSource {
    private static final byte FRESH = (byte) 0xA5;
    private static final byte RETURNED = (byte) 0xDB;

    private final boolean direct;
    private int loans;
    private int outstanding;
    private long outstandingBytes;
    private long peakBytes;
    private long maxBytes = Long.MAX_VALUE;

    /**
     * Creates a source.
     *
     * @param direct whether its buffers are direct
     */
    public CountingBuffers(boolean direct) {
        this.direct = direct;
    }

    /** Lends no more than so many bytes at a time from now on. */
    public void lendAtMost(long bytes) {
        maxBytes = bytes;
    }

    @Override
    public Lease acquire(int bytes) {
        if (outstandingBytes + bytes > maxBytes) {
            throw new OutOfMemoryError("test lends no more than " + maxBytes + " bytes");
        }
        ByteBuffer buffer = direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        fill(buffer, FRESH);
        loans++;
        outstanding++;
        outstandingBytes += bytes;
        peakBytes = Math.max(peakBytes, outstandingBytes);
        return new CountedLease(buffer);
    }

    private static void fill(ByteBuffer buffer, byte garbage) {
        byte[] all = new byte[buffer.capacity()];
        Arrays.fill(all, garbage);
        buffer.put(0, all);
    }

    /** Buffers that were ever lent. */
    public int loans() {
        return loans;
    }

    /** Buffers that are on loan now. */
    public int outstanding() {
        return outstanding;
    }

    /** The capacity of all buffers that are on loan now. */
    public long outstandingBytes() {
        return outstandingBytes;
    }

    /** The most that {@link #outstandingBytes()} has been. */
    public long peakBytes() {
        return peakBytes;
    }

    private final class CountedLease implements Lease {
        private final ByteBuffer buffer;
        private boolean released;

        CountedLease(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public ByteBuffer bytes() {
            if (released) {
                throw new IllegalStateException("buffer has been given back");
            }
            return buffer;
        }

        @Override
        public void release() {
            if (released) {
                throw new IllegalStateException("buffer has been given back already");
            }
            released = true;
            outstanding--;
            outstandingBytes -= buffer.capacity();
            fill(buffer.clear(), RETURNED);
        }
    }
}
