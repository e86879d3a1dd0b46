package io.duplex.connection;

import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Makes a client's connections in a way of its own: as sessions that outlive the requests and the sockets that carry them, say.
 * It serves one client at a time. Thread-safe.
 */
public interface ClientService {
    /**
     * Begins, before anything is connected.
     *
     * @throws IllegalStateException if it serves a client already
     */
    void start(ClientHost host);

    /**
     * Connects without waiting.
     *
     * @param handlers makes the handler of the connection from its handshake, on the event loop
     * @return the open socket, after {@link WebSocketHandler#onOpen}; or a {@link io.duplex.HandshakeException}. It is completed
     *     on an event loop. Whoever completes it before, by cancelling it say, ends the attempt
     * @throws IllegalArgumentException if a field may not be sent
     */
    CompletableFuture<WebSocket> connect(
            ClientCall call, Function<? super Handshake, ? extends WebSocketHandler> handlers);

    /** Ends what is left, as threads and sockets: the client is closed, and its connections have ended. */
    void stop();
}
