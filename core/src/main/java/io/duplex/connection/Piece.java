package io.duplex.connection;

import io.duplex.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A run of bytes of one message that was received. Confined to one thread at a time. */
final class Piece {
    /** Room of a piece that more may follow: a message of many small fragments is not to take an object for each. */
    private static final int LEAST_ROOM_BYTES = 1 << 10;

    private final boolean text;
    private final byte[] bytes;
    private int from;
    private int to;
    private boolean last;

    /** Copies {@code content}, which is consumed. */
    Piece(boolean text, ByteBuffer content, boolean last) {
        int length = content.remaining();
        this.text = text;
        this.last = last;
        this.bytes = new byte[last ? length : Math.max(length, LEAST_ROOM_BYTES)];
        this.to = length;
        content.get(bytes, 0, length);
    }

    /** Takes what follows in the same message, if there is room for it; then it is consumed. */
    boolean append(ByteBuffer content, boolean ends) {
        int length = content.remaining();
        if (last || bytes.length - to < length) {
            return false;
        }
        content.get(bytes, to, length);
        to += length;
        last = ends;
        return true;
    }

    /** Whether the message is text. */
    boolean isText() {
        return text;
    }

    /** Whether the message ends with it. */
    boolean isLast() {
        return last;
    }

    /** The bytes that are left. */
    int length() {
        return to - from;
    }

    /** Takes up to {@code length} of the bytes that are left; returns how many. */
    int take(byte[] target, int offset, int length) {
        int taken = Math.min(length, to - from);
        System.arraycopy(bytes, from, target, offset, taken);
        from += taken;
        return taken;
    }

    /** Writes the bytes that are left. */
    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, from, to - from);
        from = to;
    }

    /** The message, if this is all of it. */
    Message message() {
        return text
                ? new Message.Text(new String(bytes, from, to - from, StandardCharsets.UTF_8))
                : new Message.Binary(ByteBuffer.wrap(bytes, from, to - from));
    }
}
