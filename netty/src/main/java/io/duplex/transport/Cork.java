package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what one connection at a time sends, so that all that a turn of the event loop produces for it leaves in one write.
 * One for all the connections of a loop; confined to its thread.
 */
final class Cork {
    /**
     * What a read of 256 KiB of small messages becomes leaves in one write, and a masked message of 1 MiB in two, with its header: each
     * piece that comes by itself wakes its receiver.
     */
    private static final int BYTES = (512 << 10) + (1 << 10);

    private final ByteBuf memory = LoopGroup.ALLOCATOR.directBuffer(BYTES, BYTES);
    private final ByteBuffer view = memory.nioBuffer(0, BYTES);
    private final ByteBuffer[] pieces = {view, view};
    private final SocketLoop loop;
    private @Nullable SocketTransport owner;
    private boolean flushScheduled;

    Cork(SocketLoop loop) {
        this.loop = loop;
    }

    /** Room behind what {@code transport} has gathered; what others gathered goes out first. */
    @SuppressWarnings("ReferenceEquality") // one socket, not an equal one
    ByteBuffer room(SocketTransport transport, int bytes) {
        if (owner != transport || view.remaining() < bytes) {
            flush();
            owner = transport;
        }
        if (!flushScheduled && !transport.isInTurn()) {
            flushScheduled = true;
            loop.eventLoop().execute(this::flushScheduled);
        }
        return view;
    }

    /** Writes what {@code transport} has gathered and {@code payload}, which is direct, in one call; consumes it. */
    void flushWith(SocketTransport transport, ByteBuffer payload) {
        room(transport, 0).flip();
        pieces[1] = payload;
        owner = null;
        transport.send(pieces);
        pieces[1] = view;
        view.clear();
    }

    private void flushScheduled() {
        flushScheduled = false;
        flush();
    }

    /** Bytes that {@code transport} has gathered. */
    @SuppressWarnings("ReferenceEquality") // one socket, not an equal one
    int gathered(SocketTransport transport) {
        return owner == transport ? view.position() : 0;
    }

    /** Writes what was gathered, if {@code transport} did. */
    @SuppressWarnings("ReferenceEquality") // one socket, not an equal one
    void flush(SocketTransport transport) {
        if (owner == transport) {
            flush();
        }
    }

    private void flush() {
        SocketTransport gathered = owner;
        if (gathered != null) {
            owner = null;
            int length = view.position();
            if (length > 0) {
                view.flip();
                gathered.send(view, memory);
                view.clear();
            }
        }
    }

    void release() {
        memory.release();
    }
}
