package io.duplex.protocol;

import io.duplex.BufferSource;
import io.duplex.BufferSource.Lease;
import io.duplex.extension.DeflatePool;
import io.duplex.message.MessageAssembler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the engines of one event loop share, so that an idle connection holds none of it: memory, chance, zlib, and the
 * assembler of a message that came in pieces. Confined to the event loop's thread.
 *
 * <p>What an event lends may lie here. So one engine's event is to be done with, and the engine to be asked until
 * {@link WebSocketProtocol#isInflating} is false or told to {@link WebSocketProtocol#keepInput}, before another engine of the
 * same workspace is given bytes.
 */
public final class Workspace {
    /** The biggest buffer that a resting assembler keeps. */
    static final int KEPT_BUFFER_BYTES = 64 << 10;

    /** Bytes that are inflated at a time where a message is taken in parts. */
    private static final int PART_BYTES = 16 << 10;

    private final BufferSource buffers;
    private final IntSupplier maskingKeys;
    private final DeflatePool zlib;
    private @Nullable MessageAssembler spare;
    private @Nullable ByteBuffer viewed;
    private @Nullable ByteBuffer view;
    private @Nullable Lease inflatedPart;
    private byte @Nullable [] shared;
    private @Nullable Lease sharedCopy;

    /**
     * Creates a workspace.
     *
     * @param buffers memory for unfinished messages
     * @param maskingKeys unpredictable ints (RFC 6455 §5.3, §10.3)
     * @param zlib compressors and decompressors
     */
    public Workspace(BufferSource buffers, IntSupplier maskingKeys, DeflatePool zlib) {
        this.buffers = buffers;
        this.maskingKeys = maskingKeys;
        this.zlib = zlib;
    }

    /** A second view of {@code in}, made once for as long as the same buffer is used, bounded to the given range. */
    @SuppressWarnings("ReferenceEquality") // the same memory, not equal content
    ByteBuffer view(ByteBuffer in, int from, int to) {
        ByteBuffer cached = view;
        if (cached == null || viewed != in) {
            cached = in.duplicate();
            view = cached;
            viewed = in;
        }
        return cached.limit(to).position(from).order(ByteOrder.BIG_ENDIAN);
    }

    /** Whether {@code content} is what {@link #view} gave last. */
    @SuppressWarnings("ReferenceEquality") // the same view, not equal content
    boolean isView(ByteBuffer content) {
        return content == view;
    }

    /** What {@link #view} gave last, as it stands. */
    ByteBuffer lastView() {
        ByteBuffer last = view;
        if (last == null) {
            throw new IllegalStateException("nothing is viewed");
        }
        return last;
    }

    /** Where a part of a message is inflated to, cleared: good until the next call. */
    ByteBuffer inflatedPart() {
        Lease present = inflatedPart;
        if (present == null) {
            present = buffers.acquire(PART_BYTES);
            inflatedPart = present;
        }
        return present.bytes().order(ByteOrder.BIG_ENDIAN).clear();
    }

    /**
     * A copy of {@code bytes} in the host's memory, from where the operating system can take it: one for all who send the same
     * bytes in a row. It is lent until the next call, or {@link #releaseShared}.
     */
    @SuppressWarnings("ReferenceEquality") // the same array, not equal bytes
    ByteBuffer shared(byte[] bytes) {
        Lease copy = sharedCopy;
        if (copy == null || shared != bytes) {
            releaseShared();
            try {
                copy = buffers.acquire(bytes.length);
            } catch (OutOfMemoryError none) {
                return ByteBuffer.wrap(bytes); // slower, but who sends is not who holds the memory
            }
            copy.bytes().clear().put(bytes);
            sharedCopy = copy;
            shared = bytes;
        }
        return copy.bytes().position(0).limit(bytes.length);
    }

    /** Gives back the copy of what was last sent to many. To be called now and then, between turns. */
    public void releaseShared() {
        Lease copy = sharedCopy;
        if (copy != null) {
            sharedCopy = null;
            shared = null;
            copy.release();
        }
    }

    /** The resting assembler, or a new one. */
    MessageAssembler takeAssembler() {
        MessageAssembler taken = spare;
        if (taken == null) {
            return new MessageAssembler(buffers);
        }
        spare = null;
        return taken;
    }

    /** Takes an assembler back, and its message's memory; one with a small buffer is kept. */
    void giveBack(MessageAssembler assembler) {
        assembler.clear(spare == null ? KEPT_BUFFER_BYTES : 0);
        if (spare == null) {
            spare = assembler;
        }
    }

    /**
     * Lends memory that outlives a turn of the loop.
     *
     * @param bytes the least capacity
     */
    public Lease acquire(int bytes) {
        return buffers.acquire(bytes);
    }

    /** A masking key that no earlier one helps to predict (RFC 6455 §5.3). Good wherever chance is needed. */
    public int nextMaskingKey() {
        return maskingKeys.getAsInt();
    }

    /** Compressors and decompressors. */
    DeflatePool zlib() {
        return zlib;
    }

    /** Whether so much is taken to inflate with that new connections should not agree on compression. */
    public boolean isShortToInflate() {
        return zlib.isShort();
    }

    /** Tells that a while has gone by: gives back the memory of compression that nobody used since the last call. */
    public void rest() {
        zlib.rest();
    }

    /** Gives back all memory. */
    public void close() {
        MessageAssembler last = spare;
        if (last != null) {
            last.clear(0);
            spare = null;
        }
        Lease part = inflatedPart;
        if (part != null) {
            part.release();
            inflatedPart = null;
        }
        releaseShared();
        view = null;
        viewed = null;
        zlib.close();
    }
}
