package io.duplex.connection;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers ordinary HTTP requests at a path of a server or below it, and may carry WebSocket sessions in them. Thread-safe.
 */
public interface HttpService {
    /** The server starts. Called once, before any request. */
    default void start(ServiceHost host) {}

    /**
     * Answers one request, whose body has been read; at once or later, from any thread. Called on the event loop of its
     * connection: it must not block. What it throws is answered with 500.
     */
    void serve(HttpExchange exchange);

    /**
     * Answers a request for WebSocket at a path of this service that no route of the server has. Called on an event loop: it
     * must not block.
     *
     * @return as {@link UpgradeHandler#upgrade}
     */
    default @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
        return null;
    }
}
