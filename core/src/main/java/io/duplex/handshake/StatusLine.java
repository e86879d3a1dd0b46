package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;

/**
 * The start line of a response: {@code HTTP-version SP status-code SP [reason-phrase]} (RFC 9112 §4). Many servers leave out
 * the second space together with the reason, so that it may be absent here.
 */
final class StatusLine implements StartLine<ResponseHead> {
    private static final int VERSION_LENGTH = "HTTP/1.1".length();
    private static final int STATUS_END = VERSION_LENGTH + " 101".length();

    private HttpVersion version = HttpVersion.HTTP_1_1;
    private int status;
    private String reason = "";

    @Override
    public HandshakeFault tooLong() {
        return HandshakeFault.HEAD_TOO_LARGE;
    }

    @Override
    public @Nullable HandshakeFault parse(byte[] bytes, int from, int to) {
        HttpVersion sent = to - from < STATUS_END ? null : StartLine.version(bytes, from);
        if (sent == null) {
            return HandshakeFault.INVALID_STATUS_LINE;
        }
        if (sent.major() != 1) {
            return HandshakeFault.UNSUPPORTED_HTTP_VERSION;
        }
        int statusAt = from + VERSION_LENGTH + 1;
        int statusEnd = from + STATUS_END;
        boolean isValid = bytes[statusAt - 1] == ' '
                && bytes[statusAt] >= '1'
                && Grammar.isDigit(bytes[statusAt])
                && Grammar.isDigit(bytes[statusAt + 1])
                && Grammar.isDigit(bytes[statusAt + 2])
                && (statusEnd == to || bytes[statusEnd] == ' ');
        if (!isValid) {
            return HandshakeFault.INVALID_STATUS_LINE;
        }
        version = sent;
        status = 100 * (bytes[statusAt] - '0') + 10 * (bytes[statusAt + 1] - '0') + bytes[statusAt + 2] - '0';
        int reasonAt = Math.min(statusEnd + 1, to);
        reason = new String(bytes, reasonAt, to - reasonAt, ISO_8859_1);
        return null;
    }

    @Override
    public ResponseHead toHead(HeaderFields fields) {
        return new ResponseHead(version, status, reason, fields);
    }
}
