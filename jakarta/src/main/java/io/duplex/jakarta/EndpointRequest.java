package io.duplex.jakarta;

import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request for a WebSocket connection with what its host knows besides: a servlet container its user and HTTP session.
 * Thread-safe.
 */
public final class EndpointRequest {
    private final UpgradeRequest request;
    private final @Nullable Principal principal;
    private final Predicate<String> userInRole;
    private final Supplier<? extends @Nullable Object> httpSession;
    private final @Nullable Object boundHttpSession;
    private final @Nullable Map<String, List<String>> parameters;

    private EndpointRequest(Builder builder) {
        request = builder.request;
        principal = builder.principal;
        userInRole = builder.userInRole;
        httpSession = builder.httpSession;
        boundHttpSession = builder.boundHttpSession;
        parameters = builder.parameters;
    }

    /** Starts from a request without an HTTP session. */
    public static Builder of(UpgradeRequest request) {
        return new Builder(request);
    }

    UpgradeRequest request() {
        return request;
    }

    RequestHead head() {
        return request.head();
    }

    HeaderFields fields() {
        return request.head().fields();
    }

    @Nullable Principal principal() {
        return principal;
    }

    boolean isUserInRole(String role) {
        return userInRole.test(role);
    }

    @Nullable Object httpSession() {
        return httpSession.get();
    }

    @Nullable Object boundHttpSession() {
        return boundHttpSession;
    }

    /** The parameters of the query, unless the host has its own. */
    Map<String, List<String>> parameters() {
        return parameters == null ? QueryParameters.parse(head().query()) : parameters;
    }

    /** The whole URI, as the client must have had it. */
    URI uri() {
        String host = fields().first("Host");
        String server = host == null ? "" : (request.isSecure() ? "wss://" : "ws://") + host;
        try {
            return new URI(server + head().resourceName());
        } catch (URISyntaxException e) {
            return uriOfPath();
        }
    }

    /** Some clients send characters that a URI may not have. */
    private URI uriOfPath() {
        try {
            return new URI(null, null, head().path(), head().query(), null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the request's target is no URI", e);
        }
    }

    /** Builds {@link EndpointRequest}s. Confined to one thread at a time. */
    public static final class Builder {
        private final UpgradeRequest request;
        private @Nullable Principal principal;
        private Predicate<String> userInRole = role -> false;
        private Supplier<? extends @Nullable Object> httpSession = () -> null;
        private @Nullable Object boundHttpSession;
        private @Nullable Map<String, List<String>> parameters;

        private Builder(UpgradeRequest request) {
            this.request = request;
            this.principal = request.principal();
        }

        /** Sets who the user is. Default: whom the host found. */
        public Builder principal(@Nullable Principal user) {
            principal = user;
            return this;
        }

        /** Sets which roles the user has. Default: none. */
        public Builder userInRole(Predicate<String> roles) {
            userInRole = roles;
            return this;
        }

        /** Sets where the HTTP session comes from, which is asked for when a configurator wants it. Default: there is none. */
        public Builder httpSession(Supplier<? extends @Nullable Object> session) {
            httpSession = session;
            return this;
        }

        /**
         * Sets the HTTP session that the user is known by, so that {@link DuplexServerContainer#httpSessionEnded} closes the
         * connection (Jakarta WebSocket §7.2). Default: none.
         */
        public Builder boundHttpSession(@Nullable Object session) {
            boundHttpSession = session;
            return this;
        }

        /** Sets the request's parameters, in place of those of the query. */
        public Builder parameters(Map<String, List<String>> values) {
            parameters = values;
            return this;
        }

        /** Builds the request. */
        public EndpointRequest build() {
            return new EndpointRequest(this);
        }
    }
}
