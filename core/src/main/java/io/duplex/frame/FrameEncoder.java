package io.duplex.frame;

import java.nio.ByteBuffer;

/** Writes frame headers, in their shortest form (RFC 6455 §5.2). The layout stands at {@link FrameDecoder}. */
public final class FrameEncoder {
    /** Bytes of the longest header without a masking key. */
    public static final int MAX_UNMASKED_HEADER_BYTES = 10;

    /** Bytes of a masking key. */
    public static final int KEY_BYTES = 4;

    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int MASK = 0x80;

    private FrameEncoder() {}

    /**
     * The first byte of a frame.
     *
     * @param compressed sets RSV1 (RFC 7692 §6.1)
     */
    public static int firstByte(Opcode opcode, boolean fin, boolean compressed) {
        return (fin ? FIN : 0) | (compressed ? RSV1 : 0) | opcode.code();
    }

    /** Bytes of the header of an unmasked frame. */
    public static int headerBytes(int payloadLength) {
        return payloadLength < 126 ? 2 : payloadLength <= 0xFFFF ? 4 : MAX_UNMASKED_HEADER_BYTES;
    }

    /**
     * Writes the header of an unmasked frame at {@code out}'s position.
     *
     * @param firstByte as {@link #firstByte} makes it
     */
    public static void writeHeader(ByteBuffer out, int firstByte, int payloadLength) {
        write(out, firstByte, payloadLength, 0);
    }

    /**
     * Writes the header of a masked frame at {@code out}'s position.
     *
     * @param key the masking key, in the order of its bytes
     */
    public static void writeMaskedHeader(ByteBuffer out, int firstByte, int payloadLength, int key) {
        write(out, firstByte, payloadLength, MASK);
        out.putInt(key);
    }

    private static void write(ByteBuffer out, int firstByte, int payloadLength, int mask) {
        if (payloadLength < 126) {
            out.putShort((short) (firstByte << 8 | mask | payloadLength));
        } else if (payloadLength <= 0xFFFF) {
            out.putInt(firstByte << 24 | (mask | 126) << 16 | payloadLength);
        } else {
            out.putShort((short) (firstByte << 8 | mask | 127));
            out.putLong(payloadLength);
        }
    }
}
