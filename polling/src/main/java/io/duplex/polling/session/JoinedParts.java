package io.duplex.polling.session;

import io.duplex.CloseCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Messages that an application sends in parts, made whole for a protocol that has no parts. One that is too long ends its
 * session with 1009. Confined to the session's loop.
 */
public final class JoinedParts {
    private final int maxBytes;
    /** {@code null} between messages of parts. */
    private @Nullable ByteArrayOutputStream parts;

    private boolean failed;

    /** @param maxBytes of one message; what is longer is not kept */
    public JoinedParts(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Keeps a part that is not the last. */
    public void keep(Session session, Packet part) {
        if (failed) {
            return;
        }
        ByteArrayOutputStream kept = parts == null ? new ByteArrayOutputStream() : parts;
        parts = kept;
        byte[] bytes = new byte[part.length()];
        part.bytes().get(bytes);
        kept.writeBytes(bytes);
        if (kept.size() > maxBytes) {
            parts = null;
            failed = true;
            session.connection().close(CloseCode.TOO_BIG, "message of parts is longer than maxQueueBytes");
        }
    }

    /** The message that ends with a packet; {@code null} if one was too long before, so that nothing goes before the end. */
    public @Nullable ByteBuffer whole(Session session, Packet last) {
        if (parts == null) {
            return failed ? null : last.bytes();
        }
        keep(session, last);
        ByteArrayOutputStream joined = parts;
        parts = null;
        return joined == null ? null : ByteBuffer.wrap(joined.toByteArray());
    }
}
