package io.duplex;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.Reader;

/**
 * A message that is read while it comes, however long it is, in constant memory: see {@link BlockingWebSocket#receiveStream}.
 * What nobody reads slows the peer down.
 *
 * <p>Reading waits. It ends where the message does, and only there: if the connection ends first, reading throws an {@link
 * IOException} whose cause is a {@link ConnectionClosedException}. It can be interrupted: it then throws an {@link
 * InterruptedIOException}, with the thread's interrupt status set, and can be gone on with. On the connection's event loop it
 * throws an {@link IllegalStateException}.
 *
 * <p>Confined to one thread at a time.
 */
public interface MessageStream extends AutoCloseable {
    /** Whether it is a text message. */
    boolean isText();

    /** The content: of a binary message the bytes, of a text message its UTF-8, which is valid. The same each time. */
    InputStream bytes();

    /**
     * The content of a text message. The same each time; what has been read there is gone from {@link #bytes}.
     *
     * @throws IllegalStateException if it is a binary message
     */
    Reader text();

    /**
     * Skips what is left: the socket drops it as it comes. Does not wait. Asking the socket for the next message does the same.
     * Reading on throws an {@link IOException}.
     */
    @Override
    void close();
}
