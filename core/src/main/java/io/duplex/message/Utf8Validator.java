package io.duplex.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Validates UTF-8 as it comes, failing at the first byte that cannot be (RFC 6455 §8.1, RFC 3629). One object serves one
 * message after another. Confined to one thread at a time.
 */
public final class Utf8Validator {
    /*
     * A finite automaton in one long per byte value. A state is a bit offset; TABLE[byte] >>> state has the next state in
     * its low six bits, and Java shifts longs by the low six bits of the count: a step is one load and one shift, without
     * a branch. REJECTED absorbs, so that it is enough to look once after many steps.
     */
    /** The {@link #state} at a character's boundary. */
    public static final int COMPLETE = 0;

    private static final int REJECTED = 6;
    private static final int ONE_MORE = 12;
    private static final int TWO_MORE = 18;
    private static final int AFTER_E0 = 24; // A0..BF, else overlong
    private static final int AFTER_ED = 30; // 80..9F, else a surrogate
    private static final int THREE_MORE = 36;
    private static final int AFTER_F0 = 42; // 90..BF, else overlong
    private static final int AFTER_F4 = 48; // 80..8F, else above U+10FFFF
    private static final int STATES = 9;
    private static final int STATE_MASK = 63;
    private static final long NOT_ASCII = 0x8080_8080_8080_8080L;
    private static final long[] TABLE = new long[256];
    private static final int BLOCK_BYTES = 64; // between two looks for ASCII: more often is slower on mixed text
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN)
            .withInvokeExactBehavior();

    static {
        for (int b = 0; b < TABLE.length; b++) {
            for (int i = 0; i < STATES; i++) {
                TABLE[b] |= (long) next(i * 6, b) << i * 6;
            }
        }
    }

    private long state = COMPLETE;

    /**
     * Feeds {@code buffer[from, to)}; the indexes are absolute.
     *
     * @return whether the bytes so far can be the start of valid UTF-8; once false, false until {@link #reset()}
     * @throws IndexOutOfBoundsException if the range is not within 0 and the buffer's limit
     */
    public boolean accept(ByteBuffer buffer, int from, int to) {
        state = run(buffer, from, to, state);
        return state != REJECTED;
    }

    /** Whether the bytes so far end at a character boundary. */
    public boolean isComplete() {
        return state == COMPLETE;
    }

    /** Where it stands, for {@link #restore}. */
    public long state() {
        return state;
    }

    /** Goes back to where {@link #state} was asked for: the bytes since then did not come. */
    public void restore(long earlier) {
        state = earlier;
    }

    /** Forgets the bytes so far. */
    public void reset() {
        state = COMPLETE;
    }

    /**
     * Whether {@code buffer[from, to)} is valid UTF-8 from first to last byte; the indexes are absolute.
     *
     * @throws IndexOutOfBoundsException if the range is not within 0 and the buffer's limit
     */
    public static boolean isValid(ByteBuffer buffer, int from, int to) {
        return run(buffer, from, to, COMPLETE) == COMPLETE;
    }

    private static long run(ByteBuffer buffer, int from, int to, long start) {
        int length = to - from;
        ByteBuffer bytes = buffer.slice(from, length).order(ByteOrder.LITTLE_ENDIAN);
        int wordsEnd = length & -Long.BYTES;
        long state = start;
        int i = 0;
        while (i < wordsEnd) {
            if ((state & STATE_MASK) == COMPLETE) {
                i = skipAscii(bytes, i, wordsEnd);
            }
            for (int stop = i + Math.min(wordsEnd - i, BLOCK_BYTES); i < stop; i += Long.BYTES) {
                state = afterWord(state, bytes.getLong(i));
            }
        }
        if (i > 0 && (state & STATE_MASK) == COMPLETE && (bytes.getLong(length - Long.BYTES) & NOT_ASCII) == 0) {
            return COMPLETE; // most ends are ASCII: one look for up to seven steps
        }
        for (; i < length; i++) {
            state = TABLE[bytes.get(i) & 0xFF] >>> state;
        }
        return state & STATE_MASK;
    }

    private static long afterWord(long start, long word) {
        long state = TABLE[(int) word & 0xFF] >>> start;
        state = TABLE[(int) (word >>> 8) & 0xFF] >>> state;
        state = TABLE[(int) (word >>> 16) & 0xFF] >>> state;
        state = TABLE[(int) (word >>> 24) & 0xFF] >>> state;
        state = TABLE[(int) (word >>> 32) & 0xFF] >>> state;
        state = TABLE[(int) (word >>> 40) & 0xFF] >>> state;
        state = TABLE[(int) (word >>> 48) & 0xFF] >>> state;
        return TABLE[(int) (word >>> 56)] >>> state;
    }

    // Two loops in methods of their own: one that has seen both heap and direct buffers is 3 to 8 times slower.
    private static int skipAscii(ByteBuffer bytes, int from, int end) {
        if (bytes.hasArray()) {
            int offset = bytes.arrayOffset();
            return skipAsciiInArray(bytes.array(), offset + from, offset + end) - offset;
        }
        return skipAsciiInDirect(bytes, from, end);
    }

    private static int skipAsciiInDirect(ByteBuffer bytes, int from, int end) {
        int i = from;
        for (; i <= end - 32; i += 32) {
            long four = bytes.getLong(i) | bytes.getLong(i + 8) | bytes.getLong(i + 16) | bytes.getLong(i + 24);
            if ((four & NOT_ASCII) != 0) {
                break;
            }
        }
        while (i < end && (bytes.getLong(i) & NOT_ASCII) == 0) {
            i += Long.BYTES;
        }
        return i;
    }

    private static int skipAsciiInArray(byte[] array, int from, int end) {
        int i = from;
        for (; i <= end - 32; i += 32) {
            long two = (long) LONGS.get(array, i) | (long) LONGS.get(array, i + 8);
            long four = two | (long) LONGS.get(array, i + 16) | (long) LONGS.get(array, i + 24);
            if ((four & NOT_ASCII) != 0) {
                break;
            }
        }
        while (i < end && ((long) LONGS.get(array, i) & NOT_ASCII) == 0) {
            i += Long.BYTES;
        }
        return i;
    }

    private static int next(int state, int b) {
        return switch (state) {
            case COMPLETE -> lead(b);
            case ONE_MORE -> b >= 0x80 && b <= 0xBF ? COMPLETE : REJECTED;
            case TWO_MORE -> b >= 0x80 && b <= 0xBF ? ONE_MORE : REJECTED;
            case AFTER_E0 -> b >= 0xA0 && b <= 0xBF ? ONE_MORE : REJECTED;
            case AFTER_ED -> b >= 0x80 && b <= 0x9F ? ONE_MORE : REJECTED;
            case THREE_MORE -> b >= 0x80 && b <= 0xBF ? TWO_MORE : REJECTED;
            case AFTER_F0 -> b >= 0x90 && b <= 0xBF ? TWO_MORE : REJECTED;
            case AFTER_F4 -> b >= 0x80 && b <= 0x8F ? TWO_MORE : REJECTED;
            default -> REJECTED;
        };
    }

    private static int lead(int b) {
        if (b < 0x80) {
            return COMPLETE;
        } else if (b < 0xC2) {
            return REJECTED;
        } else if (b < 0xE0) {
            return ONE_MORE;
        } else if (b == 0xE0) {
            return AFTER_E0;
        } else if (b == 0xED) {
            return AFTER_ED;
        } else if (b < 0xF0) {
            return TWO_MORE;
        } else if (b == 0xF0) {
            return AFTER_F0;
        } else if (b < 0xF4) {
            return THREE_MORE;
        } else {
            return b == 0xF4 ? AFTER_F4 : REJECTED;
        }
    }
}
