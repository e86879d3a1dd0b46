package io.duplex.spring;

import jakarta.servlet.http.HttpSession;

/**
 * An HTTP session, which two are the same if their ids are now: Spring Session makes an object of its own for each request, and the
 * servlet container gives a session another id when the user logs in.
 */
final class KnownSession {
    private final HttpSession session;

    KnownSession(HttpSession session) {
        this.session = session;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KnownSession known && session.getId().equals(known.session.getId());
    }

    @Override
    public int hashCode() {
        return session.getId().hashCode();
    }
}
