package io.duplex.frame;

import io.duplex.Role;
import io.duplex.Violation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads frame headers and keeps count of the payload that follows (RFC 6455 §5.2). Holds no payload.
 *
 * <pre>{@code
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-------+-+-------------+-------------------------------+
 * |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
 * |I|S|S|S|  (4)  |A|     (7)     |             (16/64)           |
 * |N|V|V|V|       |S|             |   (if payload len==126/127)   |
 * | |1|2|3|       |K|             |                               |
 * +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - +
 * |     Extended payload length continued, if payload len == 127  |
 * + - - - - - - - - - - - - - - - +-------------------------------+
 * |                               | Masking key, if MASK is set   |
 * +-------------------------------+-------------------------------+
 * | Masking key (continued)       |          Payload Data         |
 * +-------------------------------- - - - - - - - - - - - - - - - +
 * }</pre>
 *
 * <p>Two phases: {@link #readHeader} until it says so, then {@link #consumed} as the payload is taken. Confined to one
 * thread at a time.
 */
public final class FrameDecoder {
    /** Bytes of the longest header. */
    public static final int MAX_HEADER_BYTES = 14;

    private static final int FIN = 0x80;
    private static final int RSV = 0x70;
    private static final int RSV1 = 0x40;
    private static final int MASK = 0x80;

    /** FIN, RSV1 to RSV3 and the upper half of the opcode; then MASK: what is the same in all headers that {@link #parseShort} takes. */
    private static final int FIXED_BITS = 0xFC80;

    private final boolean expectMask;
    private final boolean rsv1Allowed;
    private final int maxFrameBytes;

    /*
     * A header that came in pieces: its first eight bytes and its last six, left-aligned in a long each, so that one parser
     * serves both it and a header that lies whole in the input.
     */
    private long head;
    private long tail;
    private byte headerBytes;

    private byte firstByte;
    private Opcode opcode = Opcode.CONTINUATION;
    private int maskingKey;
    private int payloadLength;
    private int payloadRemaining;
    private @Nullable Violation violation;

    /**
     * Creates a decoder.
     *
     * @param role the side that reads
     * @param rsv1Allowed whether an extension gave RSV1 a meaning (RFC 7692 §6)
     * @param maxFrameBytes the longest payload of a data frame that is taken; control frames have a limit of their own
     */
    public FrameDecoder(Role role, boolean rsv1Allowed, int maxFrameBytes) {
        this.expectMask = role == Role.SERVER;
        this.rsv1Allowed = rsv1Allowed;
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Takes header bytes from {@code in}.
     *
     * @return whether the header is complete; if not, either {@link #violation()} says why or more bytes are needed
     */
    public boolean readHeader(ByteBuffer in) {
        int position = in.position();
        if (headerBytes == 0 && in.limit() - position >= MAX_HEADER_BYTES && in.order() == ByteOrder.BIG_ENDIAN) {
            long first = in.getLong(position);
            int length = parseShort(first);
            if (length == 0) {
                length = parse(first, in.getLong(position + 6) << 16, MAX_HEADER_BYTES);
            }
            in.position(position + length);
            return length > 0;
        }
        return readHeaderBytewise(in);
    }

    /**
     * Parses the header of a short, uncompressed message in one frame, as most are; returns its length, or 0 if it is another, or
     * breaks a rule: which one is {@link #parse}'s to say.
     */
    private int parseShort(long first) {
        int firstTwo = (int) (first >>> 48);
        int code = firstTwo >>> 8 & 3;
        int length = firstTwo & 0x7F;
        boolean text = code == Opcode.TEXT.code();
        boolean plain = (firstTwo & FIXED_BITS) == (expectMask ? FIN << 8 | MASK : FIN << 8)
                && (text || code == Opcode.BINARY.code());
        if (!plain || length >= 126 || length > maxFrameBytes) {
            return 0;
        }
        begin(firstTwo >>> 8, text ? Opcode.TEXT : Opcode.BINARY, (int) (first >>> 16), length);
        return expectMask ? 6 : 2;
    }

    private boolean readHeaderBytewise(ByteBuffer in) {
        while (in.hasRemaining()) {
            long octet = in.get() & 0xFFL;
            if (headerBytes < 8) {
                head |= octet << (56 - 8 * headerBytes);
            } else {
                tail |= octet << (56 - 8 * (headerBytes - 8));
            }
            headerBytes++;
            if (parse(head, tail, headerBytes) > 0) {
                head = 0;
                tail = 0;
                headerBytes = 0;
                return true;
            }
            if (violation != null) {
                return false;
            }
        }
        return false;
    }

    /*
     * Parses what is there of a header; returns its length, or 0 if it is not all there or breaks a rule. A rule is checked as
     * soon as the bytes that decide it are there, and in the order of those bytes, so that it makes no difference in how many
     * pieces a header came. Bytes of a length that are still missing count as 0: what is there is the least that it can be.
     */
    private int parse(long first, long last, int available) {
        int b0 = (int) (first >>> 56);
        Opcode code = Opcode.of(b0);
        if (code == null) {
            return fail(Violation.RESERVED_OPCODE);
        }
        if ((b0 & RSV) != 0 && !isCompressionBit(b0, code)) {
            return fail(reservedBit(b0));
        }
        if (code.isControl() && (b0 & FIN) == 0) {
            return fail(Violation.FRAGMENTED_CONTROL_FRAME);
        }
        if (available < 2) {
            return 0;
        }
        int b1 = (int) (first >>> 48) & 0xFF;
        if ((b1 & MASK) != 0 != expectMask) {
            return fail(expectMask ? Violation.UNMASKED_CLIENT_FRAME : Violation.MASKED_SERVER_FRAME);
        }
        int shortLength = b1 & 0x7F;
        if (code.isControl() && shortLength > 125) {
            return fail(Violation.CONTROL_FRAME_TOO_LONG);
        }
        int keyBytes = expectMask ? 4 : 0;
        int length;
        int key;
        long payload;
        if (shortLength < 126) {
            length = 2 + keyBytes;
            payload = shortLength;
            key = (int) (first >>> 16);
        } else if (shortLength == 126) {
            length = 4 + keyBytes;
            payload = first >>> 32 & 0xFFFF;
            key = (int) first;
            if (payload < 126 && available >= 4) {
                return fail(Violation.NON_MINIMAL_LENGTH);
            }
        } else {
            length = 10 + keyBytes;
            payload = first << 16 | last >>> 48;
            key = (int) (last >>> 16);
            if (payload < 0) {
                return fail(Violation.LENGTH_HIGH_BIT);
            }
            if (payload <= 0xFFFF && available >= 8) {
                return fail(Violation.NON_MINIMAL_LENGTH);
            }
        }
        if (payload > maxFrameBytes && !code.isControl()) {
            return fail(Violation.FRAME_TOO_BIG);
        }
        if (available < length) {
            return 0;
        }
        begin(b0, code, key, (int) payload);
        return length;
    }

    private void begin(int b0, Opcode code, int key, int payload) {
        firstByte = (byte) b0;
        // A store costs a fence with G1; frames in a row are of a kind.
        if (opcode != code) {
            opcode = code;
        }
        maskingKey = key;
        payloadLength = payload;
        payloadRemaining = payload;
    }

    private boolean isCompressionBit(int b0, Opcode code) {
        return rsv1Allowed && (b0 & RSV) == RSV1 && (code == Opcode.TEXT || code == Opcode.BINARY);
    }

    private Violation reservedBit(int b0) {
        return rsv1Allowed && (b0 & RSV) == RSV1 ? Violation.MISPLACED_COMPRESSION_BIT : Violation.RESERVED_BIT;
    }

    private int fail(Violation fault) {
        violation = fault;
        return 0;
    }

    /** The rule that the header breaks; {@code null} if none. Nothing more can be decoded after it. */
    public @Nullable Violation violation() {
        return violation;
    }

    /** Whether the current frame is the last of its message. */
    public boolean isFin() {
        return (firstByte & FIN) != 0;
    }

    /** Whether RSV1 is set: the message that begins here is compressed (RFC 7692 §6). */
    public boolean isCompressed() {
        return (firstByte & RSV1) != 0;
    }

    /** The current frame's opcode. */
    public Opcode opcode() {
        return opcode;
    }

    /** The current frame's masking key, in the order of the header's bytes; without meaning on a client. */
    public int maskingKey() {
        return maskingKey;
    }

    /** Payload bytes of the current frame, 0 to the limit. */
    public int payloadLength() {
        return payloadLength;
    }

    /** Payload bytes of the current frame that are still to come. */
    public int payloadRemaining() {
        return payloadRemaining;
    }

    /** Payload bytes of the current frame that were taken: the phase of its mask. */
    public int payloadConsumed() {
        return payloadLength - payloadRemaining;
    }

    /** Notes that {@code bytes} of the payload were taken. */
    public void consumed(int bytes) {
        payloadRemaining -= bytes;
    }
}
