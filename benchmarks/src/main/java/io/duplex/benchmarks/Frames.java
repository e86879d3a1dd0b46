package io.duplex.benchmarks;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Inputs that the benchmarks share. */
final class Frames {
    private static final String ASCII = "The quick brown fox jumps over the lazy dog, 0123456789 times. ";
    private static final String MULTILINGUAL = "Grüße, привет, こんにちは, 你好, שלום, 😀 and hello. ";

    private Frames() {}

    /**
     * A client's frames, one behind the other, in a direct buffer.
     *
     * @param opcode 1 or 2
     * @param payload the same in each
     */
    static ByteBuffer masked(int count, int opcode, byte[] payload) {
        ByteBuffer frames = ByteBuffer.allocateDirect(count * (payload.length + 14));
        Random random = new Random(1);
        for (int i = 0; i < count; i++) {
            frames.put((byte) (0x80 | opcode));
            if (payload.length < 126) {
                frames.put((byte) (0x80 | payload.length));
            } else if (payload.length <= 0xFFFF) {
                frames.put((byte) (0x80 | 126)).putShort((short) payload.length);
            } else {
                frames.put((byte) (0x80 | 127)).putLong(payload.length);
            }
            byte[] key = new byte[4];
            random.nextBytes(key);
            frames.put(key);
            for (int j = 0; j < payload.length; j++) {
                frames.put((byte) (payload[j] ^ key[j & 3]));
            }
        }
        return frames.flip();
    }

    static byte[] ascii(int bytes) {
        return text(ASCII, bytes);
    }

    static byte[] multilingual(int bytes) {
        return text(MULTILINGUAL, bytes);
    }

    /** Whole characters of the text again and again, filled up with dots. */
    private static byte[] text(String text, int bytes) {
        byte[] once = text.getBytes(StandardCharsets.UTF_8);
        byte[] result = new byte[bytes];
        int at = 0;
        while (at + once.length <= bytes) {
            System.arraycopy(once, 0, result, at, once.length);
            at += once.length;
        }
        Arrays.fill(result, at, bytes, (byte) '.');
        return result;
    }
}
