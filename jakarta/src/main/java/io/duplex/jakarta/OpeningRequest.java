package io.duplex.jakarta;

import jakarta.websocket.server.HandshakeRequest;
import java.net.URI;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The client's request as a configurator sees it. Thread-safe.
 *
 * @param request the request
 * @param headers its fields, which cannot be changed
 * @param parameters of the query and of the path, which cannot be changed
 */
record OpeningRequest(EndpointRequest request, Map<String, List<String>> headers, Map<String, List<String>> parameters)
        implements HandshakeRequest {
    @Override
    public Map<String, List<String>> getHeaders() {
        return headers;
    }

    @Override
    public @Nullable Principal getUserPrincipal() {
        return request.principal();
    }

    @Override
    public URI getRequestURI() {
        return request.uri();
    }

    @Override
    public boolean isUserInRole(String role) {
        return request.isUserInRole(role);
    }

    @Override
    public @Nullable Object getHttpSession() {
        return request.httpSession();
    }

    @Override
    public Map<String, List<String>> getParameterMap() {
        return parameters;
    }

    @Override
    public @Nullable String getQueryString() {
        return request.head().query();
    }
}
