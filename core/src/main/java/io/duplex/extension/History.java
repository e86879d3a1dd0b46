package io.duplex.extension;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Inflater;

/**
 * The last bytes that were inflated, as far back as a reference may reach. A ring that grows to its full size as bytes
 * come, for most connections never fill it. Confined to one thread at a time.
 */
final class History {
    /** The greatest window of DEFLATE. */
    static final int MAX_BYTES = 1 << DeflateParameters.MAX_WINDOW_BITS;

    private static final int INITIAL_BYTES = 512;

    private final int maxBytes;
    private final DeflatePool pool;
    private byte[] ring = new byte[0];
    /** Where the next byte goes. Below its full size the ring is filled from 0 and never wraps. */
    private int end;

    private int length;

    /**
     * An empty history.
     *
     * @param maxBytes a power of two, at least 512
     * @param pool counts the memory
     */
    History(int maxBytes, DeflatePool pool) {
        this.maxBytes = maxBytes;
        this.pool = pool;
    }

    void clear() {
        end = 0;
        length = 0;
    }

    /** Gives the memory back; empty again. */
    void release() {
        clear();
        pool.giveBytes(ring.length);
        ring = new byte[0];
    }

    /** Remembers the {@code bytes} bytes before {@code out}'s position. */
    void append(ByteBuffer out, int bytes) {
        int from = out.position() - bytes;
        if (bytes > maxBytes) {
            from += bytes - maxBytes;
            bytes = maxBytes;
        }
        growFor(bytes);
        int untilWrap = Math.min(bytes, ring.length - end);
        out.get(from, ring, end, untilWrap);
        out.get(from + untilWrap, ring, 0, bytes - untilWrap);
        end = (end + bytes) & (ring.length - 1);
        length = Math.min(length + bytes, ring.length);
    }

    private void growFor(int bytes) {
        if (ring.length < maxBytes && length + bytes > ring.length) {
            int wanted = Math.max(INITIAL_BYTES, Integer.highestOneBit(length + bytes - 1) << 1);
            int grown = Math.min(maxBytes, wanted);
            pool.takeBytes(grown - ring.length);
            ring = Arrays.copyOf(ring, grown);
            end = length;
        }
    }

    /** Gives the window of {@code inflater}, which is empty, these bytes. */
    void load(Inflater inflater) {
        int start = (end - length) & (ring.length - 1);
        int untilWrap = Math.min(length, ring.length - start);
        if (untilWrap > 0) {
            inflater.setDictionary(ring, start, untilWrap);
        }
        if (untilWrap < length) {
            // A raw inflater takes more than one and puts them behind each other.
            inflater.setDictionary(ring, 0, length - untilWrap);
        }
    }
}
