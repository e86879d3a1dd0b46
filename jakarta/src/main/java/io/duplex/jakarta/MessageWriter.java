package io.duplex.jakarta;

import java.io.IOException;
import java.io.Writer;

/** Sends what is written as one text message, in parts. Confined to one thread at a time. */
final class MessageWriter extends Writer {
    private static final int BUFFER_CHARS = 8 << 10;

    private final Outlet outlet;
    private final StringBuilder buffer = new StringBuilder();
    private boolean begun;
    private boolean closed;

    MessageWriter(Outlet outlet) {
        this.outlet = outlet;
    }

    @Override
    public void write(char[] chars, int offset, int length) throws IOException {
        requireOpen();
        buffer.append(chars, offset, length);
        if (buffer.length() >= BUFFER_CHARS) {
            flush();
        }
    }

    @Override
    public void flush() throws IOException {
        requireOpen();
        if (!buffer.isEmpty()) {
            begun = true;
            outlet.textPart(this, take(), false);
        }
    }

    /** Drops what has not been sent: all of the message, unless parts of it have gone, which are then the message. */
    void abandon() throws IOException {
        buffer.setLength(0);
        closed = !begun;
        close();
    }

    /** Ends the message. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            outlet.textPart(this, take(), true);
        }
    }

    /** What has gathered, which is not sent again if the sending fails. */
    private String take() {
        String gathered = buffer.toString();
        buffer.setLength(0);
        return gathered;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the message has ended");
        }
    }
}
