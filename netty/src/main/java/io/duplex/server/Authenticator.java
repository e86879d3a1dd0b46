package io.duplex.server;

import io.duplex.Handshake;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Decides who may open a connection, before the upgrade. It sees what the client sent: fields, {@link Handshake#cookie
 * cookies}, {@link Handshake#queryParameter query}, subprotocols, address, certificates; only requests that are in order, of
 * permitted origins, come to it.
 *
 * <p>Called on an event loop: it must not block. It may answer later: meanwhile the handshake waits, up to {@link
 * io.duplex.Limits#maxHeaderBytes()} of what the peer sends are kept, and {@link io.duplex.Timeouts#handshake()} goes on.
 * When that passes or the peer leaves, the answer is not waited for any more; the stage, which others may share, is not
 * cancelled. Called by several threads at a time.
 */
@FunctionalInterface
public interface Authenticator {
    /**
     * Decides about one handshake.
     *
     * @return what is decided. A stage that is completed already costs nothing more. A {@link io.duplex.HandshakeException},
     *     thrown or in the stage, refuses with its status; anything else is logged and answered with 500
     */
    CompletionStage<Authentication> authenticate(Handshake handshake);

    /** One that knows at once. */
    static Authenticator immediate(Function<? super Handshake, Authentication> decision) {
        return handshake -> CompletableFuture.completedFuture(decision.apply(handshake));
    }

    /** One that lets everybody in, without a principal: for a route that is to be open on a server that is not. */
    static Authenticator anybody() {
        return Anybody.INSTANCE;
    }
}
