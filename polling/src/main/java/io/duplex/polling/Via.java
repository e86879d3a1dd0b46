package io.duplex.polling;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What carries a session from the server to its client. */
public enum Via {
    /** A WebSocket connection, on a path of its own: the session can leave it and live on. */
    WEBSOCKET,
    /** A stream of server-sent events. */
    SSE,
    /** A request that is held until there is something to say, and then repeated. */
    LONG,
    /** A request now and then, which is answered at once. */
    POLL;

    private final String token = name().toLowerCase(Locale.ROOT);

    /** As it is called in requests: the name in lower case. */
    String token() {
        return token;
    }

    /** What is called so; {@code null} if nothing is. */
    static @Nullable Via of(@Nullable String token) {
        for (Via via : values()) {
            if (via.token.equals(token)) {
                return via;
            }
        }
        return null;
    }
}
