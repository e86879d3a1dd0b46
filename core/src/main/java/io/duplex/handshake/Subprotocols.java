package io.duplex.handshake;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The lists of subprotocol names in Sec-WebSocket-Protocol: different tokens, compared with case (RFC 6455 §4.1, §4.3). */
final class Subprotocols {
    private Subprotocols() {}

    /** What a request offers; empty if the field is absent, {@code null} if it is not valid. */
    static @Nullable List<String> offeredIn(HeaderFields fields) {
        List<String> names = fields.tokens(FieldName.SEC_WEBSOCKET_PROTOCOL);
        // A set, because a request may hold thousands of names.
        return names == null || names.size() > 1 && new HashSet<>(names).size() < names.size() ? null : names;
    }

    /**
     * The names as an unmodifiable list.
     *
     * @throws IllegalArgumentException if one is no token, or stands there twice
     */
    static List<String> requireValid(List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!Grammar.isToken(name)) {
                throw new IllegalArgumentException("subprotocol \"" + name + "\" is not a token");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("subprotocol \"" + name + "\" stands there twice");
            }
        }
        return List.copyOf(names);
    }
}
