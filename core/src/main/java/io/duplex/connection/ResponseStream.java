package io.duplex.connection;

import java.nio.ByteBuffer;

/** The body of an answer that is given bit by bit. What is written leaves at once. Thread-safe. */
public interface ResponseStream {
    /**
     * Writes bytes, which are consumed: copied or written before this returns. After {@link #end}, or once the peer has left,
     * they are dropped.
     */
    void write(ByteBuffer bytes);

    /** Bytes that were written but that the operating system has yet to take. */
    long pendingBytes();

    /** Runs {@code task} on the exchange's loop once all that was written before has been taken; never if the peer leaves first. */
    void whenFlushed(Runnable task);

    /** Ends the body. Does nothing if it has ended. */
    void end();
}
