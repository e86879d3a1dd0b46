package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;

/** What a socket has not taken yet, in order, and who waits for it to be taken. Confined to the event loop. */
final class UnsentBytes {
    /** The biggest buffer that is taken for more than what is there to be kept. */
    private static final int CHUNK_BYTES = 16 << 10;

    private final ArrayDeque<ByteBuf> chunks = new ArrayDeque<>(4);
    private final Queue<Awaited> awaited = new ArrayDeque<>(1);
    private long added;
    private long taken;

    /** A task that is due once so many bytes have been taken. */
    private record Awaited(long taken, Runnable task) {}

    /** Adds a copy of {@code bytes}, which are consumed: small pieces behind each other, so that they leave in few writes. */
    void add(ByteBuffer bytes) {
        ByteBuf last = chunks.peekLast();
        if (last == null || last.writableBytes() < bytes.remaining()) {
            int room = Math.max(bytes.remaining(), (int) Math.min(CHUNK_BYTES, bytes()));
            last = LoopGroup.ALLOCATOR.directBuffer(room, room);
            chunks.add(last);
        }
        added += bytes.remaining();
        last.writeBytes(bytes);
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
            chunks.remove().release();
        }
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
        chunks.forEach(ByteBuf::release);
        chunks.clear();
        awaited.clear();
    }
}
