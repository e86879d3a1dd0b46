package io.duplex.polling.session;

import io.duplex.polling.session.Packet.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole the messages that an application sends in parts, for a peer that takes no parts, and none that are too long. Once
 * one was, no message goes any more: the peer would miss it. Confined to the session's loop.
 */
final class WholeMessages {
    private final int maxBytes;
    private final Consumer<Packet> outgoing;
    private final Runnable refuse;
    /** {@code null} between messages of parts. */
    private @Nullable ByteArrayOutputStream parts;

    private boolean refused;

    /**
     * Creates one that has sent nothing.
     *
     * @param maxBytes of one message
     * @param outgoing takes what goes
     * @param refuse is run, once, when a message is too long
     */
    WholeMessages(int maxBytes, Consumer<Packet> outgoing, Runnable refuse) {
        this.maxBytes = maxBytes;
        this.outgoing = outgoing;
        this.refuse = refuse;
    }

    void send(Packet packet) {
        if (packet.kind().isControl()) {
            outgoing.accept(packet);
        } else if (!refused) {
            message(packet);
        }
    }

    private void message(Packet packet) {
        ByteArrayOutputStream kept = parts;
        long bytes = packet.length() + (kept == null ? 0L : kept.size());
        if (bytes > maxBytes) {
            refused = true;
            parts = null;
            refuse.run();
            return;
        }
        boolean isLast = packet.kind() == Kind.TEXT || packet.kind() == Kind.BINARY;
        if (isLast && kept == null) {
            outgoing.accept(packet);
            return;
        }
        if (kept == null) {
            kept = new ByteArrayOutputStream();
            parts = kept;
        }
        byte[] part = new byte[packet.length()];
        packet.bytes().get(part);
        kept.writeBytes(part);
        if (isLast) {
            parts = null;
            outgoing.accept(new Packet(
                    packet.kind(), ByteBuffer.wrap(kept.toByteArray()).asReadOnlyBuffer()));
        }
    }
}
