package io.duplex.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One receive buffer for all the connections of an event loop, handed out again for each read, so that an idle connection
 * holds none. One read per readiness event, unless it filled the buffer; few if they all do. Confined to the loop's thread.
 */
final class ReceiveBuffer implements RecvByteBufAllocator, RecvByteBufAllocator.ExtendedHandle {
    private static final int BYTES = 256 << 10;
    /** The size of a read while much is kept of earlier ones. */
    private static final int SMALL_BYTES = 16 << 10;

    /** Reads before other connections have their turn. */
    private static final int MAX_READS = 4;

    private static final long MUCH_BYTES = 16 << 20;

    /** What connections keep of earlier reads. */
    private final LongSupplier keptBytes;

    private @Nullable ByteBuf buffer;
    private @Nullable ByteBuffer view;
    /** The channel that reads now. */
    private @Nullable ChannelConfig reading;

    private int reads;
    private int attempted;
    private int last;

    ReceiveBuffer(LongSupplier keptBytes) {
        this.keptBytes = keptBytes;
    }

    @Override
    public ExtendedHandle newHandle() {
        return this;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        ByteBuf current = buffer;
        if (current == null || current.refCnt() != 1) {
            // First of all no longer ours: if there is no memory for another, it must not be released or used again.
            release();
            current = LoopGroup.ALLOCATOR.directBuffer(BYTES, BYTES);
            buffer = current;
            view = current.nioBuffer(0, BYTES);
        }
        if (keptBytes.getAsLong() > MUCH_BYTES) {
            // Thousands of peers that send and do not read: what one read brings too much has to be kept.
            return current.retainedSlice(0, SMALL_BYTES).clear();
        }
        return current.clear().retain();
    }

    /** What was read into {@code bytes}, without a new object if it is the shared buffer. */
    @SuppressWarnings("ReferenceEquality") // the same memory
    ByteBuffer content(ByteBuf bytes) {
        ByteBuffer shared = view;
        if (bytes == buffer && shared != null) {
            return shared.limit(bytes.writerIndex()).position(bytes.readerIndex());
        }
        return bytes.nioBuffer();
    }

    void release() {
        if (buffer != null) {
            buffer.release();
            buffer = null;
            view = null;
        }
    }

    @Override
    public int guess() {
        return BYTES;
    }

    @Override
    public void reset(ChannelConfig config) {
        reading = config;
        reads = 0;
    }

    @Override
    public void incMessagesRead(int messages) {
        reads += messages;
    }

    @Override
    public void lastBytesRead(int bytes) {
        last = bytes;
    }

    @Override
    public int lastBytesRead() {
        return last;
    }

    @Override
    public void attemptedBytesRead(int bytes) {
        attempted = bytes;
    }

    @Override
    public int attemptedBytesRead() {
        return attempted;
    }

    @Override
    public boolean continueReading() {
        return last == attempted && isWanted();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
        return maybeMoreData.get() && isWanted();
    }

    /** A peer that sends without end must not be all that the loop is there for. Whoever switched reading off in the middle of a turn must not be given the rest of what a fast peer sends. */
    private boolean isWanted() {
        return reads < MAX_READS && reading != null && reading.isAutoRead();
    }

    @Override
    public void readComplete() {}
}
