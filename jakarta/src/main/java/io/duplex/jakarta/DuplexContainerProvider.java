package io.duplex.jakarta;

import jakarta.websocket.ContainerProvider;
import jakarta.websocket.WebSocketContainer;

/** Finds the client container of this JVM, for {@link ContainerProvider#getWebSocketContainer()}. Thread-safe. */
public final class DuplexContainerProvider extends ContainerProvider {
    /** For {@link java.util.ServiceLoader}. */
    public DuplexContainerProvider() {}

    /** Made when it is first asked for: it has threads. */
    private static final class Shared {
        static final WebSocketContainer CONTAINER = DuplexClientContainer.create();
    }

    @Override
    protected WebSocketContainer getContainer() {
        return Shared.CONTAINER;
    }
}
