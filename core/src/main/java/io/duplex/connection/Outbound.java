package io.duplex.connection;

import io.duplex.CloseStatus;
import io.duplex.frame.FrameEncoder;
import java.nio.ByteBuffer;

/**
 * Something to be sent that could not be given to the engine at once. It owns its bytes, and is immutable, so that one may
 * stand in the queues of many connections.
 */
final class Outbound {
    enum Kind {
        TEXT,
        BINARY,
        TEXT_PART,
        BINARY_PART,
        PING,
        PONG,
        CLOSE;

        boolean isPart() {
            return this == TEXT_PART || this == BINARY_PART;
        }

        boolean isControl() {
            return this == PING || this == PONG || this == CLOSE;
        }
    }

    private static final byte[] NOTHING = new byte[0];

    final Kind kind;
    final boolean last;
    /** What a {@link Kind#CLOSE} says; 1005 for all else. */
    final CloseStatus status;

    private final byte[] bytes;

    private Outbound(Kind kind, byte[] bytes, boolean last, CloseStatus status) {
        this.kind = kind;
        this.bytes = bytes;
        this.last = last;
        this.status = status;
    }

    static Outbound of(Kind kind, byte[] bytes) {
        return new Outbound(kind, bytes, true, CloseStatus.NO_STATUS);
    }

    /** Copies and consumes {@code payload}. */
    static Outbound copyOf(Kind kind, ByteBuffer payload, boolean last) {
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        return new Outbound(kind, copy, last, CloseStatus.NO_STATUS);
    }

    static Outbound close(CloseStatus status) {
        return new Outbound(Kind.CLOSE, NOTHING, true, status);
    }

    /** Bytes that it takes as a frame without mask and compression. */
    int frameBytes() {
        return FrameEncoder.headerBytes(bytes.length) + bytes.length;
    }

    ByteBuffer payload() {
        return ByteBuffer.wrap(bytes);
    }
}
