package io.duplex.connection;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.ExtensionElement;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.HeaderFields;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects to servers on behalf of a face that knows no transport. A transport provides a {@link Provider} as a service.
 * Thread-safe.
 */
public interface Connector extends AutoCloseable {
    /**
     * Connects without waiting.
     *
     * @param handlers makes the handler of the connection from its handshake, on the event loop
     * @return the open socket, after {@link WebSocketHandler#onOpen}; or a {@link io.duplex.HandshakeException}. It is completed
     *     on an event loop
     * @throws IllegalArgumentException if the URI is none of WebSocket's, or a field or a subprotocol may not be sent
     * @throws IllegalStateException if the connector is closed
     */
    CompletableFuture<WebSocket> connect(
            Request request, Function<? super Handshake, ? extends WebSocketHandler> handlers);

    /** Closes all connections and ends its threads, which do not keep the JVM alive. */
    @Override
    void close();

    /** Makes connectors; found by {@link java.util.ServiceLoader}. */
    interface Provider {
        /** A new connector with the defaults of its transport. */
        Connector connector();
    }

    /**
     * Whom to connect to, and how.
     *
     * @param uri {@code ws://host[:port]path[?query]}, or the same with {@code wss}
     * @param fields to send besides those of the handshake
     * @param subprotocols to offer, the preferred one first
     * @param compression whether and how to offer it
     * @param otherExtensions to offer besides
     * @param tls whom to trust and what certificate to show; {@code null} for the transport's default
     */
    record Request(
            String uri,
            HeaderFields fields,
            List<String> subprotocols,
            PermessageDeflate compression,
            List<ExtensionElement> otherExtensions,
            @Nullable SSLContext tls) {}
}
