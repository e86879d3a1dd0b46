package io.duplex.jakarta;

import java.net.URI;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a session keeps of its opening handshake. Immutable and thread-safe.
 *
 * @param uri the whole URI
 * @param parameters of the query and, on a server, of the path
 * @param query as sent
 * @param pathParameters decoded; empty on a client
 * @param principal who the peer is
 * @param isSecure whether inside TLS
 * @param httpSession of a servlet container
 */
record SessionOrigin(
        URI uri,
        Map<String, List<String>> parameters,
        @Nullable String query,
        Map<String, String> pathParameters,
        @Nullable Principal principal,
        boolean isSecure,
        @Nullable Object httpSession) {}
