package io.duplex.jakarta;

import jakarta.websocket.Extension;
import java.time.Duration;
import java.util.Set;

/**
 * Connects client endpoints (Jakarta WebSocket §2.1.4). {@link jakarta.websocket.ContainerProvider#getWebSocketContainer()} gives
 * one that the whole JVM shares. It needs a transport, such as {@code duplex-netty}, on the class path. Thread-safe.
 */
public final class DuplexClientContainer extends EndpointContainer implements AutoCloseable {
    private DuplexClientContainer() {
        super(new ContainerSettings(null, "duplex-jakarta-client", Duration.ofSeconds(20)));
    }

    /** A container of its own, which is to be closed. */
    public static DuplexClientContainer create() {
        return new DuplexClientContainer();
    }

    @Override
    public Set<Extension> getInstalledExtensions() {
        return Set.of(NamedExtension.PERMESSAGE_DEFLATE);
    }

    /**
     * Closes all connections with 1001, gives endpoints up to 5 s to be told, and ends the threads: callbacks that still run are
     * interrupted. Whoever waits for a connection gets an {@link java.io.IOException}.
     */
    @Override
    public void close() {
        close("the container is closed");
    }
}
