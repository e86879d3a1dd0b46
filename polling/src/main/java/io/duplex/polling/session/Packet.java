package io.duplex.polling.session;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message, a part of one, or a control frame, on its way through a session. Immutable and thread-safe.
 *
 * @param kind what it is
 * @param payload read-only; its position and limit are not to be moved: {@link #bytes} gives a view for that
 */
public record Packet(Kind kind, ByteBuffer payload) {
    /** Bytes of the header that stands before a payload: the kind and the length. */
    public static final int HEADER_BYTES = 5;

    private static final int CODE_BYTES = 2;

    /** What a packet is. */
    public enum Kind {
        /** A text message, or its last part. */
        TEXT('t'),
        /** A binary message, or its last part. */
        BINARY('b'),
        /** A part of a text message that is not the last. */
        TEXT_PART('u'),
        /** A part of a binary message that is not the last. */
        BINARY_PART('v'),
        /** A Ping. */
        PING('p'),
        /** A Pong. */
        PONG('q'),
        /** The end of what its sender has to say; its payload is that of a Close frame (RFC 6455 §5.5.1). */
        CLOSE('c');

        private static final Kind[] BY_LETTER = new Kind['v' + 1];

        static {
            for (Kind kind : values()) {
                BY_LETTER[kind.letter] = kind;
            }
        }

        private final byte letter;

        Kind(char letter) {
            this.letter = (byte) letter;
        }

        /** The byte that stands for it, an ASCII letter. */
        public byte letter() {
            return letter;
        }

        /** The kind that {@code letter} stands for; {@code null} if there is none. */
        public static @Nullable Kind of(byte letter) {
            return letter >= 0 && letter < BY_LETTER.length ? BY_LETTER[letter] : null;
        }

        /** Whether it is a Ping, a Pong or a Close. */
        public boolean isControl() {
            return this == PING || this == PONG || this == CLOSE;
        }
    }

    /** A packet with a copy of {@code payload}, which is consumed. */
    public static Packet copyOf(Kind kind, ByteBuffer payload) {
        byte[] copy = new byte[payload.remaining()];
        payload.get(copy);
        return new Packet(kind, ByteBuffer.wrap(copy).asReadOnlyBuffer());
    }

    /** A text message. */
    public static Packet text(String text) {
        return new Packet(Kind.TEXT, StandardCharsets.UTF_8.encode(text));
    }

    /** A Close; one of {@link CloseStatus#NO_STATUS} is empty. */
    public static Packet close(CloseStatus status) {
        if (status.code() == CloseCode.NO_STATUS) {
            return new Packet(Kind.CLOSE, ByteBuffer.allocate(0));
        }
        byte[] reason = status.reason().getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(CODE_BYTES + reason.length);
        return new Packet(
                Kind.CLOSE, body.putShort((short) status.code()).put(reason).flip());
    }

    /** The payload, to be read. */
    public ByteBuffer bytes() {
        return payload.duplicate();
    }

    /** The length of the payload. */
    public int length() {
        return payload.remaining();
    }

    /** The payload as text; for texts that are whole. */
    public String string() {
        return StandardCharsets.UTF_8.decode(bytes()).toString();
    }

    /** What a {@link Kind#CLOSE} that this side has made says. */
    public CloseStatus status() {
        ByteBuffer body = bytes();
        if (body.remaining() < CODE_BYTES) {
            return CloseStatus.NO_STATUS;
        }
        int code = body.getShort() & 0xFFFF;
        return new CloseStatus(code, StandardCharsets.UTF_8.decode(body).toString());
    }

    /** Writes header and payload, as {@link SessionProtocol#receive} takes them. */
    public void writeTo(ByteBuffer out) {
        out.put(kind.letter).putInt(length()).put(bytes());
    }
}
