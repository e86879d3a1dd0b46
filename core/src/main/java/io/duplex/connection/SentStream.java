package io.duplex.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One message that is sent while it is written, in parts. To close it ends nothing: whether the message is whole, the caller of
 * its author knows, and calls {@link #finish}. Confined to one thread at a time.
 */
final class SentStream extends OutputStream {
    private static final int PART_BYTES = 32 << 10;

    private final BlockingSocket socket;
    private final boolean text;
    private final byte[] buffer = new byte[PART_BYTES];
    private int length;
    private boolean begun;
    private boolean ending;
    private boolean closed;

    SentStream(BlockingSocket socket, boolean text) {
        this.socket = socket;
        this.text = text;
    }

    /** Whether a part of the message has been sent. */
    boolean hasBegun() {
        return begun;
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        requireOpen();
        int done = 0;
        while (done < count) {
            if (length == PART_BYTES) {
                sendBuffer(false);
            }
            int room = Math.min(PART_BYTES - length, count - done);
            System.arraycopy(bytes, offset + done, buffer, length, room);
            length += room;
            done += room;
        }
    }

    /** The end is near: what is flushed from now on goes with it. */
    void beginEnd() {
        ending = true;
    }

    /** Sends what has been written so far. */
    @Override
    public void flush() throws IOException {
        requireOpen();
        if (length > 0 && !ending) {
            sendBuffer(false);
        }
    }

    @Override
    public void close() {
        closed = true;
    }

    /** Ends the message. */
    void finish() throws IOException {
        closed = true;
        sendBuffer(true);
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("stream is closed");
        }
    }

    private void sendBuffer(boolean last) throws IOException {
        ByteBuffer part = ByteBuffer.wrap(buffer, 0, length);
        length = 0;
        begun = true;
        socket.sendPart(text, part, last);
    }
}
