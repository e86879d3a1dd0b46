package io.duplex.connection;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Decides about opening handshakes at paths that a server does not know when it starts: a container whose endpoints come and
 * go, and which has rules of its own for them. Thread-safe.
 */
@FunctionalInterface
public interface UpgradeHandler {
    /**
     * Answers a request for WebSocket. It is called on an event loop and must not block: what takes time completes the stage
     * from another thread.
     *
     * @return the answer; {@code null} if nothing stands at the path, so that the server says 404. A stage that fails with a
     *     {@link io.duplex.HandshakeException} refuses with its status, any other failure with 500
     */
    @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request);
}
