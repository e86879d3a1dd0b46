package io.duplex.frame;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Masks payload bytes, and unmasks them: the two are the same operation (RFC 6455 §5.3). Indexes are absolute; no method
 * looks at or changes a buffer's position, limit or byte order. Thread-safe as far as the buffers are not shared.
 */
public final class Masking {
    private Masking() {}

    /**
     * Masks {@code buffer[from, to)} in place.
     *
     * @param key the masking key as the big-endian int of the frame header
     * @param phase how many payload bytes of the frame came before {@code from}; only its low two bits matter
     * @throws IndexOutOfBoundsException if the range leaves the buffer
     * @throws java.nio.ReadOnlyBufferException if the buffer is read-only and the range is not empty
     */
    public static void apply(ByteBuffer buffer, int from, int to, int key, int phase) {
        mask(buffer, from, to - from, buffer, from, Integer.rotateLeft(key, phase << 3));
    }

    /**
     * Copies {@code source[from, from + length)} masked to {@code target} at {@code targetIndex}; the source stays as it is.
     * The copy begins with the first byte of the key. The two ranges must not overlap.
     *
     * @param key the masking key as the big-endian int of the frame header
     * @throws IndexOutOfBoundsException if a range leaves its buffer
     * @throws java.nio.ReadOnlyBufferException if the target is read-only and the range is not empty
     */
    public static void copy(ByteBuffer source, int from, int length, ByteBuffer target, int targetIndex, int key) {
        mask(source, from, length, target, targetIndex, key);
    }

    private static void mask(ByteBuffer source, int from, int length, ByteBuffer target, int targetIndex, int key) {
        int i = 0;
        if (source.order() == target.order()) {
            long word = (key & 0xFFFF_FFFFL) << 32 | key & 0xFFFF_FFFFL;
            if (source.order() == ByteOrder.LITTLE_ENDIAN) {
                word = Long.reverseBytes(word);
            }
            for (; i <= length - Long.BYTES; i += Long.BYTES) {
                target.putLong(targetIndex + i, source.getLong(from + i) ^ word);
            }
        }
        for (; i < length; i++) {
            target.put(targetIndex + i, (byte) (source.get(from + i) ^ key >>> ((~i & 3) << 3)));
        }
    }
}
