package io.duplex.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Inputs that the benchmarks share. */
final class Frames {
    private static final int FIN = 0x80;
    private static final int MASK = 0x80;
    private static final int MOST_HEADER_BYTES = 14;

    private Frames() {}

    /**
     * A client's frames, one behind the other, in a direct buffer.
     *
     * @param opcode 1 or 2
     * @param payload the same in each
     */
    static ByteBuffer masked(int count, int opcode, byte[] payload) {
        ByteBuffer frames = ByteBuffer.allocateDirect(count * (payload.length + MOST_HEADER_BYTES));
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            put(frames, FIN | opcode, payload, 0, payload.length, random);
        }
        return frames.flip();
    }

    /**
     * A client's message in fragments of about the same length, one behind the other, in a direct buffer.
     *
     * @param opcode 1 or 2
     */
    static ByteBuffer fragmented(int count, int opcode, byte[] payload) {
        ByteBuffer frames = ByteBuffer.allocateDirect(payload.length + count * MOST_HEADER_BYTES);
        Random random = new Random(1);
        int from = 0;
        for (int i = 1; i <= count; i++) {
            int to = (int) ((long) payload.length * i / count);
            put(frames, (i == count ? FIN : 0) | (i == 1 ? opcode : 0), payload, from, to, random);
            from = to;
        }
        return frames.flip();
    }

    private static void put(ByteBuffer frames, int firstByte, byte[] payload, int from, int to, Random random) {
        int length = to - from;
        frames.put((byte) firstByte);
        if (length < 126) {
            frames.put((byte) (MASK | length));
        } else if (length <= 0xFFFF) {
            frames.put((byte) (MASK | 126)).putShort((short) length);
        } else {
            frames.put((byte) (MASK | 127)).putLong(length);
        }
        byte[] key = new byte[4];
        random.nextBytes(key);
        frames.put(key);
        for (int i = 0; i < length; i++) {
            frames.put((byte) (payload[from + i] ^ key[i & 3]));
        }
    }

    /** JSON as it is sent in practice: repetitive, but never the same. */
    static byte[] json(int bytes, int seed) {
        Random random = new Random(seed);
        StringBuilder json = new StringBuilder(bytes + 128).append('[');
        while (json.length() < bytes) {
            json.append("{\"id\":")
                    .append(random.nextInt(100_000_000))
                    .append(",\"type\":\"trade\",\"symbol\":\"")
                    .append(random.nextBoolean() ? "BTC-USD" : "ETH-EUR")
                    .append("\",\"price\":")
                    .append(random.nextInt(9_000_000) / 100.0)
                    .append(",\"side\":\"")
                    .append(random.nextBoolean() ? "buy" : "sell")
                    .append("\"},");
        }
        return json.substring(0, bytes).getBytes(StandardCharsets.US_ASCII);
    }
}
