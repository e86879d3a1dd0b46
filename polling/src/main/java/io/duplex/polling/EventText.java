package io.duplex.polling;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Packets as server-sent events. A text goes as it is, its line feeds beginning new {@code data} lines; what an event cannot
 * carry goes in base64.
 */
final class EventText {
    private static final byte[] DATA = "\ndata: ".getBytes(US_ASCII);
    /** Stands for a text in base64. */
    static final char ENCODED_TEXT = 'T';

    private EventText() {}

    /** One event. */
    static ByteBuffer of(long number, Packet packet) {
        byte[] id = ("id: " + number).getBytes(US_ASCII);
        byte[] content = new byte[packet.length()];
        packet.bytes().get(content);
        boolean plain = packet.kind() == Kind.TEXT && isPlain(content);
        char kind = packet.kind() == Kind.TEXT && !plain
                ? ENCODED_TEXT
                : (char) packet.kind().letter();
        byte[] data = plain ? content : Base64.getEncoder().encode(content);
        int lines = plain ? count(data) : 0;
        ByteBuffer out = ByteBuffer.allocate(id.length + DATA.length + 1 + data.length + lines * (DATA.length - 1) + 2);
        out.put(id).put(DATA).put((byte) kind);
        if (lines == 0) {
            out.put(data);
        } else {
            putLines(out, data);
        }
        return out.put((byte) '\n').put((byte) '\n').flip();
    }

    /** Whether an EventSource gives it back as it is: CR would become LF, and NUL is doubtful. */
    private static boolean isPlain(byte[] utf8) {
        for (byte b : utf8) {
            if (b == '\r' || b == 0) {
                return false;
            }
        }
        return true;
    }

    private static int count(byte[] utf8) {
        int lines = 0;
        for (byte b : utf8) {
            if (b == '\n') {
                lines++;
            }
        }
        return lines;
    }

    private static void putLines(ByteBuffer out, byte[] utf8) {
        for (byte b : utf8) {
            if (b == '\n') {
                out.put(DATA);
            } else {
                out.put(b);
            }
        }
    }

    /** What a stream begins with: a comment against buffers in clients, the pause before coming back, the probe. */
    static ByteBuffer opening(int padBytes, long turn) {
        StringBuilder text = new StringBuilder(padBytes + 64);
        if (padBytes > 0) {
            text.append(':').append(" ".repeat(padBytes)).append('\n');
        }
        text.append("retry: 1000\nevent: probe\ndata: ").append(turn).append("\n\n");
        return ByteBuffer.wrap(text.toString().getBytes(ISO_8859_1));
    }

    /** What shows that the stream lives. */
    static ByteBuffer comment() {
        return ByteBuffer.wrap(":\n\n".getBytes(US_ASCII));
    }
}
