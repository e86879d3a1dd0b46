package io.duplex;

/**
 * A side of a connection. The sides differ in who masks (RFC 6455 §5.1) and in who closes TCP first (RFC 6455 §7.1.1).
 */
public enum Role {
    /** The side that opened the connection. It masks every frame. */
    CLIENT,
    /** The side that accepted the connection. It never masks. */
    SERVER
}
