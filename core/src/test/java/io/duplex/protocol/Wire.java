package io.duplex.protocol;

import io.duplex.Role;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes frames as a peer would, right or wrong: every field is the caller's. */
final class Wire {
    private final Role sender;
    private final int key;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Wire(Role sender, int key) {
        this.sender = sender;
        this.key = key;
    }

    /** What a client sends: masked with {@code key}. */
    static Wire ofClient(int key) {
        return new Wire(Role.CLIENT, key);
    }

    /** What a server sends. */
    static Wire ofServer() {
        return new Wire(Role.SERVER, 0);
    }

    /** What {@code sender} sends, a client with the masking key 0. */
    static Wire of(Role sender) {
        return new Wire(sender, 0);
    }

    Wire text(String text) {
        return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }

    Wire close(int code, String reason) {
        byte[] utf8 = reason.getBytes(StandardCharsets.UTF_8);
        return frame(
                0x88,
                ByteBuffer.allocate(2 + utf8.length)
                        .putShort((short) code)
                        .put(utf8)
                        .array());
    }

    /** A frame whose length is in the shortest form. */
    Wire frame(int firstByte, byte[] payload) {
        header(firstByte, payload.length);
        for (int i = 0; i < payload.length; i++) {
            bytes.write(sender == Role.CLIENT ? payload[i] ^ key >>> (24 - 8 * (i % 4)) : payload[i]);
        }
        return this;
    }

    /** A header alone. */
    Wire header(int firstByte, long length) {
        int mask = sender == Role.CLIENT ? 0x80 : 0;
        bytes.write(firstByte);
        if (length < 126) {
            bytes.write(mask | (int) length);
        } else if (length < 65536) {
            bytes.write(mask | 126);
            bytes.writeBytes(ByteBuffer.allocate(2).putShort((short) length).array());
        } else {
            bytes.write(mask | 127);
            bytes.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
        }
        if (sender == Role.CLIENT) {
            bytes.writeBytes(ByteBuffer.allocate(4).putInt(key).array());
        }
        return this;
    }

    Wire raw(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes());
    }
}
