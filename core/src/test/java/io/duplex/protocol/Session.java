package io.duplex.protocol;

import io.duplex.Role;
import io.duplex.extension.DeflateParameters;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

/** What a well-behaved peer sends in a connection, with the places that are worth damaging. Not to be changed. */
final class Session {
    private static final int SESSIONS_OF_A_KIND = 100;
    private static final int BOMB_BYTES = 1 << 20;
    private static final DeflateParameters[] COMPRESSIONS = {
        null, new DeflateParameters(true, true, 15, 15), new DeflateParameters(false, false, 15, 15)
    };

    private final Role receiver;
    private final DeflateParameters compression;
    private final byte[] bytes;
    private final int[] headers;

    private Session(Role receiver, DeflateParameters compression, byte[] bytes) {
        this.receiver = receiver;
        this.compression = compression;
        this.bytes = bytes;
        this.headers = headers(bytes);
    }

    /** Who reads it. */
    Role receiver() {
        return receiver;
    }

    /** What was agreed; {@code null} for none. */
    DeflateParameters compression() {
        return compression;
    }

    /** All frames. */
    byte[] bytes() {
        return bytes;
    }

    /** Where frames begin. */
    int[] headers() {
        return headers;
    }

    /** Sessions of both roles, with and without compression. */
    static List<Session> various() {
        List<Session> all = new ArrayList<>();
        Random random = new Random(7);
        for (Role receiver : Role.values()) {
            Role sender = receiver == Role.SERVER ? Role.CLIENT : Role.SERVER;
            for (DeflateParameters compression : COMPRESSIONS) {
                for (int i = 0; i < SESSIONS_OF_A_KIND; i++) {
                    byte[] valid = new RandomStream(random, sender, compression != null).valid(10);
                    all.add(new Session(receiver, compression, valid));
                }
                all.add(new Session(receiver, compression, big(sender)));
                if (compression != null) {
                    all.add(new Session(receiver, compression, bomb(sender)));
                }
            }
        }
        return all;
    }

    /** A message of many fragments, up to the limit. */
    private static byte[] big(Role sender) {
        Wire wire = Wire.of(sender).frame(2, new byte[5000]);
        for (int i = 0; i < 5; i++) {
            wire.frame(0, new byte[2000]).frame(0x89, new byte[] {1, 2, 3});
        }
        return wire.frame(0x80, new byte[0]).text("end").bytes();
    }

    /** A thousand times as much as it seems. */
    private static byte[] bomb(Role sender) {
        Deflater deflater = new Deflater(9, true);
        deflater.setInput(new byte[BOMB_BYTES]);
        byte[] out = new byte[BOMB_BYTES / 100];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        payload.write(out, 0, length - 4);
        return Wire.of(sender).frame(0xC2, payload.toByteArray()).bytes();
    }

    private static int[] headers(byte[] bytes) {
        List<Integer> found = new ArrayList<>();
        int at = 0;
        while (at + 1 < bytes.length) {
            found.add(at);
            int length = bytes[at + 1] & 0x7F;
            int header = (bytes[at + 1] & 0x80) == 0 ? 2 : 6;
            if (length == 126) {
                length = (bytes[at + 2] & 0xFF) << 8 | bytes[at + 3] & 0xFF;
                header += 2;
            } else if (length == 127) {
                throw new IllegalStateException("sessions have no frame of 64 KiB");
            }
            at += header + length;
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }
}
