package io.duplex.connection;

import io.duplex.CloseOutcome;

/**
 * The server or the client whose connections some sessions are, which no socket of its own carries. Thread-safe.
 */
public interface SessionHost {
    /**
     * Counts a session among the connections, so that limits hold and a shutdown closes it: before {@link Connection#onOpen}.
     */
    void opened(Connection session);

    /** The session has ended with {@link Connection#onTransportClosed}. */
    void closed(Connection session, CloseOutcome outcome);
}
