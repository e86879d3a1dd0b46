package io.duplex.extension;

import java.util.Arrays;

/**
 * DEFLATE (RFC 1951) read bit by bit, without zlib: the judge of what our deflater makes. It fails on any reference that
 * reaches back beyond the agreed window or, without context takeover, beyond the message.
 */
final class StrictInflater {
    private static final int[] LENGTH_BASE = {
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258
    };
    private static final int[] LENGTH_EXTRA = {
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0
    };
    private static final int[] DISTANCE_BASE = {
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145, 8193, 12289, 16385, 24577
    };
    private static final int[] CODE_LENGTH_ORDER = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    private static final int HISTORY = 1 << 15;
    private static final Code FIXED_LITERALS = new Code(fixedLengths());
    private static final Code FIXED_DISTANCES = new Code(filled(30, 5));

    private final int window;
    private final boolean takeover;
    private byte[] output = new byte[1 << 16];
    private int end;

    private byte[] input = {};
    private int at;
    private int bits;
    private int bitCount;
    private int greatestDistance;

    StrictInflater(int windowBits, boolean takeover) {
        window = 1 << windowBits;
        this.takeover = takeover;
    }

    /** The greatest distance of any reference so far. */
    int greatestDistance() {
        return greatestDistance;
    }

    /** Inflates a whole message; the 00 00 ff ff is added here. */
    byte[] inflate(byte[] payload) {
        input = Arrays.copyOf(payload, payload.length + 4);
        input[payload.length + 2] = (byte) 0xff;
        input[payload.length + 3] = (byte) 0xff;
        at = 0;
        bits = 0;
        bitCount = 0;
        int kept = takeover ? Math.min(end, HISTORY) : 0;
        System.arraycopy(output, end - kept, output, 0, kept);
        end = kept;
        boolean flushed = false;
        while (at < input.length) {
            flushed = block();
        }
        check(flushed, "does not end with an empty stored block");
        return Arrays.copyOfRange(output, kept, end);
    }

    /** Reads a block; tells whether it is an empty stored one. */
    private boolean block() {
        read(1); // BFINAL ends nothing here: RFC 7692 §7.2.3.4
        int type = read(2);
        switch (type) {
            case 0 -> {
                return stored() == 0;
            }
            case 1 -> compressed(FIXED_LITERALS, FIXED_DISTANCES);
            case 2 -> dynamic();
            default -> throw new AssertionError("reserved block type");
        }
        return false;
    }

    private int stored() {
        bits = 0;
        bitCount = 0;
        int length = read(16);
        check(length == (read(16) ^ 0xffff), "NLEN");
        makeRoom(length);
        System.arraycopy(input, at, output, end, length);
        at += length;
        end += length;
        return length;
    }

    private void dynamic() {
        int literals = read(5) + 257;
        int distances = read(5) + 1;
        int codes = read(4) + 4;
        int[] codeLengths = new int[19];
        for (int i = 0; i < codes; i++) {
            codeLengths[CODE_LENGTH_ORDER[i]] = read(3);
        }
        Code code = new Code(codeLengths);
        int[] lengths = new int[literals + distances];
        for (int i = 0; i < lengths.length; ) {
            int symbol = code.read(this);
            int repeated = 0;
            int times = 1;
            switch (symbol) {
                case 16 -> {
                    repeated = lengths[i - 1];
                    times = 3 + read(2);
                }
                case 17 -> times = 3 + read(3);
                case 18 -> times = 11 + read(7);
                default -> repeated = symbol;
            }
            Arrays.fill(lengths, i, i + times, repeated);
            i += times;
        }
        compressed(
                new Code(Arrays.copyOf(lengths, literals)),
                new Code(Arrays.copyOfRange(lengths, literals, lengths.length)));
    }

    private void compressed(Code literals, Code distances) {
        for (int symbol; (symbol = literals.read(this)) != 256; ) {
            if (symbol < 256) {
                makeRoom(1);
                output[end++] = (byte) symbol;
            } else {
                int length = LENGTH_BASE[symbol - 257] + read(LENGTH_EXTRA[symbol - 257]);
                int distanceSymbol = distances.read(this);
                copy(length, DISTANCE_BASE[distanceSymbol] + read(Math.max(0, distanceSymbol / 2 - 1)));
            }
        }
    }

    private void copy(int length, int distance) {
        check(distance <= window, "distance " + distance + " in a window of " + window);
        check(distance <= end, "distance " + distance + " with a history of " + end);
        greatestDistance = Math.max(greatestDistance, distance);
        makeRoom(length);
        for (int i = 0; i < length; i++, end++) {
            output[end] = output[end - distance];
        }
    }

    private void makeRoom(int bytes) {
        if (end + bytes > output.length) {
            output = Arrays.copyOf(output, 2 * (end + bytes));
        }
    }

    private int read(int count) {
        while (bitCount < count) {
            bits |= (input[at++] & 0xff) << bitCount;
            bitCount += 8;
        }
        int value = bits & ((1 << count) - 1);
        bits >>>= count;
        bitCount -= count;
        return value;
    }

    private static void check(boolean condition, String fault) {
        if (!condition) {
            throw new AssertionError(fault);
        }
    }

    private static int[] fixedLengths() {
        int[] lengths = filled(288, 8);
        Arrays.fill(lengths, 144, 256, 9);
        Arrays.fill(lengths, 256, 280, 7);
        return lengths;
    }

    private static int[] filled(int count, int length) {
        int[] lengths = new int[count];
        Arrays.fill(lengths, length);
        return lengths;
    }

    /** A canonical Huffman code: how many codes each length has, and the symbols in order of their codes. */
    private static final class Code {
        private final int[] counts = new int[16];
        private final int[] symbols;

        Code(int[] lengths) {
            for (int length : lengths) {
                counts[length]++;
            }
            counts[0] = 0;
            int[] offsets = new int[16];
            for (int i = 1; i < 16; i++) {
                offsets[i] = offsets[i - 1] + counts[i - 1];
            }
            symbols = new int[lengths.length];
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] != 0) {
                    symbols[offsets[lengths[symbol]]++] = symbol;
                }
            }
        }

        int read(StrictInflater in) {
            int code = 0;
            int first = 0;
            int index = 0;
            for (int length = 1; length < 16; length++) {
                code |= in.read(1);
                int count = counts[length];
                if (code - count < first) {
                    return symbols[index + code - first];
                }
                index += count;
                first = (first + count) << 1;
                code <<= 1;
            }
            throw new AssertionError("no such code");
        }
    }
}
