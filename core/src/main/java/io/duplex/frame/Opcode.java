package io.duplex.frame;

import org.jspecify.annotations.Nullable;

/** What a frame is (RFC 6455 §5.2). */
public enum Opcode {
    /** A further fragment of the message under way. */
    CONTINUATION(0),
    /** The first or only frame of a text message. */
    TEXT(1),
    /** The first or only frame of a binary message. */
    BINARY(2),
    /** Begins or answers the closing handshake. */
    CLOSE(8),
    /** Asks for a Pong. */
    PING(9),
    /** Answers a Ping, or tells that its sender is alive. */
    PONG(10);

    private static final @Nullable Opcode[] BY_CODE = new Opcode[16];

    static {
        for (Opcode opcode : values()) {
            BY_CODE[opcode.code] = opcode;
        }
    }

    private final int code;

    Opcode(int code) {
        this.code = code;
    }

    /** The opcode that the low four bits of {@code bits} name; {@code null} if it is reserved. */
    public static @Nullable Opcode of(int bits) {
        return BY_CODE[bits & 0xF];
    }

    /** The four bits in the frame. */
    public int code() {
        return code;
    }

    /** Whether it is a control frame: never fragmented, at most 125 bytes (RFC 6455 §5.5). */
    public boolean isControl() {
        return code >= 8;
    }
}
