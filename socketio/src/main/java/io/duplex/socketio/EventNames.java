package io.duplex.socketio;

import java.util.Set;

/** Names that no event may have, as clients tell of their own state by them. */
final class EventNames {
    private static final Set<String> RESERVED =
            Set.of("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener");

    private EventNames() {}

    static boolean isReserved(String name) {
        return RESERVED.contains(name);
    }

    /** @throws IllegalArgumentException if an event may not have the name */
    static String require(String name) {
        if (isReserved(name)) {
            throw new IllegalArgumentException("event \"" + name + "\" is reserved (Socket.IO)");
        }
        return name;
    }
}
