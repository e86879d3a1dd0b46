package io.duplex.client;

import io.duplex.HandshakeException;
import io.duplex.transport.SocketListener;
import org.jspecify.annotations.Nullable;

/** What is done on a socket between TCP and the open connection. Confined to the event loop. */
interface Stage extends SocketListener {
    /** The attempt has ended without this stage: closes the socket. */
    void abandon();

    /** The failure if the other end refused, with what came of its answer so far; {@code null} if it has not. */
    @Nullable HandshakeException refusal();
}
