package io.duplex.client;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The start of the body of an HTTP response that refuses a handshake, for whoever has to find out why. It ends with its
 * announced length, its last chunk or the connection (RFC 9112 §6.3), but no later than {@link #MAX_BYTES}. Confined to one
 * thread at a time.
 */
final class ResponseBody {
    /** What is kept; the rest is not waited for. */
    static final int MAX_BYTES = 8 << 10;

    private static final int MAX_LINE_CHARS = 256;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private final boolean isChunked;
    private final StringBuilder line = new StringBuilder();
    /** Bytes to come of the body or, if it is chunked, of the chunk. */
    private long left;

    private boolean complete;

    ResponseBody(ResponseHead head) {
        HeaderFields fields = head.fields();
        isChunked = fields.hasToken("Transfer-Encoding", "chunked");
        if (!isChunked) {
            left = announced(head.status(), fields.first("Content-Length"));
            complete = left == 0;
        }
    }

    private static long announced(int status, @Nullable String length) {
        if (status == 204 || status == 304) {
            return 0;
        }
        try {
            return length == null ? Long.MAX_VALUE : Math.max(0, Long.parseLong(length));
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Takes bytes in. */
    void receive(ByteBuffer in) {
        while (in.hasRemaining() && !complete) {
            if (isChunked && left == 0) {
                receiveSize(in.get());
            } else {
                receiveContent(in);
            }
        }
        in.position(in.limit());
    }

    private void receiveContent(ByteBuffer in) {
        int taken = (int) Math.min(Math.min(left, in.remaining()), MAX_BYTES - kept.size());
        for (int i = 0; i < taken; i++) {
            kept.write(in.get());
        }
        left -= taken;
        complete = kept.size() == MAX_BYTES || left == 0 && !isChunked;
    }

    /** A line with a chunk's size. The empty line behind a chunk's content is passed over. */
    private void receiveSize(byte next) {
        if (next != '\n') {
            line.append((char) (next & 0xFF));
            complete = line.length() > MAX_LINE_CHARS;
            return;
        }
        String size = line.toString().strip();
        line.setLength(0);
        if (!size.isEmpty()) {
            int extension = size.indexOf(';');
            left = parseSize(extension < 0 ? size : size.substring(0, extension).strip());
            complete = left == 0;
        }
    }

    /** Zero, which ends the body, for what is no size. */
    private static long parseSize(String hex) {
        try {
            return Math.max(0, Long.parseLong(hex, 16));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** Whether no more is to be waited for. */
    boolean isComplete() {
        return complete;
    }

    byte[] bytes() {
        return kept.toByteArray();
    }
}
