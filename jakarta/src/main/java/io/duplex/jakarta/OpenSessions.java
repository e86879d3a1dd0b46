package io.duplex.jakarta;

import jakarta.websocket.Session;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions of one endpoint, or of a container. Thread-safe. */
final class OpenSessions {
    private final Set<EndpointSession> sessions = ConcurrentHashMap.newKeySet();

    void add(EndpointSession session) {
        sessions.add(session);
    }

    void remove(EndpointSession session) {
        sessions.remove(session);
    }

    /** Those that are open now, as one of them sees it: itself included, even while its endpoint is still being told. */
    Set<Session> open(EndpointSession asking) {
        Set<Session> open = new HashSet<>();
        for (EndpointSession session : sessions) {
            if (session.takesMessages()) {
                open.add(session);
            }
        }
        if (asking.takesMessages()) {
            open.add(asking);
        }
        return Collections.unmodifiableSet(open);
    }

    Set<EndpointSession> all() {
        return sessions;
    }
}
