package io.duplex.handshake;

import io.duplex.Handshake;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that both sides have agreed on. Immutable and thread-safe.
 *
 * @param request what the client asked
 * @param agreement what the server answered
 * @param responseFields the fields of that answer, on a client
 * @param pathParameters the decoded parameters of the route's template by name
 * @param remoteAddress the other end
 * @param isSecure whether inside TLS
 * @param peerCertificates what the other end showed in TLS
 */
public record CompletedHandshake(
        RequestHead request,
        Agreement agreement,
        HeaderFields responseFields,
        Map<String, String> pathParameters,
        SocketAddress remoteAddress,
        boolean isSecure,
        List<X509Certificate> peerCertificates)
        implements Handshake {
    @Override
    public String target() {
        return request.resourceName();
    }

    @Override
    public String path() {
        return request.path();
    }

    @Override
    public @Nullable String query() {
        return request.query();
    }

    @Override
    public String pathParameter(String name) {
        String value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "route has no parameter '" + name + "', it has " + pathParameters.keySet());
        }
        return value;
    }

    @Override
    public @Nullable String header(String name) {
        return request.fields().first(name);
    }

    @Override
    public List<String> headers(String name) {
        return request.fields().all(name);
    }

    @Override
    public @Nullable String origin() {
        return header("Origin");
    }

    @Override
    public @Nullable String subprotocol() {
        return agreement.subprotocol();
    }

    @Override
    public String extensions() {
        return agreement.extensions();
    }

    @Override
    public Map<String, List<String>> responseHeaders() {
        return responseFields.toMap();
    }
}
