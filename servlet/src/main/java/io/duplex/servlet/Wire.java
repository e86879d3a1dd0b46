package io.duplex.servlet;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The non-blocking ends of a connection that a container serves. Confined to the connection's loop. When {@link #read} returned 0
 * the container tells once there is more; when {@link #isReady} returned false it tells once that is over.
 */
interface Wire {
    /** Reads what is there: the number of bytes, 0 if there is nothing now, -1 if nothing will come. */
    int read(ByteBuffer into) throws IOException;

    /** Whether {@link #write} may be called. */
    boolean isReady() throws IOException;

    /** Takes all bytes. The array stays the container's until {@link #isReady}. */
    void write(byte[] bytes, int offset, int length) throws IOException;

    /** Closes at once. */
    void close();
}
