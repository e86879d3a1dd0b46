package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.duplex.Limits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the heads of HTTP/1 messages (RFC 9112) as they arrive. It is strict where leniency lets two parties read the same
 * bytes in two ways: lines end in CR LF and nothing else, fields are not folded, a name is a token right before its colon,
 * there are no control characters but tabs, and names and targets are ASCII. No empty line may precede the start line.
 *
 * <p>Bytes are consumed by whole heads. Until a head is complete, the buffer's position stays where it is, so that the host
 * offers the same bytes with more behind them; the decoder remembers how far it looked. After a head the position stands just
 * behind its empty line: what follows are frames. A host that finds no WebSocket request in the head may set the position back
 * and give the same bytes to its HTTP codec.
 *
 * <p>Confined to one thread at a time.
 *
 * @param <H> {@link RequestHead} or {@link ResponseHead}
 */
public final class HeadDecoder<H> {
    private final int maxHeadBytes;
    private final int maxFields;
    private final StartLine<H> startLine;
    private final HeadScratch scratch;

    // Offsets from the start of the head, not from that of a buffer: the next buffer may be another one.
    private int lineStart;
    private int scanned;

    private HeaderFields.Builder fields = HeaderFields.builder();
    private @Nullable HandshakeFault fault;

    private HeadDecoder(StartLine<H> startLine, Limits limits, HeadScratch scratch) {
        this.startLine = startLine;
        this.scratch = scratch;
        this.maxHeadBytes = limits.maxHeaderBytes();
        this.maxFields = limits.maxHeaderFields();
    }

    /**
     * A decoder for what a client sends.
     *
     * @param scratch shared by decoders that one thread uses
     */
    public static HeadDecoder<RequestHead> forRequests(Limits limits, HeadScratch scratch) {
        return new HeadDecoder<>(new RequestLine(scratch), limits, scratch);
    }

    /**
     * A decoder for what a server sends.
     *
     * @param scratch shared by decoders that one thread uses
     */
    public static HeadDecoder<ResponseHead> forResponses(Limits limits, HeadScratch scratch) {
        return new HeadDecoder<>(new StatusLine(), limits, scratch);
    }

    /**
     * Decodes one head. After a head the next call begins with another one.
     *
     * @param in a direct or heap buffer. As long as no head was complete, each call must offer again, at the position, all that
     *     the last one offered
     * @return {@code null}, the position being unchanged, if more bytes are needed or if there is a {@link #fault()}
     */
    public @Nullable H decode(ByteBuffer in) {
        if (fault != null) {
            return null;
        }
        int available = Math.min(in.remaining(), maxHeadBytes);
        boolean isComplete;
        if (in.hasArray()) {
            isComplete = scan(in.array(), in.arrayOffset() + in.position(), available);
        } else {
            byte[] bytes = scratch.bytes(available);
            in.get(in.position(), bytes, 0, available);
            isComplete = scan(bytes, 0, available);
        }
        if (isComplete) {
            in.position(in.position() + scanned);
            H head = startLine.toHead(fields.build());
            reset();
            return head;
        }
        if (fault == null && available == maxHeadBytes) {
            fault = lineStart == 0 ? startLine.tooLong() : HandshakeFault.HEAD_TOO_LARGE;
        }
        return null;
    }

    /** Why the bytes are no head that this decoder takes; {@code null} as long as they may become one. It stays. */
    public @Nullable HandshakeFault fault() {
        return fault;
    }

    private void reset() {
        lineStart = 0;
        scanned = 0;
        fields = HeaderFields.builder();
    }

    /** Looks at the bytes that are new; whether the head is complete. */
    private boolean scan(byte[] bytes, int base, int available) {
        while (fault == null) {
            int at = scanned;
            while (at < available && Grammar.isFieldValueByte(bytes[base + at])) {
                at++;
            }
            scanned = at;
            if (at == available) {
                return false;
            }
            if (bytes[base + at] != '\r') {
                fault = bytes[base + at] == '\n' ? HandshakeFault.INVALID_LINE_END : HandshakeFault.CONTROL_CHARACTER;
                return false;
            }
            if (at + 1 == available) {
                return false;
            }
            if (bytes[base + at + 1] != '\n') {
                fault = HandshakeFault.INVALID_LINE_END;
                return false;
            }
            scanned = at + 2;
            if (lineStart == 0) {
                fault = startLine.parse(bytes, base, base + at);
            } else if (lineStart == at) {
                return true;
            } else {
                fault = parseField(bytes, base + lineStart, base + at);
            }
            lineStart = scanned;
        }
        return false;
    }

    private @Nullable HandshakeFault parseField(byte[] bytes, int from, int to) {
        int nameEnd = from;
        while (nameEnd < to && Grammar.isTokenByte(bytes[nameEnd])) {
            nameEnd++;
        }
        if (nameEnd == from && Grammar.isWhiteSpace(bytes[from])) {
            return HandshakeFault.FOLDED_FIELD;
        }
        if (nameEnd == from || nameEnd == to || bytes[nameEnd] != ':') {
            return HandshakeFault.INVALID_FIELD_NAME;
        }
        if (fields.size() == maxFields) {
            return HandshakeFault.TOO_MANY_FIELDS;
        }
        int valueAt = nameEnd + 1;
        while (valueAt < to && Grammar.isWhiteSpace(bytes[valueAt])) {
            valueAt++;
        }
        int valueEnd = to;
        while (valueEnd > valueAt && Grammar.isWhiteSpace(bytes[valueEnd - 1])) {
            valueEnd--;
        }
        int known = FieldName.indexOf(bytes, from, nameEnd);
        if (known < 0) {
            fields.addValid(
                    new String(bytes, from, nameEnd - from, ISO_8859_1),
                    new String(bytes, valueAt, valueEnd - valueAt, ISO_8859_1));
        } else {
            fields.addValid(FieldName.known(known), scratch.value(known, bytes, valueAt, valueEnd));
        }
        return null;
    }
}
