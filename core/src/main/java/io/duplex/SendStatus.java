package io.duplex;

/** What became of a message that was given to {@link WebSocket#send(String)} or one of its sisters. */
public enum SendStatus {
    /** Accepted; no backlog stands before it: it leaves with this turn of the connection's event loop. */
    SENT,
    /**
     * Accepted behind a backlog that the peer has yet to read. {@link WebSocketHandler#onDrain} follows. Whether it may still be
     * dropped is said by the {@link SendPolicy}.
     */
    QUEUED,
    /** Not accepted, and never sent: the connection is not open, or its queue is full ({@link SendPolicy}). */
    REFUSED
}
