package io.duplex.codec;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocketHandler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a connection's handler by the subprotocol that was agreed (RFC 6455 §1.9), such as one with another {@link Codec} for
 * each version of a format. Both sides take it where they take what makes handlers:
 *
 * <pre>{@code
 * builder.subprotocols("chat.v2", "chat.v1")
 *         .route("/chat", SubprotocolHandlers.builder()
 *                 .on("chat.v2", handshake -> V2.handler(new Chat()))
 *                 .on("chat.v1", handshake -> V1.handler(new Chat()))
 *                 .build());
 * }</pre>
 *
 * <p>Which is agreed is decided by the server's list of subprotocols, not here. Immutable; thread-safe if what makes the handlers
 * is.
 */
public final class SubprotocolHandlers implements Function<Handshake, WebSocketHandler> {
    private static final int BAD_REQUEST = 400;

    private final Map<String, Function<? super Handshake, ? extends WebSocketHandler>> handlers;
    private final @Nullable Function<? super Handshake, ? extends WebSocketHandler> otherwise;

    private SubprotocolHandlers(Builder builder) {
        handlers = new LinkedHashMap<>(builder.handlers);
        otherwise = builder.otherwise;
    }

    /** Starts without any. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The handler of a connection.
     *
     * @throws HandshakeException with 400 if there is none for what was agreed: a server refuses the handshake with it, a client
     *     cuts the connection, and its {@code connect} throws
     */
    @Override
    public WebSocketHandler apply(Handshake handshake) {
        String agreed = handshake.subprotocol();
        Function<? super Handshake, ? extends WebSocketHandler> made =
                agreed == null ? otherwise : handlers.getOrDefault(agreed, otherwise);
        if (made == null) {
            throw new HandshakeException(
                    BAD_REQUEST, "no common subprotocol; spoken here: " + String.join(", ", handlers.keySet()));
        }
        return made.apply(handshake);
    }

    /** Builds {@link SubprotocolHandlers}. Confined to one thread at a time. */
    public static final class Builder {
        private final Map<String, Function<? super Handshake, ? extends WebSocketHandler>> handlers =
                new LinkedHashMap<>();
        private @Nullable Function<? super Handshake, ? extends WebSocketHandler> otherwise;

        private Builder() {}

        /**
         * Sets what makes the handlers of connections with a subprotocol.
         *
         * @param subprotocol compared with case
         * @throws IllegalArgumentException if it has been set
         */
        public Builder on(String subprotocol, Function<? super Handshake, ? extends WebSocketHandler> making) {
            if (handlers.putIfAbsent(subprotocol, making) != null) {
                throw new IllegalArgumentException("subprotocol \"" + subprotocol + "\" has a handler already");
            }
            return this;
        }

        /** Sets what makes the handlers of all other connections. Default: they are refused. */
        public Builder otherwise(Function<? super Handshake, ? extends WebSocketHandler> making) {
            otherwise = making;
            return this;
        }

        /** Builds the choice. */
        public SubprotocolHandlers build() {
            return new SubprotocolHandlers(this);
        }
    }
}
