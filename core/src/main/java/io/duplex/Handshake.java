package io.duplex;

import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A completed opening handshake, as both sides agreed on it. Immutable and thread-safe. */
public interface Handshake {
    /** The resource name: path and, where there is one, {@code ?} and query, as sent (RFC 6455 §3). */
    String target();

    /** The path, as sent: percent-encoded, without the query. */
    String path();

    /** What follows the {@code ?}, as sent; {@code null} without one. */
    @Nullable String query();

    /**
     * The decoded segment that stood in place of <code>{name}</code> in the route.
     *
     * @throws IllegalArgumentException if the route has no such parameter
     */
    String pathParameter(String name);

    /** The first value of a request field, whose name is compared without case; {@code null} if it is absent. */
    @Nullable String header(String name);

    /** All values of a request field, in order; empty if it is absent. */
    List<String> headers(String name);

    /** The Origin field (RFC 6454); {@code null} if it is absent, as it is from most clients that are no browser. */
    @Nullable String origin();

    /** The subprotocol in use; {@code null} if none was agreed. */
    @Nullable String subprotocol();

    /** The Sec-WebSocket-Extensions that were agreed, as in the response; empty if none was. */
    String extensions();

    /** The address of the other end of the transport connection. */
    SocketAddress remoteAddress();

    /** Whether the connection runs inside TLS ({@code wss}). */
    boolean isSecure();
}
