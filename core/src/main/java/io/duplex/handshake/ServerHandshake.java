package io.duplex.handshake;

import io.duplex.extension.DeflateParameters;
import io.duplex.extension.ExtensionElement;
import io.duplex.extension.ExtensionHeader;
import io.duplex.extension.PermessageDeflate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the opening handshake (RFC 6455 §4.2): request head in, answer out. What a client did wrong is an
 * {@link Answer.Refused}, never an exception. Which resources there are is the host's to know (404 is its own answer), as is
 * any authentication. Immutable and thread-safe.
 */
public final class ServerHandshake {
    /** The one Sec-WebSocket-Version there is (RFC 6455 §4.4). */
    static final String VERSION = "13";

    private static final int MAX_VERSION = 255;

    private final SubprotocolSelector subprotocols;
    private final OriginPolicy origins;
    private final PermessageDeflate deflate;

    private ServerHandshake(Builder builder) {
        subprotocols = builder.subprotocols;
        origins = builder.origins;
        deflate = builder.deflate;
    }

    /** Starts without subprotocols, with {@link OriginPolicy#sameOrigin()} and without compression. */
    public static Builder builder() {
        return new Builder();
    }

    /** Starts from what this has. */
    public Builder toBuilder() {
        return new Builder().subprotocols(subprotocols).origins(origins).deflate(deflate);
    }

    /**
     * Whether the client asks for WebSocket at all: whether Upgrade contains {@code websocket}. A host gives what does not to
     * ordinary HTTP, and to {@link #answer} what does, right or wrong, or what is meant for a resource that has nothing else.
     */
    public static boolean isUpgrade(RequestHead request) {
        return request.fields().hasToken(FieldName.UPGRADE, "websocket");
    }

    /**
     * Answers a request.
     *
     * @param isSecure whether the client's connection runs inside TLS, as far as the host knows
     * @throws IllegalStateException if the {@link SubprotocolSelector} returns what was not offered
     */
    public Answer answer(RequestHead request, boolean isSecure) {
        HandshakeFault fault = faultAsUpgrade(request);
        if (fault != null) {
            return Answer.Refused.of(fault);
        }
        HeaderFields fields = request.fields();
        Authority host = hostOf(request);
        if (host == null) {
            return Answer.Refused.of(HandshakeFault.INVALID_HOST);
        }
        if (!isResourceOf(host, request)) {
            return Answer.Refused.of(HandshakeFault.INVALID_TARGET);
        }
        fault = versionFault(fields);
        if (fault != null) {
            return Answer.Refused.of(fault);
        }
        String key = fields.only(FieldName.SEC_WEBSOCKET_KEY);
        if (key == null || !SecWebSocketKey.isValid(key)) {
            return Answer.Refused.of(HandshakeFault.INVALID_KEY);
        }
        List<String> offeredSubprotocols = Subprotocols.offeredIn(fields);
        if (offeredSubprotocols == null) {
            return Answer.Refused.of(HandshakeFault.INVALID_SUBPROTOCOLS);
        }
        List<ExtensionElement> offeredExtensions = extensionsIn(fields);
        if (offeredExtensions == null) {
            return Answer.Refused.of(HandshakeFault.INVALID_EXTENSIONS);
        }
        if (!isOriginPermitted(fields, host, isSecure)) {
            return Answer.Refused.of(HandshakeFault.ORIGIN_NOT_ALLOWED);
        }
        String subprotocol = selectSubprotocol(offeredSubprotocols, request);
        DeflateParameters parameters = deflate.accept(offeredExtensions);
        Agreement agreement = subprotocol == null && parameters == null
                ? Agreement.PLAIN
                : new Agreement(subprotocol, parameters == null ? "" : parameters.toResponse(), parameters);
        return new Answer.Accepted(agreement, SecWebSocketKey.accept(key), HeaderFields.EMPTY);
    }

    /** What keeps the request from being an upgrade to WebSocket by HTTP's own rules (RFC 9110 §7.8). */
    private static @Nullable HandshakeFault faultAsUpgrade(RequestHead request) {
        HeaderFields fields = request.fields();
        if (!isUpgrade(request)) {
            return HandshakeFault.NOT_AN_UPGRADE;
        }
        if (!request.version().knowsUpgrade()) {
            return HandshakeFault.HTTP_VERSION_TOO_LOW;
        }
        if (!request.method().equals("GET")) {
            return HandshakeFault.METHOD_NOT_GET;
        }
        if (!fields.hasToken(FieldName.CONNECTION, "upgrade")) {
            return HandshakeFault.CONNECTION_WITHOUT_UPGRADE;
        }
        return hasBody(fields) ? HandshakeFault.REQUEST_HAS_BODY : null;
    }

