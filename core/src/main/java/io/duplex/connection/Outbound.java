package io.duplex.connection;

import io.duplex.CloseStatus;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

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
    final @Nullable CloseStatus status;
    private final byte[] bytes;

    private Outbound(Kind kind, byte[] bytes, boolean last, @Nullable CloseStatus status) {
        this.kind = kind;
        this.bytes = bytes;
        this.last = last;
        this.status = status;
    }

    static Outbound of(Kind kind, byte[] bytes) {
        return new Outbound(kind, bytes, true, null);
    }

    /** Copies and consumes {@code payload}. */
    static Outbound copyOf(Kind kind, ByteBuffer payload, boolean last) {
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        return new Outbound(kind, copy, last, null);
    }

    static Outbound close(CloseStatus status) {
        return new Outbound(Kind.CLOSE, NOTHING, true, status);
    }

    int length() {
        return bytes.length;
    }

    ByteBuffer payload() {
        return ByteBuffer.wrap(bytes);
    }
}
