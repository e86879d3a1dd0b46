package io.duplex.jakarta;

import io.duplex.jakarta.Arrivals.Part;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads one message as its parts come, and waits for them; who does not read slows the peer down. It is good until the handler
 * that got it returns. Confined to one thread at a time.
 */
final class MessageInput extends InputStream {
    /** Where the next part comes from. */
    @FunctionalInterface
    interface Source {
        /** Waits for the next part of the message. */
        Part next() throws IOException;
    }

    private final Source source;
    private Part part;
    private int position;
    private volatile boolean over;

    MessageInput(Part first, Source source) {
        this.part = first;
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        return hasMore() ? part.bytes()[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int count = Math.min(length, part.bytes().length - position);
        System.arraycopy(part.bytes(), position, bytes, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return over ? 0 : part.bytes().length - position;
    }

    private boolean hasMore() throws IOException {
        if (over) {
            throw new IOException("the message handler has returned");
        }
        while (position == part.bytes().length) {
            if (part.last()) {
                return false;
            }
            part = source.next();
            position = 0;
        }
        return true;
    }

    /** Ends reading; whether parts of the message are still to come. */
    boolean end() {
        over = true;
        return !part.last();
    }
}
