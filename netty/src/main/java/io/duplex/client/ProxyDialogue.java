package io.duplex.client;

import io.duplex.HandshakeException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a client and its proxy say to each other before the tunnel stands; without I/O. Confined to one thread at a time. */
interface ProxyDialogue {
    /** What the client says first. */
    byte[] start();

    /**
     * Reads what the proxy says. What is left comes again, with more behind it.
     *
     * @return what to say then; may be empty
     */
    byte[] receive(ByteBuffer in);

    /** Whether the tunnel stands: what follows is the server's. */
    boolean isOpen();

    /** Whether the proxy has refused, and no more of its answer is to be waited for. */
    boolean isRefused();

    /** Why the proxy has refused, with what came of its answer so far; {@code null} if it has not. */
    @Nullable HandshakeException refusal();
}
