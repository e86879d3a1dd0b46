package io.duplex.jakarta;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Sends what is written as one binary message, in parts. Confined to one thread at a time. */
final class MessageOutput extends OutputStream {
    private static final int BUFFER_BYTES = 8 << 10;

    private final Outlet outlet;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private boolean begun;
    private boolean closed;

    MessageOutput(Outlet outlet) {
        this.outlet = outlet;
    }

    @Override
    public void write(int b) throws IOException {
        requireOpen();
        buffer.write(b);
        flushIfFull();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        requireOpen();
        buffer.write(bytes, offset, length);
        flushIfFull();
    }

    private void flushIfFull() throws IOException {
        if (buffer.size() >= BUFFER_BYTES) {
            flush();
        }
    }

    @Override
    public void flush() throws IOException {
        requireOpen();
        if (buffer.size() > 0) {
            begun = true;
            outlet.binaryPart(this, take(), false);
        }
    }

    /** Drops what has not been sent: all of the message, unless parts of it have gone, which are then the message. */
    void abandon() throws IOException {
        buffer.reset();
        closed = !begun;
        close();
    }

    /** Ends the message. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            outlet.binaryPart(this, take(), true);
        }
    }

    /** What has gathered, which is not sent again if the sending fails. */
    private ByteBuffer take() {
        ByteBuffer gathered = ByteBuffer.wrap(buffer.toByteArray());
        buffer.reset();
        return gathered;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the message has ended");
        }
    }
}
