package io.duplex.jakarta;

import jakarta.websocket.Session;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions of one endpoint. Thread-safe. */
final class OpenSessions {
    private final Set<EndpointSession> sessions = ConcurrentHashMap.newKeySet();

    void add(EndpointSession session) {
        sessions.add(session);
    }

    void remove(EndpointSession session) {
        sessions.remove(session);
    }

    /** Those that are open now. */
    Set<Session> open() {
        Set<Session> open = new HashSet<>();
        for (EndpointSession session : sessions) {
            if (session.takesMessages()) {
                open.add(session);
            }
        }
        return Collections.unmodifiableSet(open);
    }

    Set<EndpointSession> all() {
        return sessions;
    }
}
