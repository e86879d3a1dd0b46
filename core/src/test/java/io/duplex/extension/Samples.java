package io.duplex.extension;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Message payloads of several kinds, the same in every run. */
enum Samples {
    JSON {
        @Override
        byte[] bytes(int count, Random random) {
            StringBuilder text = new StringBuilder(count + 128).append('[');
            while (text.length() < count) {
                text.append("{\"id\":").append(random.nextInt(100_000));
                text.append(",\"symbol\":\"").append(SYMBOLS[random.nextInt(SYMBOLS.length)]);
                text.append("\",\"price\":").append(random.nextInt(1_000_000) / 100.0);
                text.append(",\"active\":").append(random.nextBoolean()).append("},");
            }
            text.setLength(count);
            return text.toString().getBytes(StandardCharsets.US_ASCII);
        }
    },
    RANDOM {
        @Override
        byte[] bytes(int count, Random random) {
            byte[] bytes = new byte[count];
            random.nextBytes(bytes);
            return bytes;
        }
    },
    ZEROS {
        @Override
        byte[] bytes(int count, Random random) {
            return new byte[count];
        }
    },
    /** Random runs that come back after a while: references of every length and distance. */
    ECHOES {
        @Override
        byte[] bytes(int count, Random random) {
            byte[] bytes = new byte[count];
            for (int at = 0; at < count; ) {
                int length = Math.min(count - at, 1 + random.nextInt(300));
                if (at > length && random.nextBoolean()) {
                    System.arraycopy(bytes, random.nextInt(at - length), bytes, at, length);
                } else {
                    for (int i = 0; i < length; i++) {
                        bytes[at + i] = (byte) random.nextInt();
                    }
                }
                at += length;
            }
            return bytes;
        }
    };

    private static final String[] SYMBOLS = {"AAPL", "MSFT", "SAP", "ASML", "NVO", "TSM", "BABA", "TTE"};

    abstract byte[] bytes(int count, Random random);

    static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    static byte[] toArray(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
