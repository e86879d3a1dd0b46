package io.duplex.protocol;

import java.nio.ByteBuffer;

/**
 * Where an engine puts the bytes that its side sends; the host's. Bytes leave in the order of the calls. Confined to the
 * engine's thread.
 */
public interface Outgoing {
    /** The most that {@link #room} can be asked for, in bytes. */
    int MAX_ROOM = 64 << 10;

    /**
     * Room for small things, which the host gathers into one write: the caller writes at the buffer's position, at most
     * {@code bytes}, and moves it on. Valid until the next call of a method here.
     *
     * @param bytes at most {@link #MAX_ROOM}
     * @return a big-endian buffer
     */
    ByteBuffer room(int bytes);

    /**
     * Sends {@code payload} from position to limit and consumes it. On return it has been written or copied: the caller may
     * change it.
     */
    void write(ByteBuffer payload);

    /** Whether the peer does not read what was sent, so that what need not be sent should not. */
    default boolean isCongested() {
        return false;
    }
}
