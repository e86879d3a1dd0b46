package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;

/** The start line of a request: {@code method SP request-target SP HTTP-version} (RFC 9112 §3). */
final class RequestLine implements StartLine<RequestHead> {
    private static final int VERSION_LENGTH = "HTTP/1.1".length();

    private final HeadScratch scratch;
    private String method = "";
    private String target = "";
    private HttpVersion version = HttpVersion.HTTP_1_1;

    RequestLine(HeadScratch scratch) {
        this.scratch = scratch;
    }

    @Override
    public HandshakeFault tooLong() {
        return HandshakeFault.TARGET_TOO_LONG;
    }

    @Override
    public @Nullable HandshakeFault parse(byte[] bytes, int from, int to) {
        int methodEnd = from;
        while (methodEnd < to && Grammar.isTokenByte(bytes[methodEnd])) {
            methodEnd++;
        }
        int targetEnd = methodEnd + 1;
        while (targetEnd < to && Grammar.isTargetByte(bytes[targetEnd])) {
            targetEnd++;
        }
        boolean isValid = methodEnd > from
                && targetEnd > methodEnd + 1
                && targetEnd + 1 + VERSION_LENGTH == to
                && bytes[methodEnd] == ' '
                && bytes[targetEnd] == ' ';
        HttpVersion sent = isValid ? StartLine.version(bytes, targetEnd + 1) : null;
        if (sent == null) {
            return HandshakeFault.INVALID_REQUEST_LINE;
        }
        if (sent.major() != 1) {
            return HandshakeFault.UNSUPPORTED_HTTP_VERSION;
        }
        method = isGet(bytes, from, methodEnd) ? "GET" : new String(bytes, from, methodEnd - from, ISO_8859_1);
        target = scratch.target(bytes, methodEnd + 1, targetEnd);
        version = sent;
        return null;
    }

    private static boolean isGet(byte[] bytes, int from, int to) {
        return to - from == 3 && bytes[from] == 'G' && bytes[from + 1] == 'E' && bytes[from + 2] == 'T';
    }

    @Override
    public RequestHead toHead(HeaderFields fields) {
        return new RequestHead(method, target, version, fields);
    }
}
