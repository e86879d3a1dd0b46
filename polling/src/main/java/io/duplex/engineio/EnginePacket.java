package io.duplex.engineio;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A packet of Engine.IO.
 *
 * @param type what it is
 * @param data UTF-8, but for {@link PacketType#BINARY}; read-only views are for the caller to make
 */
record EnginePacket(PacketType type, ByteBuffer data) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    EnginePacket(PacketType type) {
        this(type, NOTHING);
    }

    static EnginePacket of(PacketType type, String text) {
        return new EnginePacket(type, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    boolean isProbe() {
        return data.equals(ByteBuffer.wrap(PROBE));
    }

    static final byte[] PROBE = {'p', 'r', 'o', 'b', 'e'};
}
