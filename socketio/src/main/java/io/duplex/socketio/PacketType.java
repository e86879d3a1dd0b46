package io.duplex.socketio;

import org.jspecify.annotations.Nullable;

/** What a {@link Packet} is for. */
enum PacketType {
    CONNECT('0'),
    DISCONNECT('1'),
    EVENT('2'),
    ACK('3'),
    CONNECT_ERROR('4'),
    BINARY_EVENT('5'),
    BINARY_ACK('6');

    private final char digit;

    PacketType(char digit) {
        this.digit = digit;
    }

    static @Nullable PacketType of(char digit) {
        for (PacketType type : values()) {
            if (type.digit == digit) {
                return type;
            }
        }
        return null;
    }

    /** What stands for it. */
    char digit() {
        return digit;
    }

    /** Whether attachments follow it. */
    boolean isBinary() {
        return this == BINARY_EVENT || this == BINARY_ACK;
    }

    boolean isEvent() {
        return this == EVENT || this == BINARY_EVENT;
    }

    boolean isAck() {
        return this == ACK || this == BINARY_ACK;
    }
}
