package io.duplex.sockjs;

import io.duplex.Handshake;
import io.duplex.handshake.HandshakeView;

/**
 * The handshake of a session as its handler sees it: below the service's base, and without the id of the session, which would be
 * enough to take it over.
 */
final class BaseHandshake extends HandshakeView {
    private final String base;

    BaseHandshake(Handshake agreed, String base) {
        super(agreed);
        this.base = base;
    }

    @Override
    public String target() {
        String query = query();
        return query == null ? base : base + "?" + query;
    }

    @Override
    public String path() {
        return base;
    }
}