    private static boolean hasBody(HeaderFields fields) {
        for (String length : fields.all(FieldName.CONTENT_LENGTH)) {
            if (!length.equals("0")) {
                return true;
            }
        }
        return fields.contains(FieldName.TRANSFER_ENCODING);
    }

    private static @Nullable Authority hostOf(RequestHead request) {
        String host = request.fields().only(FieldName.HOST);
        return host == null ? null : Authority.parse(host);
    }

    /** An absolute target names its host again; two names for one request would be two readings of it. */
    private static boolean isResourceOf(Authority host, RequestHead request) {
        if (request.target().startsWith("/")) {
            return true;
        }
        String authority = request.targetAuthority();
        return authority != null && host.equals(Authority.parse(authority));
    }

    private static @Nullable HandshakeFault versionFault(HeaderFields fields) {
        String version = fields.only(FieldName.SEC_WEBSOCKET_VERSION);
        if (version == null || !isVersion(version)) {
            return HandshakeFault.INVALID_VERSION;
        }
        return version.equals(VERSION) ? null : HandshakeFault.UNSUPPORTED_VERSION;
    }

    /** 0 to 255 without leading zeros (RFC 6455 §4.3). */
    private static boolean isVersion(String text) {
        if (text.isEmpty() || text.length() > 3 || text.length() > 1 && text.charAt(0) == '0') {
            return false;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            if (!Grammar.isDigit(text.charAt(i))) {
                return false;
            }
            number = 10 * number + text.charAt(i) - '0';
        }
        return number <= MAX_VERSION;
    }

    private static @Nullable List<ExtensionElement> extensionsIn(HeaderFields fields) {
        try {
            return ExtensionHeader.parse(fields.all(FieldName.SEC_WEBSOCKET_EXTENSIONS));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private boolean isOriginPermitted(HeaderFields fields, Authority host, boolean isSecure) {
        String origin = fields.only(FieldName.ORIGIN);
        boolean isRepeated = origin == null && fields.contains(FieldName.ORIGIN);
        return !isRepeated && origins.permits(origin, host, isSecure);
    }

    /**
     * Chooses the subprotocol as {@link #answer} does.
     *
     * @param offered what the client offers, by its preference; may be empty
     * @return one of {@code offered}, or {@code null} for none
     * @throws IllegalStateException if the {@link SubprotocolSelector} returns what was not offered
     */
    public @Nullable String selectSubprotocol(List<String> offered, RequestHead request) {
        if (offered.isEmpty()) {
            return null;
        }
        String selected = subprotocols.select(offered, request);
        if (selected != null && !offered.contains(selected)) {
            throw new IllegalStateException(
                    "subprotocol selector returned \"" + selected + "\", which the client did not offer");
        }
        return selected;
    }

    /** Builds {@link ServerHandshake}. Confined to one thread at a time. */
    public static final class Builder {
        private SubprotocolSelector subprotocols = SubprotocolSelector.preferring(List.of());
        private OriginPolicy origins = OriginPolicy.sameOrigin();
        private PermessageDeflate deflate = PermessageDeflate.DISABLED;

        private Builder() {}

        /**
         * Sets what the server speaks, the preferred one first. Default: nothing, so that none is ever agreed.
         *
         * @param names different tokens, compared with case
         * @throws IllegalArgumentException if one is no token, or stands there twice
         */
        public Builder subprotocols(List<String> names) {
            return subprotocols(SubprotocolSelector.preferring(names));
        }

        /** Sets who chooses the subprotocol. */
        public Builder subprotocols(SubprotocolSelector selector) {
            subprotocols = selector;
            return this;
        }

        /** Sets which web origins may connect. Default {@link OriginPolicy#sameOrigin()}. */
        public Builder origins(OriginPolicy policy) {
            origins = policy;
            return this;
        }

        /** Sets whether and how messages are compressed. Default {@link PermessageDeflate#DISABLED}. */
        public Builder deflate(PermessageDeflate options) {
            deflate = options;
            return this;
        }

        /** Builds the handshake. */
        public ServerHandshake build() {
            return new ServerHandshake(this);
        }
    }
}
