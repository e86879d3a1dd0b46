package io.duplex;

import java.nio.charset.StandardCharsets;

/**
 * Close code and close reason (RFC 6455 §7.1.5, §7.1.6). Immutable and thread-safe.
 *
 * @param code 0 to 65535; whether it may be sent is {@link CloseCode#isValidInFrame}'s to say
 * @param reason for developers, not for end users; at most 123 bytes of UTF-8 (bytes, not chars); may be empty
 */
public record CloseStatus(int code, String reason) {
    /** Bytes of UTF-8 that a close reason may take: a control frame's 125 less the code (RFC 6455 §5.5). */
    public static final int MAX_REASON_BYTES = 123;

    /** A Close frame without a code: 1005. */
    public static final CloseStatus NO_STATUS = new CloseStatus(CloseCode.NO_STATUS, "");

    /** No Close frame: 1006. */
    public static final CloseStatus ABNORMAL = new CloseStatus(CloseCode.ABNORMAL, "");

    /** @throws IllegalArgumentException if the code is no unsigned 16-bit number or the reason is too long */
    public CloseStatus {
        if (code < 0 || code > 0xFFFF) {
            throw new IllegalArgumentException("close code is " + code + ", range 0 to 65535");
        }
        int bytes = reason.isEmpty() ? 0 : reason.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_REASON_BYTES) {
            throw new IllegalArgumentException("close reason is " + bytes + " bytes, limit " + MAX_REASON_BYTES);
        }
    }

    /** A status without a reason. */
    public static CloseStatus of(int code) {
        return new CloseStatus(code, "");
    }

    @Override
    public String toString() {
        return reason.isEmpty() ? Integer.toString(code) : code + " " + reason;
    }
}
