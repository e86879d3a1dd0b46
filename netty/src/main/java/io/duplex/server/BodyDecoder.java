package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the body of an HTTP/1 request and its end (RFC 9112 §6), strictly: wherever leniency would let two parties see the end
 * in two places, there is a {@link Fault}. Extensions of chunks and trailers are checked and dropped. Confined to one thread at
 * a time.
 */
final class BodyDecoder {
    private static final String LENGTH = "Content-Length";
    private static final String ENCODING = "Transfer-Encoding";
    private static final int MAX_SIZE_DIGITS = 15;
    /** Of extensions, of trailers and of zeros before a size, in one body. */
    private static final int MAX_DROPPED_BYTES = 4 << 10;

    /** Why a body cannot be taken. */
    enum Fault {
        TWO_LENGTHS(400, "Content-Length is there more than once, or beside Transfer-Encoding (RFC 9112 §6.3)"),
        INVALID_LENGTH(400, "Content-Length is no number (RFC 9110 §8.6)"),
        ENCODING_OF_HTTP_1_0(400, "HTTP/1.0 has no Transfer-Encoding (RFC 9112 §6.1)"),
        UNKNOWN_ENCODING(501, "Transfer-Encoding is not chunked alone (RFC 9112 §6.1)"),
        INVALID_CHUNK(400, "chunked body breaks its grammar (RFC 9112 §7.1)"),
        TOO_LARGE(413, "body is larger than this path takes");

        private final int status;
        private final String description;

        Fault(int status, String description) {
            this.status = status;
            this.description = description;
        }

        int status() {
            return status;
        }

        String description() {
            return description;
        }
    }

    private enum State {
        SIZE,
        EXTENSION,
        SIZE_END,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER,
        TRAILER_NAME,
        TRAILER_VALUE,
        TRAILER_END,
        LAST_LF,
        DONE
    }

    private final int maxBytes;
    private State state;
    private boolean isChunked;
    /** What is left of the body or of the chunk. */
    private long left;

    private int digits;
    private int dropped;
    private long taken;
    private @Nullable Fault fault;

    private BodyDecoder(int maxBytes) {
        this.maxBytes = maxBytes;
        this.state = State.DONE;
    }

    /** The decoder for what follows {@code head}; its {@link #fault} may stand already. */
    static BodyDecoder of(RequestHead head, int maxBytes) {
        BodyDecoder decoder = new BodyDecoder(maxBytes);
        HeaderFields fields = head.fields();
        List<String> lengths = fields.all(LENGTH);
        List<String> encodings = fields.all(ENCODING);
        if (!encodings.isEmpty()) {
            decoder.beginChunked(head, lengths, encodings);
        } else if (lengths.size() > 1) {
            decoder.fault = Fault.TWO_LENGTHS;
        } else if (lengths.size() == 1) {
            decoder.beginLength(lengths.get(0));
        }
        return decoder;
    }

    private void beginChunked(RequestHead head, List<String> lengths, List<String> encodings) {
        if (!lengths.isEmpty()) {
            fault = Fault.TWO_LENGTHS;
        } else if (!head.version().knowsUpgrade()) {
            fault = Fault.ENCODING_OF_HTTP_1_0;
        } else if (encodings.size() > 1 || !encodings.get(0).equalsIgnoreCase("chunked")) {
            fault = Fault.UNKNOWN_ENCODING;
        } else {
            isChunked = true;
            state = State.SIZE;
        }
    }

    private void beginLength(String length) {
        if (length.isEmpty() || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            fault = Fault.INVALID_LENGTH;
            return;
        }
        String significant = length.replaceFirst("^0+(?=.)", "");
        left = significant.length() > MAX_SIZE_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
        if (left > maxBytes) {
            fault = Fault.TOO_LARGE;
        } else if (left > 0) {
            state = State.DATA;
        }
    }

    /** Whether the body has come whole. */
    boolean isDone() {
        return state == State.DONE && fault == null;
    }

    /** What the body is refused for; {@code null} if nothing. It stays. */
    @Nullable Fault fault() {
        return fault;
    }

    /** Bytes of content that are known to follow. */
    int expected() {
        return (int) left;
    }

    /**
     * Takes bytes up to the end of the next piece of content, of the body, or of {@code in}.
     *
     * @return the length of the piece, which stands right before the position; 0 if there is none, so that more bytes are needed
     *     unless {@link #isDone} or {@link #fault}
     */
    int next(ByteBuffer in) {
        while (in.hasRemaining() && state != State.DONE && fault == null) {
            if (state == State.DATA) {
                int length = (int) Math.min(left, in.remaining());
                in.position(in.position() + length);
                left -= length;
                if (left == 0) {
                    state = isChunked ? State.DATA_CR : State.DONE;
                }
                return length;
            }
            take(in.get() & 0xFF);
        }
        return 0;
    }

    private void take(int b) {
        switch (state) {
            case SIZE -> takeSize(b);
            case EXTENSION -> {
                if (b == '\r') {
                    state = State.SIZE_END;
                } else {
                    drop(b);
                }
            }
            case SIZE_END -> expect(b, '\n', left == 0 ? State.TRAILER : State.DATA);
            case DATA_CR -> expect(b, '\r', State.DATA_LF);
            case DATA_LF -> expect(b, '\n', State.SIZE);
            case TRAILER -> {
                if (b == '\r') {
                    state = State.LAST_LF;
                } else {
                    dropName(b);
                    state = State.TRAILER_NAME;
                }
            }
            case TRAILER_NAME -> {
                if (b == ':') {
                    state = State.TRAILER_VALUE;
                } else {
                    dropName(b);
                }
            }
            case TRAILER_VALUE -> {
                if (b == '\r') {
                    state = State.TRAILER_END;
                } else {
                    drop(b);
                }
            }
            case TRAILER_END -> expect(b, '\n', State.TRAILER);
            case LAST_LF -> expect(b, '\n', State.DONE);
            case DATA, DONE -> throw new AssertionError(state);
        }
    }

    private void takeSize(int b) {
        int digit = b < 0x80 ? Character.digit(b, 16) : -1;
        if (digit >= 0) {
            digits++;
            left = left << 4 | digit;
            if (digits > MAX_SIZE_DIGITS) {
                fault = Fault.INVALID_CHUNK;
            } else if (left > maxBytes - taken) {
                fault = Fault.TOO_LARGE;
            }
        } else if (digits > 0 && (b == '\r' || b == ';')) {
            taken += left;
            digits = 0;
            state = b == '\r' ? State.SIZE_END : State.EXTENSION;
        } else {
            fault = Fault.INVALID_CHUNK;
        }
    }

    private void expect(int b, char expected, State next) {
        if (b == expected) {
            state = next;
        } else {
            fault = Fault.INVALID_CHUNK;
        }
    }

    private void drop(int b) {
        if (++dropped > MAX_DROPPED_BYTES || b < ' ' && b != '\t' || b == 0x7F) {
            fault = Fault.INVALID_CHUNK;
        }
    }

    /** Of a name the first byte, too, so that no line is folded. */
    private void dropName(int b) {
        boolean isToken = b < 0x7F && (Character.isLetterOrDigit(b) || "!#$%&'*+-.^_`|~".indexOf(b) >= 0);
        if (isToken) {
            drop(b);
        } else {
            fault = Fault.INVALID_CHUNK;
        }
    }
}
