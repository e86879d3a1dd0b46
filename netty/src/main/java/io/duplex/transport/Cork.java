package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what one connection at a time sends, so that all that a turn of the event loop produces for it leaves in one write.
 * One for all the connections of a loop; confined to its thread.
 */
final class Cork {
    /** Of what was accepted; with a little more, so that 64 KiB leave in one write with their header. */
    static final int ACCEPTED_BYTES = SocketTransport.MAX_ROOM + (1 << 10);

    /**
     * Of what this side has opened: a masked message of 1 MiB leaves in two writes. Each piece that comes by itself wakes its receiver. An
     * accepted connection gathers less: only a write shows that its peer does not read, and then all that was gathered is kept.
     */
    static final int OPENED_BYTES = 8 * SocketTransport.MAX_ROOM + (1 << 10);

    private final ByteBuf memory = LoopGroup.ALLOCATOR.directBuffer(OPENED_BYTES, OPENED_BYTES);
    private final ByteBuffer view = memory.nioBuffer(0, OPENED_BYTES);
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
            view.limit(transport.corkBytes());
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
