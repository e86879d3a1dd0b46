package io.duplex.protocol;

/** What the engine wants of the transport connection below it. */
public enum TransportIntent {
    /** Nothing: the connection lives. */
    KEEP_OPEN,
    /** Wait for the peer to close, within the close timeout: it owes a Close frame, or is a server that closes TCP first. */
    AWAIT_PEER_CLOSE,
    /** Send what is outgoing, then close (RFC 6455 §7.1.1). */
    CLOSE
}
