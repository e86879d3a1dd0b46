package io.duplex.extension;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The zlib objects and the output buffer that the connections of one event loop share. Confined to one thread at a time.
 *
 * <p>All is made when first needed. Native memory is bounded and ended by hand, never by a {@code Cleaner}:
 *
 * <ul>
 *   <li>When all is given back, the pool keeps a few objects ({@code maxIdle} of each kind); {@link #rest()} ends these too,
 *       once they are no longer used.
 *   <li>Connections hold at most {@code maxHeldDeflaters} compressors, about 270 KiB each, beyond a call: between messages
 *       as their context, or between the parts of a message. At that bound messages of one part are compressed by
 *       themselves, as with no context takeover, and messages in parts leave as stored blocks, uncompressed DEFLATE; both
 *       are right for every receiver.
 *   <li>A decompressor, about 40 KiB, is held only while a compressed message is coming in. What a receiver has to remember
 *       between messages is kept as bytes on the heap ({@link MessageInflater}). Both together have a bound, beyond which the
 *       connection that wants more fails: thousands of peers may each send a message that never ends.
 * </ul>
 */
public final class DeflatePool {
    /** The default of {@code maxIdle}: one of each is in use at a time, unless messages come or go in parts. */
    private static final int MAX_IDLE = 4;
    /** The default of {@code maxHeldDeflaters}: 64 MiB. */
    private static final int MAX_HELD_DEFLATERS = 256;

    /** What zlib takes to inflate, and what we take with it. */
    static final int INFLATER_BYTES = 44 << 10;

    private static final int INITIAL_OUTPUT_BYTES = 8 << 10;
    /** A bigger buffer than this is dropped after use. It holds an incompressible message of the default limit. */
    private static final int MAX_KEPT_OUTPUT_BYTES = (1 << 20) + (8 << 10);

    private final Zlib zlib;
    private final long maxInflatingBytes;
    private final int maxHeldDeflaters;
    private final int initialOutputBytes;
    private final Deque<LeasedDeflater> idleDeflaters = new ArrayDeque<>();
    private final Deque<LeasedInflater> idleInflaters = new ArrayDeque<>();
    private int maxIdle;
    /** Those that hold a compressor beyond a call. */
    private final Set<MessageDeflater> holders = new HashSet<>();

    private long inflatingBytes;
    private boolean usedSinceRest;
    private @Nullable ByteBuffer output;
    private @Nullable FixedCodeDeflater fixedCodes;

    /** A pool with the default bounds: 4 idle objects of each kind, 256 held compressors, a quarter of the heap to inflate. */
    public DeflatePool() {
        this(Runtime.getRuntime().maxMemory() / 4);
    }

    /**
     * A pool with the default bounds but for one.
     *
     * @param maxInflatingBytes what decompressors may take, and what is remembered of earlier messages
     */
    public DeflatePool(long maxInflatingBytes) {
        this(Zlib.JDK, MAX_IDLE, MAX_HELD_DEFLATERS, INITIAL_OUTPUT_BYTES, maxInflatingBytes);
    }

    /**
     * A pool with bounds.
     *
     * @param maxIdle compressors, and decompressors, that are kept unused
     * @param maxHeldDeflaters compressors that connections hold beyond a call
     * @throws IllegalArgumentException if a number is negative
     */
    public DeflatePool(int maxIdle, int maxHeldDeflaters) {
        this(Zlib.JDK, maxIdle, maxHeldDeflaters, INITIAL_OUTPUT_BYTES, Long.MAX_VALUE);
    }

    DeflatePool(Zlib zlib, int maxIdle, int maxHeldDeflaters, int initialOutputBytes) {
        this(zlib, maxIdle, maxHeldDeflaters, initialOutputBytes, Long.MAX_VALUE);
    }

    DeflatePool(Zlib zlib, int maxIdle, int maxHeldDeflaters, int initialOutputBytes, long maxInflatingBytes) {
        if (maxIdle < 0 || maxHeldDeflaters < 0) {
            throw new IllegalArgumentException(
                    "maxIdle is " + maxIdle + ", maxHeldDeflaters is " + maxHeldDeflaters + ", must not be negative");
        }
        this.zlib = zlib;
        this.maxInflatingBytes = maxInflatingBytes;
        this.maxIdle = maxIdle;
        this.maxHeldDeflaters = maxHeldDeflaters;
        this.initialOutputBytes = initialOutputBytes;
    }

    /**
     * Tells that a while has gone by. What was not used since the last call is ended: contexts of silent connections, and all
     * that the pool keeps for the next message. A host calls this from time to time, such as every ten seconds.
     */
    public void rest() {
        for (MessageDeflater holder : List.copyOf(holders)) {
            holder.rest();
        }
        if (!usedSinceRest) {
            trim();
        }
        usedSinceRest = false;
    }

    /** Ends what is unused. For an event loop at rest, or short of memory. */
    public void trim() {
        for (LeasedDeflater idle; (idle = idleDeflaters.poll()) != null; ) {
            idle.deflater().end();
        }
        for (LeasedInflater idle; (idle = idleInflaters.poll()) != null; ) {
            end(idle);
        }
        output = null;
        fixedCodes = null;
    }

    /** Ends what is unused, and from now on all that is given back. Closing again does nothing. */
    public void close() {
        maxIdle = 0;
        trim();
    }

    /** Whether {@code holder} may hold a compressor beyond this call; if so, it counts until {@link #unhold}. */
    boolean tryHold(MessageDeflater holder) {
        return holders.size() < maxHeldDeflaters && holders.add(holder);
    }

    void unhold(MessageDeflater holder) {
        holders.remove(holder);
    }

    /** A compressor of the level with an empty window. */
    LeasedDeflater takeDeflater(int level) {
        for (Iterator<LeasedDeflater> idle = idleDeflaters.iterator(); idle.hasNext(); ) {
            LeasedDeflater candidate = idle.next();
            // Deflater.setLevel would make the next deflate() ignore its flush mode.
            if (candidate.level() == level) {
                idle.remove();
                return candidate;
            }
        }
        return new LeasedDeflater(zlib.deflater(level), level);
    }

    void giveBack(LeasedDeflater lease) {
        lease.deflater().reset();
        idleDeflaters.push(lease);
        if (idleDeflaters.size() > maxIdle) {
            idleDeflaters.removeLast().deflater().end();
        }
    }

    /** A decompressor with an empty window and an empty history. */
    LeasedInflater takeInflater() {
        usedSinceRest = true;
        takeBytes(INFLATER_BYTES);
        LeasedInflater idle = idleInflaters.poll();
        return idle == null ? new LeasedInflater(zlib.inflater(), this) : idle;
    }

    void giveBack(LeasedInflater lease) {
        giveBytes(INFLATER_BYTES);
        lease.inflater().reset();
        lease.history().clear();
        idleInflaters.push(lease);
        if (idleInflaters.size() > maxIdle) {
            end(idleInflaters.removeLast());
        }
    }

    private static void end(LeasedInflater idle) {
        idle.inflater().end();
        idle.history().release();
    }

    /**
     * Counts memory that is taken to inflate.
     *
     * @throws OutOfMemoryError if it would be too much: whoever wants it is failed, and it alone
     */
    void takeBytes(int bytes) {
        if (inflatingBytes + bytes > maxInflatingBytes) {
            throw new OutOfMemoryError("more than " + maxInflatingBytes + " bytes would be held to inflate with");
        }
        inflatingBytes += bytes;
    }

    /** Whether more than half of what may be taken to inflate is, so that who comes now had better not compress. */
    public boolean isShort() {
        return inflatingBytes > maxInflatingBytes / 2;
    }

    /** Counts memory that is given back. */
    void giveBytes(int bytes) {
        inflatingBytes -= bytes;
    }

    /** What is taken to inflate now. */
    long inflatingBytes() {
        return inflatingBytes;
    }

    /** What compresses short messages. */
    FixedCodeDeflater fixedCodes() {
        FixedCodeDeflater present = fixedCodes;
        if (present == null) {
            present = new FixedCodeDeflater();
            fixedCodes = present;
        }
        return present;
    }

    /** The shared buffer, cleared, big enough for most outputs of {@code bytes} bytes. Its content is good until the next call. */
    ByteBuffer output(int bytes) {
        usedSinceRest = true;
        ByteBuffer buffer = output;
        if (buffer == null || buffer.capacity() < bytes || buffer.capacity() > MAX_KEPT_OUTPUT_BYTES) {
            buffer = ByteBuffer.allocate(Math.max(bytes, initialOutputBytes));
            output = buffer;
        }
        return buffer.clear();
    }

    /** The shared buffer with more room behind the same content. */
    ByteBuffer grow(ByteBuffer full) {
        ByteBuffer buffer = ByteBuffer.allocate(2 * full.capacity()).put(full.flip());
        output = buffer;
        return buffer;
    }

    /** A compressor with the level it was made for. */
    record LeasedDeflater(Deflater deflater, int level) {}

    /**
     * A decompressor with memory for the history of one message.
     *
     * @param shortInput where a short input gets the end that it lacks
     */
    record LeasedInflater(Inflater inflater, History history, ByteBuffer shortInput) {
        LeasedInflater(Inflater inflater, DeflatePool pool) {
            this(inflater, new History(History.MAX_BYTES, pool), ByteBuffer.allocate(MessageInflater.MAX_JOINED_BYTES));
        }
    }
}
