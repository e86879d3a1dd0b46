package io.duplex.protocol;

import io.duplex.Role;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;

/** What a peer might send: mostly by the rules, and then, if asked for, damaged. */
final class RandomStream {
    private static final String[] TEXTS = {
        "",
        "Hello",
        "κόσμε",
        "€",
        "\uD83D\uDE00",
        "a long text, which takes some words and then some more",
        "\u0000\u007f\u0080"
    };

    private final Random random;
    private final Role sender;
    private final boolean compressing;
    private final Wire wire;

    RandomStream(Random random, Role sender, boolean compressing) {
        this.random = random;
        this.sender = sender;
        this.compressing = compressing;
        this.wire = sender == Role.CLIENT ? Wire.ofClient(random.nextInt()) : Wire.ofServer();
    }

    /** Up to {@code messages} messages, and often a Close frame at the end. */
    byte[] valid(int messages) {
        for (int i = random.nextInt(messages + 1); i > 0; i--) {
            message();
        }
        if (random.nextInt(3) == 0) {
            close();
        }
        return wire.bytes();
    }

    /** As {@link #valid}, with some bytes changed, lost or added. */
    byte[] damaged(int messages) {
        byte[] bytes = valid(messages);
        for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> bytes = splice(bytes, at, at + 1, new byte[0]);
                default -> bytes = splice(bytes, at, at, randomBytes(1 + random.nextInt(6)));
            }
        }
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] in) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(bytes, 0, from);
        all.writeBytes(in);
        all.write(bytes, to, bytes.length - to);
        return all.toByteArray();
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private void message() {
        boolean text = random.nextBoolean();
        byte[] content = content(text);
        boolean compressed = compressing && random.nextInt(3) > 0;
        byte[] payload = compressed ? deflate(content) : content;
        int opcode = (text ? 1 : 2) | (compressed ? 0x40 : 0);
        int from = 0;
        while (random.nextInt(3) == 0) {
            int to = from + random.nextInt(payload.length - from + 1);
            wire.frame(opcode, Arrays.copyOfRange(payload, from, to));
            opcode = 0;
            from = to;
            if (random.nextInt(3) == 0) {
                control();
            }
        }
        wire.frame(0x80 | opcode, Arrays.copyOfRange(payload, from, payload.length));
        if (random.nextInt(4) == 0) {
            control();
        }
    }

    private byte[] content(boolean text) {
        if (text) {
            byte[] utf8 = TEXTS[random.nextInt(TEXTS.length)].getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(20) == 0 && utf8.length > 0) {
                utf8[random.nextInt(utf8.length)] = (byte) random.nextInt(256);
            }
            return utf8;
        }
        // Around the lengths where a header grows, and around the limits of the tests.
        int[] lengths = {0, 1, 7, 8, 9, 125, 126, 127, 255, 256, 257, 300};
        return random.nextBoolean()
                ? randomBytes(lengths[random.nextInt(lengths.length)])
                : new byte[lengths[random.nextInt(lengths.length)]];
    }

    /** Each message for itself, which fits any agreement; sometimes with a final block, sometimes in two blocks. */
    private byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater(random.nextInt(10), true);
        byte[] out = new byte[2 * plain.length + 100];
        deflater.setInput(plain);
        int length;
        if (random.nextInt(8) == 0) {
            deflater.finish();
            length = deflater.deflate(out);
            out[length++] = 0;
        } else if (plain.length == 0) {
            length = 1;
        } else {
            length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
        }
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    private void control() {
        wire.frame(random.nextBoolean() ? 0x89 : 0x8A, randomBytes(random.nextInt(4) == 0 ? 125 : random.nextInt(6)));
    }

    private void close() {
        switch (random.nextInt(4)) {
            case 0 -> wire.frame(0x88, new byte[0]);
            case 1 -> wire.frame(0x88, randomBytes(random.nextInt(5)));
            case 2 -> wire.close(1000 + random.nextInt(20), "bye €");
            default -> wire.close(random.nextInt(6000), TEXTS[random.nextInt(TEXTS.length)]);
        }
        if (random.nextInt(3) == 0) {
            wire.text("too late").frame(0x89, new byte[0]);
        }
    }

    /** Whose stream it is. */
    Role sender() {
        return sender;
    }
}
