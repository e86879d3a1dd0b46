package io.duplex.testkit;

import io.duplex.protocol.Outgoing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps in memory what an engine sends, and holds the engine to the contract of {@link Outgoing}: no more room than it asked
 * for, and none beyond {@link Outgoing#MAX_ROOM}. Confined to one thread at a time.
 */
public final class RecordedOutgoing implements Outgoing {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final boolean direct;
    private @Nullable ByteBuffer open;

    /**
     * Creates an empty record.
     *
     * @param direct whether the room that it gives is direct memory
     */
    public RecordedOutgoing(boolean direct) {
        this.direct = direct;
    }

    /** @throws IllegalArgumentException if it is more than {@link Outgoing#MAX_ROOM} */
    @Override
    public ByteBuffer room(int bytes) {
        if (bytes > MAX_ROOM) {
            throw new IllegalArgumentException("room of " + bytes + " bytes, limit " + MAX_ROOM);
        }
        settle();
        ByteBuffer room = direct ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        open = room;
        return room;
    }

    @Override
    public void write(ByteBuffer payload) {
        settle();
        append(payload);
    }

    private void settle() {
        ByteBuffer written = open;
        if (written != null) {
            open = null;
            append(written.flip());
        }
    }

    private void append(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        sent.writeBytes(copy);
    }

    /** All that was sent so far; the record begins anew. */
    public ByteBuffer take() {
        settle();
        ByteBuffer all = ByteBuffer.wrap(sent.toByteArray());
        sent.reset();
        return all;
    }

    /** All that was sent since the last {@link #take}. */
    public ByteBuffer peek() {
        settle();
        return ByteBuffer.wrap(sent.toByteArray());
    }
}
