package io.duplex.benchmarks.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates the first echoes of one connection, to see that they are what was sent; inflating all would cost too much. */
final class DeflatedEchoes {
    private static final int CHECKED = 200;
    private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

    private final Inflater inflater = new Inflater(true);
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int checked;

    boolean wanted() {
        return checked < CHECKED;
    }

    void part(ByteBuffer in, int bytes) {
        byte[] part = new byte[bytes];
        in.get(in.position(), part);
        message.writeBytes(part);
    }

    /**
     * A message has ended.
     *
     * @throws LoadFailure if it is not the one expected
     */
    void message(boolean compressed, ByteBuffer expected) {
        byte[] plain = message.toByteArray();
        message.reset();
        checked++;
        if (compressed) {
            plain = inflated(plain, expected.capacity());
        }
        if (!ByteBuffer.wrap(plain).equals(expected.duplicate().clear())) {
            throw new LoadFailure("the inflated echo is not what was sent");
        }
    }

    private byte[] inflated(byte[] deflated, int bytes) {
        byte[] input = new byte[deflated.length + TAIL.length];
        System.arraycopy(deflated, 0, input, 0, deflated.length);
        System.arraycopy(TAIL, 0, input, deflated.length, TAIL.length);
        byte[] plain = new byte[bytes + 1];
        inflater.setInput(input);
        try {
            int length = inflater.inflate(plain);
            // Takes the empty block at the end too.
            length += inflater.inflate(plain, length, plain.length - length);
            return Arrays.copyOf(plain, length);
        } catch (DataFormatException e) {
            throw new LoadFailure("the echo does not inflate: " + e.getMessage());
        }
    }

    void close() {
        inflater.end();
    }
}
