package io.duplex.connection;

import io.duplex.Handshake;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.OriginPolicy;
import java.util.concurrent.CompletionStage;

/** The server below an {@link HttpService} that carries WebSocket sessions. Thread-safe. */
public interface ServiceHost extends SessionHost {
    /** What all connections of the server have in common. */
    ConnectionSettings settings();

    /** Which pages may open sessions of the service: for what it lets in by itself, in {@link HttpService#upgrade}. */
    OriginPolicy origins();

    /**
     * Decides about a new session as about an opening handshake: whether the server drains or is full, its hosts, its origin
     * policy, its authenticator.
     *
     * @param agreement what was agreed on with the client
     * @return the handshake of the session; or a {@link io.duplex.HandshakeException} with the status, the fields and the body
     *     to refuse with
     */
    CompletionStage<Handshake> admit(HttpExchange exchange, Agreement agreement);
}
