package io.duplex.cli.lab;

import io.duplex.polling.Via;
import java.util.Locale;

/** A way in which events get to clients. */
public enum Way {
    /** A request at intervals. */
    SHORT_POLLING("short polling", Via.POLL),
    /** A request that is answered when there is something. */
    LONG_POLLING("long polling", Via.LONG),
    /** One answer that never ends. */
    SSE("server-sent events", Via.SSE),
    /** A WebSocket. */
    WEBSOCKET("WebSocket", Via.WEBSOCKET);

    private final String title;
    private final Via via;

    Way(String title, Via via) {
        this.title = title;
        this.via = via;
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** For programs: lower case, with hyphens. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Via via() {
        return via;
    }
}
