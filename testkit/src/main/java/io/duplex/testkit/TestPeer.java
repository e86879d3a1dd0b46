package io.duplex.testkit;

import io.duplex.CloseCode;
import io.duplex.Role;
import io.duplex.frame.FrameDecoder;
import io.duplex.frame.FrameEncoder;
import io.duplex.frame.Masking;
import io.duplex.frame.Opcode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The other end of a {@link TestConnection}: does what the test says and nothing by itself. It answers no Ping and no Close
 * frame, so that the test can do so late, wrongly or not at all. What it is told to send has arrived when the call returns.
 * Confined to the test's thread.
 *
 * <p>What it receives are lines, one a frame: {@code text Hello}, {@code binary 0102}, {@code text+ Hel} and {@code
 * continuation lo} (a {@code +}: the message goes on), {@code text* f248} (compressed, as sent), {@code ping 00}, {@code pong
 * 00}, {@code close 1000 bye}, {@code close}, and {@code end} or {@code reset} of TCP. Content of more than 200 bytes shows
 * as its length.
 */
public final class TestPeer {
    private static final int KEY = 0x37FA213D;

    private final VirtualLoop loop;
    private final Role role;
    private final MemoryPipe in;
    private final MemoryPipe out;
    private final FrameDecoder decoder;
    private final List<String> received = new ArrayList<>();
    private byte[] payload = new byte[0];
    private boolean inPayload;
    private boolean inBinary;

    TestPeer(VirtualLoop loop, Role role, MemoryPipe in, MemoryPipe out) {
        this.loop = loop;
        this.role = role;
        this.in = in;
        this.out = out;
        this.decoder = new FrameDecoder(role, true, Integer.MAX_VALUE);
        in.reader(new Lines());
    }

    // Sending

    /** Sends a text message. */
    public void send(String text) {
        frame(Opcode.TEXT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends a binary message. */
    public void send(ByteBuffer message) {
        frame(Opcode.BINARY, message);
    }

    /** Sends a Ping. */
    public void ping(ByteBuffer content) {
        frame(Opcode.PING, content);
    }

    /** Sends a Pong. */
    public void pong(ByteBuffer content) {
        frame(Opcode.PONG, content);
    }

    /** Sends a Close frame. */
    public void close(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        frame(
                Opcode.CLOSE,
                ByteBuffer.allocate(2 + text.length)
                        .putShort((short) code)
                        .put(text)
                        .flip());
    }

    /** Sends a Close frame without a body. */
    public void closeWithoutStatus() {
        frame(Opcode.CLOSE, ByteBuffer.allocate(0));
    }

    /** Sends a Close frame with 1000. */
    public void close() {
        close(CloseCode.NORMAL, "");
    }

    private void frame(Opcode opcode, ByteBuffer content) {
        sendBytes(encode(opcode, content));
    }

    /** Sends text messages in one piece, so that one read brings all of them. */
    public void sendTogether(String... texts) {
        ByteBuffer together = ByteBuffer.allocate(0);
        for (String text : texts) {
            ByteBuffer next = encode(Opcode.TEXT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            together = ByteBuffer.allocate(together.remaining() + next.remaining())
                    .put(together)
                    .put(next)
                    .flip();
        }
        sendBytes(together);
    }

    private ByteBuffer encode(Opcode opcode, ByteBuffer content) {
        int length = content.remaining();
        ByteBuffer frame = ByteBuffer.allocate(FrameDecoder.MAX_HEADER_BYTES + length);
        int firstByte = FrameEncoder.firstByte(opcode, true, false);
        if (role == Role.CLIENT) {
            FrameEncoder.writeMaskedHeader(frame, firstByte, length, KEY);
            Masking.copy(content, content.position(), length, frame, frame.position(), KEY);
            frame.position(frame.position() + length);
        } else {
            FrameEncoder.writeHeader(frame, firstByte, length);
            frame.put(content.duplicate());
        }
        return frame.flip();
    }

    /** Sends bytes as they are: half a frame, many frames, or none. */
    public void sendBytes(ByteBuffer bytes) {
        out.write(bytes.duplicate());
        loop.run();
    }

    /** Ends this side of TCP: FIN. */
    public void end() {
        out.end();
        loop.run();
    }

    /** Breaks TCP: RST. */
    public void reset() {
        out.reset();
        loop.run();
    }

    // Receiving

    /** Takes nothing more from TCP until {@link #resumeReading}, so that the other side's sending comes to a halt. */
    public void stopReading() {
        in.hold();
    }

    /** Undoes {@link #stopReading}. */
    public void resumeReading() {
        in.release();
        loop.run();
    }

    /** The lines so far, after the loop has come to rest. */
    public List<String> received() {
        loop.run();
        return List.copyOf(received);
    }

    /** The lines since the last call. */
    public List<String> take() {
        List<String> lines = received();
        received.clear();
        return lines;
    }

    /** The direction towards the connection under test: splits and delays. */
    public MemoryPipe outgoing() {
        return out;
    }

    /** The direction from the connection under test. */
    public MemoryPipe incoming() {
        return in;
    }

    private final class Lines implements MemoryPipe.Reader {
        @Override
        public void onBytes(ByteBuffer bytes) {
            while (inPayload || bytes.hasRemaining()) {
                if (!inPayload) {
                    if (!decoder.readHeader(bytes)) {
                        if (decoder.violation() != null) {
                            throw new IllegalStateException("connection sent a bad frame: " + decoder.violation());
                        }
                        return;
                    }
                    inPayload = true;
                    payload = new byte[decoder.payloadLength()];
                }
                int length = Math.min(bytes.remaining(), decoder.payloadRemaining());
                bytes.get(payload, decoder.payloadConsumed(), length);
                decoder.consumed(length);
                if (decoder.payloadRemaining() > 0) {
                    return;
                }
                inPayload = false;
                received.add(line());
            }
        }

        private String line() {
            ByteBuffer content = ByteBuffer.wrap(payload);
            if (role == Role.SERVER) {
                Masking.apply(content, 0, payload.length, decoder.maskingKey(), 0);
            }
            Opcode opcode = decoder.opcode();
            String name = opcode.name().toLowerCase(Locale.ROOT)
                    + (decoder.isCompressed() ? "*" : "")
                    + (decoder.isFin() ? "" : "+");
            return (name + " " + show(opcode, content)).stripTrailing();
        }

        private String show(Opcode opcode, ByteBuffer content) {
            if (opcode == Opcode.CLOSE && content.hasRemaining()) {
                int code = content.getShort() & 0xFFFF;
                return code + " " + StandardCharsets.UTF_8.decode(content);
            }
            if (opcode == Opcode.TEXT || opcode == Opcode.BINARY) {
                inBinary = opcode == Opcode.BINARY || decoder.isCompressed();
            }
            boolean text = !opcode.isControl() && !inBinary;
            return text && content.remaining() <= RecordingHandler.MAX_SHOWN
                    ? StandardCharsets.UTF_8.decode(content).toString()
                    : RecordingHandler.hex(content);
        }

        @Override
        public void onEnd() {
            received.add("end");
        }

        @Override
        public void onReset(IOException failure) {
            received.add("reset");
        }
    }
}
