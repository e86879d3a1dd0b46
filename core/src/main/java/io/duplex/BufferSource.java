package io.duplex;

import java.nio.ByteBuffer;

/** Memory for what must outlive one read; the host gives it. Confined to one thread at a time. */
public interface BufferSource {
    /**
     * Lends a buffer.
     *
     * @param bytes the least capacity
     * @throws OutOfMemoryError if no more is lent: whoever wants it is failed, and it alone
     */
    Lease acquire(int bytes);

    /** A buffer on loan. */
    interface Lease {
        /** The buffer; always the same one. Its content is undefined at first. */
        ByteBuffer bytes();

        /** Gives the buffer back; to be called once. */
        void release();
    }
}
