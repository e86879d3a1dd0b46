package io.duplex.extension;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/** Drives a {@link MessageInflater} through whole messages. */
final class Inflation {
    private Inflation() {}

    /** Inflates a message that comes in parts of {@code partBytes} octets, {@code roomBytes} bytes at a time. */
    static byte[] inflate(MessageInflater inflater, byte[] payload, int partBytes, int roomBytes, boolean direct)
            throws DataFormatException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ByteBuffer out = direct ? ByteBuffer.allocateDirect(roomBytes) : ByteBuffer.allocate(roomBytes);
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(partBytes) : ByteBuffer.allocate(partBytes);
        int from = 0;
        do {
            int to = Math.min(payload.length, from + partBytes);
            in.clear().put(payload, from, to - from).flip();
            inflater.input(in, to == payload.length);
            drain(inflater, out, plain);
            from = to;
        } while (from < payload.length);
        return plain.toByteArray();
    }

    static byte[] inflate(MessageInflater inflater, byte[] payload) throws DataFormatException {
        return inflate(inflater, payload, Math.max(1, payload.length), 4096, false);
    }

    static void drain(MessageInflater inflater, ByteBuffer out, ByteArrayOutputStream plain)
            throws DataFormatException {
        while (true) {
            int bytes = inflater.inflate(out.clear());
            if (bytes != out.position()) {
                throw new AssertionError(bytes + " bytes told, " + out.position() + " written");
            }
            if (bytes == 0) {
                return;
            }
            plain.writeBytes(Samples.toArray(out.flip()));
        }
    }
}
