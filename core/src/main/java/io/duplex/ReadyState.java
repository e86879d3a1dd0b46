package io.duplex;

/**
 * The state of a connection, in the words and with the numbers ({@link #ordinal()}) of the WHATWG WebSocket interface. It
 * only moves forward.
 */
public enum ReadyState {
    /** The opening handshake is under way. */
    CONNECTING,
    /** Messages can be sent and received. */
    OPEN,
    /** The closing handshake has begun: a Close frame was sent or received. */
    CLOSING,
    /** The connection is gone, or was never there. */
    CLOSED
}
