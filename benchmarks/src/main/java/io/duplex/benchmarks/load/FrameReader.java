package io.duplex.benchmarks.load;

import java.nio.ByteBuffer;

/** Takes a server's frames apart and insists on their order (RFC 6455 §5.2, §5.4). */
final class FrameReader {
    private static final int MAX_HEADER_BYTES = 10;
    private static final int MAX_CONTROL_BYTES = 125;

    static final int CLOSE = 8;
    static final int PING = 9;

    /** Who wants to know. */
    interface Frames {
        /**
         * A part of a message: the next bytes of the buffer, whose position must stay.
         *
         * @param offset where in the message's payload it begins
         */
        void part(ByteBuffer in, int bytes, long offset);

        /** A message has ended. */
        void message(int opcode, boolean compressed, long bytes);

        void control(int opcode, byte[] payload);
    }

    private final Frames frames;
    private final byte[] header = new byte[MAX_HEADER_BYTES];
    private int headerBytes;
    private boolean inFrame;
    private int first;
    private long payloadLeft;
    private byte[] control = new byte[0];
    private int controlBytes;
    private boolean inMessage;
    private int opcode;
    private boolean compressed;
    private long messageBytes;

    FrameReader(Frames frames) {
        this.frames = frames;
    }

    /** Takes all bytes. */
    void read(ByteBuffer in) {
        while (inFrame || header(in)) {
            int bytes = (int) Math.min(payloadLeft, in.remaining());
            if (isControl()) {
                in.get(control, controlBytes, bytes);
                controlBytes += bytes;
            } else {
                if (bytes > 0) {
                    frames.part(in, bytes, messageBytes);
                }
                in.position(in.position() + bytes);
                messageBytes += bytes;
            }
            payloadLeft -= bytes;
            if (payloadLeft > 0) {
                return;
            }
            inFrame = false;
            end();
        }
    }

    private boolean isControl() {
        return (first & 8) != 0;
    }

    /** Returns whether a header is complete. */
    private boolean header(ByteBuffer in) {
        if (headerBytes == 0 && in.remaining() >= MAX_HEADER_BYTES) {
            int at = in.position();
            int second = in.get(at + 1);
            begin(in.get(at), second, second < 126 ? second : second == 126 ? in.getChar(at + 2) : in.getLong(at + 2));
            in.position(at + size(second));
            return true;
        }
        while (in.hasRemaining()) {
            header[headerBytes++] = in.get();
            if (headerBytes >= 2 && headerBytes == size(header[1])) {
                ByteBuffer fields = ByteBuffer.wrap(header);
                int second = header[1];
                headerBytes = 0;
                begin(header[0], second, second < 126 ? second : second == 126 ? fields.getChar(2) : fields.getLong(2));
                return true;
            }
        }
        return false;
    }

    private static int size(int second) {
        return second < 126 ? 2 : second == 126 ? 4 : 10;
    }

    private void begin(int firstByte, int second, long length) {
        if (second < 0) {
            throw new LoadFailure("a server's frame is masked");
        }
        first = firstByte;
        payloadLeft = length;
        inFrame = true;
        if (isControl()) {
            if (length > MAX_CONTROL_BYTES) {
                throw new LoadFailure("control frame of " + length + " bytes");
            }
            control = new byte[(int) length];
            controlBytes = 0;
            return;
        }
        boolean continues = (first & 0x0F) == 0;
        if (continues != inMessage) {
            throw new LoadFailure(continues ? "continuation of nothing" : "message inside a message");
        }
        if (!continues) {
            opcode = first & 0x0F;
            compressed = (first & 0x40) != 0;
            messageBytes = 0;
        }
        inMessage = first >= 0; // FIN is the sign
    }

    private void end() {
        if (isControl()) {
            frames.control(first & 0x0F, control);
        } else if (!inMessage) {
            frames.message(opcode, compressed, messageBytes);
        }
    }
}
