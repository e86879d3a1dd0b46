package io.duplex.transport;

import io.duplex.connection.SendBudget;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a socket has not taken yet, in order, and who waits for it to be taken. It counts with the memory that it pins, not with
 * the bytes that are left of it. Confined to the event loop.
 */
final class UnsentBytes {
    /** The biggest buffer that is taken for more than what is there to be kept. */
    private static final int CHUNK_BYTES = 16 << 10;
    /** The biggest buffer: a peer that reads all but the last bytes of a message must not pin all of it. */
    private static final int MAX_CHUNK_BYTES = 256 << 10;

    private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>(4);
    private final Queue<Awaited> awaited = new ArrayDeque<>(1);
    private final SendBudget budget;
    private long added;
    private long taken;

    /** A task that is due once so many bytes have been taken. */
    private record Awaited(long taken, Runnable task) {}

    /** Creates what holds nothing. */
    UnsentBytes(SendBudget budget) {
        this.budget = budget;
    }

    /**
     * Adds a copy of {@code bytes}, which are consumed: small pieces behind each other, so that they leave in few writes.
     *
     * @throws OutOfMemoryError if there is none for all of it
     */
    void add(ByteBuffer bytes) {
        ByteBuf last = chunks.peekLast();
        if (last != null && last.writableBytes() >= bytes.remaining()) {
            write(last, bytes, bytes.remaining());
        }
        while (bytes.hasRemaining()) {
            int room = Math.max(Math.min(bytes.remaining(), MAX_CHUNK_BYTES), (int) Math.min(CHUNK_BYTES, bytes()));
            write(chunk(room), bytes, Math.min(room, bytes.remaining()));
        }
    }

    private ByteBuf chunk(int room) {
        if (!budget.tryTake(room)) {
            throw new OutOfMemoryError("more than " + budget.maxBytes() + " bytes would wait to be sent");
        }
        try {
            ByteBuf chunk = LoopGroup.ALLOCATOR.directBuffer(room, room);
            chunks.add(chunk);
            return chunk;
        } catch (OutOfMemoryError full) {
            budget.give(room);
            throw full;
        }
    }

    private void write(ByteBuf chunk, ByteBuffer bytes, int length) {
        added += length;
        int limit = bytes.limit();
        chunk.writeBytes(bytes.limit(bytes.position() + length));
        bytes.limit(limit);
    }

    /** How many bytes there are. */
    long bytes() {
        return added - taken;
    }

    /** What is to be written next. There must be something. */
    ByteBuf first() {
        return chunks.element();
    }

    /** Notes that the socket has taken {@code bytes} of {@link #first}. */
    void take(int bytes) {
        taken += bytes;
        ByteBuf first = chunks.element().skipBytes(bytes);
        if (!first.isReadable()) {
            chunks.remove();
            free(first);
        }
    }

    private void free(ByteBuf chunk) {
        budget.give(chunk.capacity());
        chunk.release();
    }

    /** Has {@code task} run by {@link #runDue} once all that was added before has been taken. */
    void await(Runnable task) {
        awaited.add(new Awaited(added, task));
    }

    /** Runs the tasks whose time has come. */
    void runDue() {
        for (Awaited first; (first = awaited.peek()) != null && first.taken() <= taken; ) {
            awaited.remove();
            first.task().run();
        }
    }

    /** Gives back the memory; nothing will be taken any more. */
    void release() {
        chunks.forEach(this::free);
        chunks.clear();
        awaited.clear();
    }
}
