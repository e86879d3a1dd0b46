package io.duplex.extension;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Compresses short messages, each by itself, into one block with the fixed codes of DEFLATE (RFC 1951 §3.2.6). Confined to one
 * thread at a time.
 *
 * <p>Of the time that zlib takes for a message of 1 KiB, half goes into clearing its tables and into making codes that fit the
 * message, which saves little where the message is short: the codes have to be sent, too. This one clears nothing and makes none.
 */
final class FixedCodeDeflater {
    /*
     * Greedy, with one candidate for each hash of four bytes. The table holds positions counted on from message to message, so
     * that what is left of earlier messages lies below the first position of this one and is no candidate.
     *
     * A code is kept as its value, least significant bit first (RFC 1951 §3.1.1), with the number of its bits above.
     */

    /** The longest message that is taken, in bytes. In longer ones codes that fit pay. */
    static final int MAX_BYTES = 2048;

    private static final int HASH_BITS = 12;
    private static final int MIN_MATCH = 4;
    private static final int MAX_MATCH = 258;
    private static final int WORD_BYTES = 8;

    private static final int BITS_SHIFT = 24;
    private static final int VALUE_MASK = (1 << BITS_SHIFT) - 1;

    /** No final block, fixed codes (RFC 1951 §3.2.3). */
    private static final int BLOCK_HEADER = 0b010;

    private static final int BLOCK_HEADER_BITS = 3;
    /** The end of the block, then the header of an empty stored block: zeros, both of them. */
    private static final int END_BITS = 7 + 3;

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int[] LITERALS = new int[256];
    private static final int[] LENGTHS = new int[MAX_MATCH + 1];
    private static final int[] DISTANCES = new int[30];

    static {
        for (int literal = 0; literal < LITERALS.length; literal++) {
            LITERALS[literal] = literal < 144 ? code(0x30 + literal, 8) : code(0x190 + literal - 144, 9);
        }
        // RFC 1951 §3.2.5: eight lengths have a symbol each, then four symbols share each number of extra bits.
        int symbol = 257;
        int length = 3;
        for (int extraBits = 0; symbol < 285; symbol++) {
            if (symbol >= 265 && (symbol - 265) % 4 == 0) {
                extraBits++;
            }
            for (int extra = 0; extra < 1 << extraBits && length < MAX_MATCH; extra++) {
                LENGTHS[length++] = withExtra(lengthSymbol(symbol), extra, extraBits);
            }
        }
        LENGTHS[MAX_MATCH] = lengthSymbol(285);
        for (int distance = 0; distance < DISTANCES.length; distance++) {
            DISTANCES[distance] = code(distance, 5);
        }
    }

    /** The message, with a word of room behind it, so that one can be read at any position. */
    private final byte[] plain = new byte[MAX_BYTES + WORD_BYTES];
    /** Where four bytes of each hash were seen last. */
    private final int[] seen = new int[1 << HASH_BITS];
    /** Where the message begins, counted on from message to message. */
    private int base;

    FixedCodeDeflater() {
        this(1);
    }

    /** One that has counted to {@code base} already. */
    FixedCodeDeflater(int base) {
        this.base = base;
    }

    private static int code(int code, int bits) {
        return Integer.reverse(code) >>> (Integer.SIZE - bits) | bits << BITS_SHIFT;
    }

    private static int lengthSymbol(int symbol) {
        return symbol < 280 ? code(symbol - 256, 7) : code(0xC0 + symbol - 280, 8);
    }

    private static int withExtra(int code, int extra, int extraBits) {
        int bits = code >>> BITS_SHIFT;
        return code & VALUE_MASK | extra << bits | (bits + extraBits) << BITS_SHIFT;
    }

    /** The most octets that {@link #compress} makes of {@code bytes} bytes, with what it needs to write words. */
    static int maxOutputBytes(int bytes) {
        return bytes + (bytes >> 3) + 2 * WORD_BYTES;
    }

    /**
     * Compresses a message. What is made ends with the header of an empty stored block, whose 00 00 ff ff is left out (RFC 7692
     * §7.2.1).
     *
     * @param message at most {@link #MAX_BYTES}; read from position to limit
     * @param maxDistance how far back references may reach, in bytes
     * @param out has an array, and room for {@link #maxOutputBytes}
     */
    void compress(ByteBuffer message, int maxDistance, ByteBuffer out) {
        int end = message.remaining();
        byte[] bytes = plain;
        message.get(bytes, 0, end);
        if (base > Integer.MAX_VALUE - 2 * MAX_BYTES) {
            Arrays.fill(seen, 0);
            base = 1;
        }
        byte[] to = out.array();
        int at = out.arrayOffset() + out.position();
        long bits = BLOCK_HEADER;
        int count = BLOCK_HEADER_BITS;
        int position = 0;
        while (position < end) {
            int code;
            int candidate = position + MIN_MATCH <= end ? candidate(bytes, position) : -1;
            if (candidate >= 0 && position - candidate <= maxDistance) {
                int length = matchLength(bytes, candidate, position, end);
                code = LENGTHS[length];
                bits |= (long) (code & VALUE_MASK) << count;
                count += code >>> BITS_SHIFT;
                code = distanceCode(position - candidate);
                position += length;
            } else {
                code = LITERALS[bytes[position] & 0xFF];
                position++;
            }
            bits |= (long) (code & VALUE_MASK) << count;
            count += code >>> BITS_SHIFT;
            if (count >= Integer.SIZE) {
                INTS.set(to, at, (int) bits);
                at += Integer.BYTES;
                bits >>>= Integer.SIZE;
                count -= Integer.SIZE;
            }
        }
        LONGS.set(to, at, bits);
        at += count + END_BITS + Byte.SIZE - 1 >> 3;
        base += end;
        out.position(at - out.arrayOffset());
    }

    /** Where the four bytes at {@code position} stood before; negative if not known. Notes where they stand now. */
    private int candidate(byte[] bytes, int position) {
        int word = (int) INTS.get(bytes, position);
        int hash = word * 0x9E3779B1 >>> Integer.SIZE - HASH_BITS;
        int candidate = seen[hash] - base;
        seen[hash] = base + position;
        return candidate >= 0 && (int) INTS.get(bytes, candidate) == word ? candidate : -1;
    }

    private static int matchLength(byte[] bytes, int candidate, int position, int end) {
        int most = Math.min(end - position, MAX_MATCH);
        int length = MIN_MATCH;
        while (length < most) {
            long difference = (long) LONGS.get(bytes, candidate + length) ^ (long) LONGS.get(bytes, position + length);
            if (difference != 0) {
                return Math.min(length + (Long.numberOfTrailingZeros(difference) >> 3), most);
            }
            length += WORD_BYTES;
        }
        return most;
    }

    /** RFC 1951 §3.2.5: the first four distances have a symbol each, then two symbols share each number of extra bits. */
    private static int distanceCode(int distance) {
        int above = distance - 1;
        if (above < 4) {
            return DISTANCES[above];
        }
        int extraBits = Integer.SIZE - 2 - Integer.numberOfLeadingZeros(above);
        int symbol = 2 * extraBits + (above >> extraBits);
        return withExtra(DISTANCES[symbol], above & (1 << extraBits) - 1, extraBits);
    }
}
