package io.duplex.polling;

import io.duplex.Role;
import io.duplex.WebSocketException;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.polling.session.PacketQueue;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Packets in a row, and what the sender has received: the unit of all carriers but the event stream. Its form is part of
 * {@code docs/reference/polling-protocol.md}.
 *
 * @param ack the last packet that the sender has received; 0 if none
 * @param first the number of the first packet in this block, or of the next that will be sent
 * @param count how many packets there are
 * @param packets the packets, each behind its header
 */
record Block(long ack, long first, int count, ByteBuffer packets) {
    /** Bytes in front of the packets. */
    static final int HEADER_BYTES = 2 * Long.BYTES;

    /** No number is as high: they are to be exact in JavaScript. */
    static final long MAX_NUMBER = 1L << 53;

    /** A block is filled up to so many bytes, beyond which one packet goes alone. */
    static final int FILL_BYTES = 256 << 10;

    /**
     * Reads a block.
     *
     * @param sender who has sent it
     * @param bytes all of it; the packets are a view of them
     * @return {@code null} if it is none, or has a packet that its sender may not send
     */
    static @Nullable Block parse(Role sender, ByteBuffer bytes) {
        ByteBuffer in = bytes.slice();
        if (in.remaining() < HEADER_BYTES) {
            return null;
        }
        long ack = in.getLong();
        long first = in.getLong();
        if (ack < 0 || ack >= MAX_NUMBER || first < 1 || first >= MAX_NUMBER) {
            return null;
        }
        int count = 0;
        for (int at = in.position(); at < in.limit(); count++) {
            if (in.limit() - at < Packet.HEADER_BYTES || !maySend(sender, Kind.of(in.get(at)))) {
                return null;
            }
            int length = in.getInt(at + 1);
            at += Packet.HEADER_BYTES;
            if (length < 0 || length > in.limit() - at) {
                return null;
            }
            at += length;
        }
        return new Block(ack, first, count, in.slice());
    }

    /** The same, with a copy of the packets in {@code memory}, which holds {@link #bytes()} at least. */
    Block copyTo(ByteBuffer memory) {
        return new Block(
                ack,
                first,
                count,
                memory.clear().put(packets.duplicate()).flip().slice());
    }

    /** What its packets take of their sender's memory until they are acknowledged. */
    long cost() {
        return packets.limit() + (long) count * PacketQueue.OVERHEAD_BYTES;
    }

    /** The length of the whole. */
    int bytes() {
        return HEADER_BYTES + packets.limit();
    }

    private static boolean maySend(Role sender, @Nullable Kind kind) {
        boolean isPart = kind == Kind.TEXT_PART || kind == Kind.BINARY_PART;
        return kind != null && (sender == Role.SERVER || !isPart);
    }

    /** The packets from the number {@code next} on; {@code next} is not above that of the last by more than 1. */
    ByteBuffer packetsFrom(long next) {
        ByteBuffer rest = packets.duplicate();
        for (long number = first; number < next; number++) {
            int length = rest.getInt(rest.position() + 1);
            rest.position(rest.position() + Packet.HEADER_BYTES + length);
        }
        return rest;
    }

    /** A block of nothing but an acknowledgement. */
    static ByteBuffer empty(long ack, long next) {
        return ByteBuffer.allocate(HEADER_BYTES).putLong(ack).putLong(next).flip();
    }

    /**
     * Writes a block with as many of the packets behind {@code after} as fit.
     *
     * @param fillBytes where to stop, if there is one packet at least
     */
    static Filled fill(PacketQueue packets, long after, long ack, int fillBytes) {
        long last = after;
        int bytes = HEADER_BYTES;
        try {
            while (last < packets.last()) {
                int more =
                        Math.addExact(Packet.HEADER_BYTES, packets.get(last + 1).length());
                if (last > after && bytes + (long) more > fillBytes) {
                    break;
                }
                bytes = Math.addExact(bytes, more);
                last++;
            }
        } catch (ArithmeticException tooBig) {
            throw new WebSocketException("a packet is too big for a block", tooBig);
        }
        ByteBuffer out = ByteBuffer.allocate(bytes).putLong(ack).putLong(after + 1);
        for (long number = after + 1; number <= last; number++) {
            packets.get(number).writeTo(out);
        }
        return new Filled(out.flip(), last);
    }

    /**
     * A block that was written.
     *
     * @param bytes all of it
     * @param last the number of its last packet
     */
    record Filled(ByteBuffer bytes, long last) {}
}
