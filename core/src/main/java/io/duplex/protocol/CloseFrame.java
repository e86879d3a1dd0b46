package io.duplex.protocol;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.Violation;
import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The body of a Close frame (RFC 6455 §5.5.1): nothing, or a code and a reason. */
final class CloseFrame {
    private static final int CODE_BYTES = 2;

    private CloseFrame() {}

    /** The rule that {@code body[from, to)} breaks; {@code null} if none. */
    static @Nullable Violation check(ByteBuffer body, int from, int to) {
        if (from == to) {
            return null;
        }
        if (to - from < CODE_BYTES) {
            return Violation.CLOSE_BODY_TOO_SHORT;
        }
        if (!CloseCode.isValidInFrame(code(body, from))) {
            return Violation.INVALID_CLOSE_CODE;
        }
        return Utf8Validator.isValid(body, from + CODE_BYTES, to) ? null : Violation.INVALID_CLOSE_REASON;
    }

    /** Reads a body that was {@link #check}ed. */
    static CloseStatus parse(ByteBuffer body, int from, int to) {
        if (from == to) {
            return CloseStatus.NO_STATUS;
        }
        byte[] reason = new byte[to - from - CODE_BYTES];
        body.get(from + CODE_BYTES, reason);
        return new CloseStatus(code(body, from), new String(reason, StandardCharsets.UTF_8));
    }

    /** Makes a body; empty for {@link CloseStatus#NO_STATUS}. */
    static ByteBuffer format(CloseStatus status) {
        if (status.code() == CloseCode.NO_STATUS) {
            return ByteBuffer.allocate(0);
        }
        byte[] reason = status.reason().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(CODE_BYTES + reason.length)
                .putShort((short) status.code())
                .put(reason)
                .flip();
    }

    /** Bytewise, because the order of the buffer is its owner's. */
    private static int code(ByteBuffer body, int from) {
        return (body.get(from) & 0xFF) << 8 | body.get(from + 1) & 0xFF;
    }
}
