package io.duplex.extension;

import java.io.ByteArrayOutputStream;

/** Writes DEFLATE by hand (RFC 1951 §3.1.1): numbers from their lowest bit, Huffman codes from their highest. */
final class BitWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int pending;
    private int count;

    BitWriter bits(int value, int length) {
        for (int i = 0; i < length; i++) {
            bit(value >> i & 1);
        }
        return this;
    }

    BitWriter code(int code, int length) {
        for (int i = length - 1; i >= 0; i--) {
            bit(code >> i & 1);
        }
        return this;
    }

    private void bit(int bit) {
        pending |= bit << count;
        if (++count == 8) {
            bytes.write(pending);
            pending = 0;
            count = 0;
        }
    }

    /** The bytes, the last one filled up with zeros. */
    byte[] toBytes() {
        while (count > 0) {
            bit(0);
        }
        return bytes.toByteArray();
    }
}
