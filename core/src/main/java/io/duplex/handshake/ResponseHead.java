package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Status line and fields of an HTTP response. Immutable and thread-safe.
 *
 * @param version 1.0 or higher
 * @param status 100 to 999
 * @param reason the reason phrase, which means nothing; may be empty
 * @param fields the field lines in order
 */
public record ResponseHead(HttpVersion version, int status, String reason, HeaderFields fields) {
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if the status has not three digits, or the reason has a character that it may not have
     */
    public ResponseHead {
        if (status < 100 || status > 999) {
            throw new IllegalArgumentException("status is " + status + ", range 100 to 999");
        }
        if (!Grammar.isFieldValue(reason)) {
            throw new IllegalArgumentException("reason has a control character or one outside ISO-8859-1");
        }
    }

    /** The head as it is sent, with the empty line. */
    public byte[] toBytes() {
        StringBuilder head = new StringBuilder(384);
        head.append(version)
                .append(' ')
                .append(status)
                .append(' ')
                .append(reason)
                .append("\r\n");
        fields.appendTo(head);
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    /** The reason phrase of a status that a handshake may be refused with; empty for others. */
    static String reasonOf(int status) {
        return switch (status) {
            case 101 -> "Switching Protocols";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 303 -> "See Other";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 410 -> "Gone";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 417 -> "Expectation Failed";
            case 421 -> "Misdirected Request";
            case 426 -> "Upgrade Required";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> "";
        };
    }
}
