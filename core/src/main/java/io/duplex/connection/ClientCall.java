package io.duplex.connection;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.util.List;

/**
 * Whom a client is to connect to, and what it is to say. Immutable and thread-safe.
 *
 * @param uri the server's WebSocket
 * @param fields to send besides those of the handshake, without the client's cookies
 * @param subprotocols to offer, the preferred one first
 * @param mayRedirect whether redirects are followed as far as the client follows them; else they are refusals
 */
public record ClientCall(WebSocketUri uri, HeaderFields fields, List<String> subprotocols, boolean mayRedirect) {
    /** Keeps a copy of the list. */
    public ClientCall {
        subprotocols = List.copyOf(subprotocols);
    }
}
