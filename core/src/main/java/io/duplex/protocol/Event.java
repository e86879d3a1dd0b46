package io.duplex.protocol;

/**
 * What {@link Protocol#receive} found. A constant, not an object with the content: the content is read from the
 * engine, so that a frame costs no garbage.
 */
public enum Event {
    /** A whole text message; {@link Protocol#payload()} is its valid UTF-8. */
    TEXT,
    /** A whole binary message. */
    BINARY,
    /** A part of a text message; {@link Protocol#isLastPart()} tells whether it ends. */
    TEXT_PART,
    /** A part of a binary message. */
    BINARY_PART,
    /** A Ping. Its Pong is already outgoing. */
    PING,
    /** A Pong. */
    PONG,
    /** The peer's Close frame; the answer, if one was owed, is already outgoing. */
    CLOSE_RECEIVED,
    /** The peer broke a rule; the connection has been failed (RFC 6455 §7.1.7), a Close frame is outgoing. */
    FAILED
}
