package io.duplex.frame;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Masks payload bytes, and unmasks them: the two are the same operation (RFC 6455 §5.3). Indexes are absolute; no method
 * changes or needs a certain position or byte order of a buffer. Thread-safe as far as the buffers are not shared.
 */
public final class Masking {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    private Masking() {}

    /**
     * Masks {@code buffer[from, to)} in place.
     *
     * @param key the masking key as the big-endian int of the frame header
     * @param phase how many payload bytes of the frame came before {@code from}; only its low two bits matter
     * @throws IndexOutOfBoundsException if the range is not within 0 and the buffer's limit; nothing is masked then
     * @throws java.nio.ReadOnlyBufferException if the buffer is read-only and the range is not empty
     */
    public static void apply(ByteBuffer buffer, int from, int to, int key, int phase) {
        int length = to - from;
        int mask = Integer.rotateLeft(key, phase << 3);
        if (length > 2 * Long.BYTES) {
            maskMany(buffer, from, length, mask);
        } else if (length >= Long.BYTES) {
            maskTwoLongs(buffer, from, to - Long.BYTES, (long) mask << 32 | mask & 0xFFFF_FFFFL);
        } else if (length >= Integer.BYTES) {
            maskTwoInts(buffer, from, to - Integer.BYTES, mask);
        } else {
            Objects.checkFromToIndex(from, to, buffer.limit());
            for (int i = from; i < to; i++) {
                mask = Integer.rotateLeft(mask, Byte.SIZE);
                buffer.put(i, (byte) (buffer.get(i) ^ mask));
            }
        }
    }

    /** Masks the first eight bytes and the last eight of 8 to 16, which may overlap: all are read before any is written. */
    private static void maskTwoLongs(ByteBuffer buffer, int from, int last, long mask) {
        long lastMask = Long.rotateLeft(mask, last - from << 3);
        boolean big = buffer.order() == ByteOrder.BIG_ENDIAN;
        long first = buffer.getLong(from) ^ (big ? mask : Long.reverseBytes(mask));
        long end = buffer.getLong(last) ^ (big ? lastMask : Long.reverseBytes(lastMask));
        buffer.putLong(from, first);
        buffer.putLong(last, end);
    }

    /** The same with four bytes each, of 4 to 7. */
    private static void maskTwoInts(ByteBuffer buffer, int from, int last, int mask) {
        int lastMask = Integer.rotateLeft(mask, last - from << 3);
        boolean big = buffer.order() == ByteOrder.BIG_ENDIAN;
        int first = buffer.getInt(from) ^ (big ? mask : Integer.reverseBytes(mask));
        int end = buffer.getInt(last) ^ (big ? lastMask : Integer.reverseBytes(lastMask));
        buffer.putInt(from, first);
        buffer.putInt(last, end);
    }

    /*
     * C2 drops the bounds checks and makes vectors only where base and limit are its own: those of a slice that is made where the
     * loops are inlined, which is here. In apply, a program whose first messages were short would not have it inlined, for good.
     */
    private static void maskMany(ByteBuffer buffer, int from, int length, int bigMask) {
        ByteBuffer bytes = buffer.slice(from, length).order(ByteOrder.LITTLE_ENDIAN);
        int mask = Integer.reverseBytes(bigMask); // lowest byte first
        long longMask = (long) mask << 32 | mask & 0xFFFF_FFFFL;
        int end = length - Long.BYTES;
        // Read before its first bytes are masked with the others, written after: no loop over the odd bytes.
        long last = bytes.getLong(end) ^ Long.rotateRight(longMask, length << 3);
        maskLongs(bytes, end, longMask);
        bytes.putLong(end, last);
    }

    /**
     * Copies {@code source[from, from + length)} masked to {@code target} at {@code targetIndex}; the copy begins with the
     * first byte of the key. The source stays as it is unless the two ranges share bytes, which they may.
     *
     * @param key the masking key as the big-endian int of the frame header
     * @throws IndexOutOfBoundsException if a range is not within 0 and its buffer's limit; nothing is copied then
     * @throws java.nio.ReadOnlyBufferException if the target is read-only
     */
    public static void copy(ByteBuffer source, int from, int length, ByteBuffer target, int targetIndex, int key) {
        target.put(targetIndex, source, from, length);
        apply(target, targetIndex, targetIndex + length, key, 0);
    }

    // Two loops in methods of their own: one that has seen both heap and direct buffers is 10 to 30 times slower, and
    // inside maskMany JDK 25 does not make it vector code.
    private static void maskLongs(ByteBuffer bytes, int end, long mask) {
        if (bytes.hasArray()) {
            maskArray(bytes.array(), bytes.arrayOffset(), bytes.arrayOffset() + end, mask);
        } else {
            maskDirect(bytes, end, mask);
        }
    }

    private static void maskDirect(ByteBuffer bytes, int end, long mask) {
        for (int i = 0; i < end; i += Long.BYTES) {
            bytes.putLong(i, bytes.getLong(i) ^ mask);
        }
    }

    private static void maskArray(byte[] array, int from, int end, long mask) {
        for (int i = from; i < end; i += Long.BYTES) {
            LONGS.set(array, i, (long) LONGS.get(array, i) ^ mask);
        }
    }
}
