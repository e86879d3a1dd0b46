package io.duplex.server;

import io.duplex.connection.Dialect;
import io.duplex.handshake.OriginPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one route has otherwise than its server. Immutable and thread-safe. */
public final class RouteOptions {
    static final RouteOptions NONE = builder().build();

    private final @Nullable Authenticator authenticator;
    private final @Nullable OriginPolicy origins;
    private final @Nullable List<String> subprotocols;
    private final @Nullable Dialect dialect;

    private RouteOptions(Builder builder) {
        authenticator = builder.authenticator;
        origins = builder.origins;
        subprotocols = builder.subprotocols;
        dialect = builder.dialect;
    }

    /** Starts with what the server has. */
    public static Builder builder() {
        return new Builder();
    }

    Authenticator authenticatorOr(Authenticator ofServer) {
        return authenticator == null ? ofServer : authenticator;
    }

    OriginPolicy originsOr(OriginPolicy ofServer) {
        return origins == null ? ofServer : origins;
    }

    List<String> subprotocolsOr(List<String> ofServer) {
        return subprotocols == null ? ofServer : subprotocols;
    }

    @Nullable Dialect dialect() {
        return dialect;
    }

    /** Builds {@link RouteOptions}. Confined to one thread at a time. */
    public static final class Builder {
        private @Nullable Authenticator authenticator;
        private @Nullable OriginPolicy origins;
        private @Nullable List<String> subprotocols;
        private @Nullable Dialect dialect;

        private Builder() {}

        /** Sets who decides about the peers of this route, in place of the server's. */
        public Builder authenticator(Authenticator decides) {
            authenticator = decides;
            return this;
        }

        /**
         * Lets pages of these origins connect, besides those of the server's own, and no others that the server lets.
         *
         * @param allowed such as {@code https://chat.example}
         * @throws IllegalArgumentException if one is no origin
         */
        public Builder allowedOrigins(String... allowed) {
            return origins(OriginPolicy.allow(List.of(allowed)).orSameOrigin());
        }

        /** Sets which pages may connect, in full. */
        public Builder origins(OriginPolicy policy) {
            origins = policy;
            return this;
        }

        /** Sets the subprotocols that are spoken here, in place of the server's, the preferred one first; none for none. */
        public Builder subprotocols(String... names) {
            subprotocols = List.of(names);
            return this;
        }

        /**
         * Lets clients in that open connections in another way than RFC 6455's, as well; such as {@code duplex-legacy} has for
         * those of old. Default: none.
         */
        public Builder dialect(Dialect answers) {
            dialect = answers;
            return this;
        }

        /** Builds the options. */
        public RouteOptions build() {
            return new RouteOptions(this);
        }
    }
}
