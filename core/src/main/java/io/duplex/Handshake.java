package io.duplex;

import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An opening handshake, as both sides agree on it. Immutable and thread-safe. */
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

    /**
     * On a client, the fields of the server's answer: values in order, by lower-case name. Empty on a server. Unmodifiable.
     */
    default Map<String, List<String>> responseHeaders() {
        return Map.of();
    }

    /**
     * The address of the peer: the other end of the transport connection or, where that is a proxy that the server trusts, the
     * address that the proxy names.
     */
    SocketAddress remoteAddress();

    /** The address of the other end of the transport connection, be it a proxy. */
    default SocketAddress peerAddress() {
        return remoteAddress();
    }

    /** Whether the peer uses TLS ({@code wss}): on the transport connection or, as a trusted proxy says, towards that. */
    boolean isSecure();

    /**
     * The certificates that the other end showed in TLS and that were checked, its own first. Empty without TLS, and where the
     * other end showed none, as clients do that are not asked for one. A client that takes any certificate gets them unchecked.
     */
    default List<X509Certificate> peerCertificates() {
        return List.of();
    }

    /** Who the peer is, as the server's authentication found; {@code null} if there is none. */
    default @Nullable Principal principal() {
        return null;
    }

    /** What the server's authentication noted about the peer; empty if there is none. Unmodifiable. */
    default Map<String, Object> attributes() {
        return Map.of();
    }

    /**
     * The value of a cookie, without the quotes that may be around it (RFC 6265 §4.1.1); the first if several have the name;
     * {@code null} if it is absent.
     *
     * @param name compared with case
     */
    default @Nullable String cookie(String name) {
        return Parameters.cookie(headers("Cookie"), name);
    }

    /**
     * The decoded value of a parameter of the {@link #query()}, as HTML forms and {@code URLSearchParams} write it: a plus is a
     * space. The first if several have the name; {@code null} if it is absent, or not valid percent-encoded UTF-8.
     *
     * @param name decoded, compared with case
     */
    default @Nullable String queryParameter(String name) {
        return Parameters.query(query(), name);
    }
}
