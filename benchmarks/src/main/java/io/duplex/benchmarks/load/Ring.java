package io.duplex.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;

/**
 * A client's frames, masked once and for all, as every connection sends them again and again. They have one length, and as
 * many as can be in flight follow the last one once more: whatever is to be sent next lies in one piece.
 */
final class Ring {
    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int MASK_BIT = 0x80;
    private static final int HEAVY_BYTES = 1 << 19;
    private static final int MANY = 64;

    private final int frameBytes;
    private final int count;
    private final ByteBuffer frames;
    private final ByteBuffer[] payloads;

    Ring(Case what) {
        Random random = new Random(what.bytes());
        boolean heavy = (long) what.bytes() * what.inFlight() >= HEAVY_BYTES;
        // Compressed messages would differ in length.
        count = what.deflate() ? what.inFlight() : heavy ? what.inFlight() + 1 : Math.max(2 * what.inFlight(), MANY);
        payloads = new ByteBuffer[what.deflate() || heavy ? 1 : count];
        byte[][] bodies = new byte[payloads.length][];
        for (int i = 0; i < payloads.length; i++) {
            byte[] payload = what.content().make(what.bytes(), random);
            payloads[i] = ByteBuffer.allocateDirect(payload.length).put(payload).flip();
            bodies[i] = what.deflate() ? deflated(payload) : payload;
        }
        int opcode = what.content().isText() ? 1 : 2;
        int first = FIN | (what.deflate() ? RSV1 : 0) | opcode;
        frameBytes = bodies[0].length + headerBytes(bodies[0].length);
        frames = ByteBuffer.allocateDirect(Math.multiplyExact(frameBytes, count + what.inFlight()));
        for (int i = 0; i < count + what.inFlight(); i++) {
            putFrame(frames, first, bodies[i % count % bodies.length], random.nextInt());
        }
    }

    private static int headerBytes(int payloadBytes) {
        return payloadBytes < 126 ? 6 : payloadBytes <= 0xFFFF ? 8 : 14;
    }

    /** Room enough for a frame around a payload of that length. */
    static int maxFrameBytes(int payloadBytes) {
        return payloadBytes + 14;
    }

    /** Puts a masked frame behind what stands in the buffer. */
    static void putFrame(ByteBuffer out, int first, byte[] payload, int key) {
        out.put((byte) first);
        switch (headerBytes(payload.length)) {
            case 6 -> out.put((byte) (MASK_BIT | payload.length));
            case 8 -> out.put((byte) (MASK_BIT | 126)).putShort((short) payload.length);
            default -> out.put((byte) (MASK_BIT | 127)).putLong(payload.length);
        }
        out.putInt(key);
        for (int i = 0; i < payload.length; i++) {
            out.put((byte) (payload[i] ^ key >> 24 - 8 * (i & 3)));
        }
    }

    /** One message of its own, as permessage-deflate wants it (RFC 7692 §7.2.1). */
    private static byte[] deflated(byte[] payload) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            deflater.setInput(payload);
            byte[] out = new byte[payload.length + 1024];
            int bytes = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
            return Arrays.copyOf(out, bytes - 4);
        } finally {
            deflater.end();
        }
    }

    int frameBytes() {
        return frameBytes;
    }

    /** After so many bytes the frames begin again. */
    int bytes() {
        return frameBytes * count;
    }

    /** All frames; confined to one thread, which sets position and limit as it needs them. */
    ByteBuffer frames() {
        return frames;
    }

    /** The payload of the message of that number, from position 0 on. */
    ByteBuffer payload(long number) {
        return payloads[(int) (number % count % payloads.length)];
    }
}
