package io.duplex.connection;

import io.duplex.MessageStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A message of an {@link Inbox} that is read while it comes; it holds one piece. Confined to one thread at a time. */
final class ReceivedStream extends InputStream implements MessageStream {
    private final Inbox inbox;
    private final boolean text;
    private @Nullable Reader reader;
    /** {@code null} before the first piece. */
    private @Nullable Piece piece;

    /** Set by whoever asks for the next message, too. */
    private volatile boolean closed;

    ReceivedStream(Inbox inbox, boolean text) {
        this.inbox = inbox;
        this.text = text;
    }

    @Override
    public boolean isText() {
        return text;
    }

    @Override
    public InputStream bytes() {
        return this;
    }

    @Override
    public Reader text() {
        if (!text) {
            throw new IllegalStateException("a binary message");
        }
        Reader present = reader;
        if (present == null) {
            present = new InputStreamReader(this, StandardCharsets.UTF_8);
            reader = present;
        }
        return present;
    }

    /** The piece to read from, which has bytes; {@code null} at the end of the message. */
    private @Nullable Piece current() throws IOException {
        if (closed) {
            throw new IOException("stream is closed");
        }
        Piece present = piece;
        while (present == null || present.length() == 0) {
            if (present != null && present.isLast()) {
                return null;
            }
            present = inbox.next(this);
            piece = present;
        }
        return present;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        Piece present = current();
        return present == null ? -1 : present.take(target, offset, length);
    }

    /** What can be read without waiting, as far as this holds it. */
    @Override
    public int available() {
        return closed || piece == null ? 0 : piece.length();
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        long total = 0;
        for (Piece present; (present = current()) != null; ) {
            int length = present.length();
            present.writeTo(out);
            total += length;
        }
        return total;
    }

    /** Nothing more is to be read. */
    void end() {
        closed = true;
    }

    @Override
    public void close() {
        end();
        piece = null;
        inbox.close(this);
    }
}
