package io.duplex.handshake;

import io.duplex.HandshakeException;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.ExtensionElement;
import io.duplex.extension.ExtensionHeader;
import io.duplex.extension.PermessageDeflate;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one opening handshake (RFC 6455 §4.1): the request, and the check of the response to it. Each attempt
 * to connect needs one of its own, because the key must be new. Immutable and thread-safe.
 */
public final class ClientHandshake {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final RequestHead request;
    private final List<String> subprotocols;
    private final PermessageDeflate deflate;
    private final String accept;

    private ClientHandshake(Builder builder, String key) {
        subprotocols = builder.subprotocols;
        deflate = builder.deflate;
        accept = SecWebSocketKey.accept(key);
        HeaderFields.Builder fields = HeaderFields.builder()
                .add(FieldName.HOST, builder.uri.hostHeader())
                .add(FieldName.UPGRADE, "websocket")
                .add(FieldName.CONNECTION, "Upgrade")
                .add(FieldName.SEC_WEBSOCKET_KEY, key)
                .add(FieldName.SEC_WEBSOCKET_VERSION, ServerHandshake.VERSION);
        if (!subprotocols.isEmpty()) {
            fields.add(FieldName.SEC_WEBSOCKET_PROTOCOL, String.join(", ", subprotocols));
        }
        if (deflate.isEnabled()) {
            fields.add(FieldName.SEC_WEBSOCKET_EXTENSIONS, deflate.offer());
        }
        builder.otherExtensions.forEach(
                extension -> fields.add(FieldName.SEC_WEBSOCKET_EXTENSIONS, extension.toString()));
        fields.addAll(builder.extraFields);
        request = new RequestHead("GET", builder.uri.resourceName(), HttpVersion.HTTP_1_1, fields.build());
    }

    /** Starts without subprotocols, compression, Origin and fields of one's own. */
    public static Builder builder(WebSocketUri uri) {
        return new Builder(uri);
    }

    /** The request. Nothing may be sent after it until the response was validated. */
    public RequestHead request() {
        return request;
    }

    /**
     * Checks a response.
     *
     * @return what is in use from now on; {@code null} if the response is an interim one, so that another will follow
     * @throws HandshakeException if the connection is not established: the status is not 101, or the response breaks a rule,
     *     which the message names. It has status and fields; the body is the host's to add
     */
    public @Nullable Agreement validate(ResponseHead response) {
        int status = response.status();
        if (status < 200 && status != SWITCHING_PROTOCOLS) {
            return null;
        }
        if (status != SWITCHING_PROTOCOLS) {
            throw failure(response, "server answered with status " + status + ", not 101", null);
        }
        HeaderFields fields = response.fields();
        check(response, response.version().knowsUpgrade(), "HTTP version is below 1.1");
        String upgrade = fields.only(FieldName.UPGRADE);
        check(
                response,
                upgrade != null && Grammar.equalsIgnoreCase(upgrade, "websocket"),
                "Upgrade is not exactly websocket");
        check(response, fields.hasToken(FieldName.CONNECTION, "upgrade"), "Connection does not contain upgrade");
        check(
                response,
                accept.equals(fields.only(FieldName.SEC_WEBSOCKET_ACCEPT)),
                "Sec-WebSocket-Accept is not exactly the one that answers the key");
        String subprotocol = subprotocolIn(response);
        List<ExtensionElement> extensions = extensionsIn(response);
        DeflateParameters parameters = agree(response, extensions);
        return new Agreement(
                subprotocol, String.join(", ", fields.all(FieldName.SEC_WEBSOCKET_EXTENSIONS)), parameters);
    }

    private @Nullable String subprotocolIn(ResponseHead response) {
        HeaderFields fields = response.fields();
        if (!fields.contains(FieldName.SEC_WEBSOCKET_PROTOCOL)) {
            return null;
        }
        String subprotocol = fields.only(FieldName.SEC_WEBSOCKET_PROTOCOL);
        check(
                response,
                subprotocol != null && subprotocols.contains(subprotocol),
                "Sec-WebSocket-Protocol is not exactly one of the offered subprotocols");
        return subprotocol;
    }

    private static List<ExtensionElement> extensionsIn(ResponseHead response) {
        try {
            return ExtensionHeader.parse(response.fields().all(FieldName.SEC_WEBSOCKET_EXTENSIONS));
        } catch (IllegalArgumentException e) {
            throw failure(response, "Sec-WebSocket-Extensions breaks its grammar", e);
        }
    }

    private @Nullable DeflateParameters agree(ResponseHead response, List<ExtensionElement> extensions) {
        try {
            return deflate.agree(extensions);
        } catch (IllegalArgumentException e) {
            throw failure(response, "Sec-WebSocket-Extensions does not fit the offer", e);
        }
    }

    private static void check(ResponseHead response, boolean holds, String fault) {
        if (!holds) {
            throw failure(response, fault, null);
        }
    }

    private static HandshakeException failure(ResponseHead response, String fault, @Nullable Throwable cause) {
        return new HandshakeException(
                response.status(), fault, response.fields().toMap(), new byte[0], cause);
    }

    /** Builds {@link ClientHandshake}s for one URI. Confined to one thread at a time. */
    public static final class Builder {
        private final WebSocketUri uri;
        private List<String> subprotocols = List.of();
        private PermessageDeflate deflate = PermessageDeflate.DISABLED;
        private List<ExtensionElement> otherExtensions = List.of();
        private HeaderFields extraFields = HeaderFields.EMPTY;

        private Builder(WebSocketUri uri) {
            this.uri = uri;
        }

        /**
         * Sets what to offer, the preferred one first. Default: nothing.
         *
         * @param names different tokens, compared with case
         * @throws IllegalArgumentException if one is no token, or stands there twice
         */
        public Builder subprotocols(List<String> names) {
            subprotocols = Subprotocols.requireValid(names);
            return this;
        }

        /** Sets whether and how messages are compressed. Default {@link PermessageDeflate#DISABLED}. */
        public Builder deflate(PermessageDeflate options) {
            deflate = options;
            return this;
        }

        /**
         * Sets what to offer besides, for faces that let an application offer any extension. Default: nothing. A server that
         * accepts one fails the handshake, as nobody here speaks it (RFC 6455 §9.1).
         */
        public Builder otherExtensions(List<ExtensionElement> extensions) {
            otherExtensions = List.copyOf(extensions);
            return this;
        }

        /**
         * Sets fields of one's own, such as Authorization, Cookie, Origin or User-Agent. Default: none.
         *
         * @throws IllegalArgumentException if one is decided by the handshake: Host, Connection, Upgrade, Content-Length,
         *     Transfer-Encoding or Sec-WebSocket-*; or if there are several Origins, or one that is no origin
         */
        public Builder extraFields(HeaderFields fields) {
            FieldName.requireFree(fields);
            if (fields.contains(FieldName.ORIGIN)) {
                String origin = fields.only(FieldName.ORIGIN);
                if (origin == null || !origin.equals("null") && Origin.parse(origin) == null) {
                    throw new IllegalArgumentException("Origin is not exactly one scheme://host[:port]");
                }
            }
            extraFields = fields;
            return this;
        }

        /**
         * Builds a handshake with a new key.
         *
         * @param random a cryptographically strong source: who guesses a key can fool a cache in between (RFC 6455 §10.3)
         */
        public ClientHandshake build(RandomGenerator random) {
            return new ClientHandshake(this, SecWebSocketKey.create(random));
        }
    }
}
