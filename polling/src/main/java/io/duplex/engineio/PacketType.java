package io.duplex.engineio;

/** What a packet is; {@code BINARY} is a message of bytes, which has no digit. */
enum PacketType {
    OPEN('0'),
    CLOSE('1'),
    PING('2'),
    PONG('3'),
    MESSAGE('4'),
    UPGRADE('5'),
    NOOP('6'),
    BINARY('b');

    private final char letter;

    PacketType(char letter) {
        this.letter = letter;
    }

    /** What stands for it in a payload, an ASCII letter. */
    byte letter() {
        return (byte) letter;
    }

    static PacketType of(byte letter) throws PayloadFault {
        for (PacketType type : values()) {
            if (type.letter() == letter) {
                return type;
            }
        }
        throw new PayloadFault("a packet is of an unknown type");
    }
}
