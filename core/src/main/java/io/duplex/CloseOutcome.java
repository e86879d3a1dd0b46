package io.duplex;

import org.jspecify.annotations.Nullable;

/**
 * How a connection ended: the one thing that {@link WebSocketHandler#onClose} is told. Immutable and thread-safe.
 *
 * @param status the close code and reason of RFC 6455 §7.1.5 and §7.1.6: those of the peer's Close frame; 1005 if it had
 *     none; 1006 if no Close frame came
 * @param sent what our own Close frame said; {@code null} if none was sent
 * @param clean whether the closing handshake was completed before TCP ended (RFC 6455 §7.1.4)
 * @param closedBy who or what ended the connection
 * @param detail the cause in a few words, for logs, such as {@code "pong timeout of 20 s"}
 * @param cause the failure behind it; {@code null} where there is none
 */
public record CloseOutcome(
        CloseStatus status,
        @Nullable CloseStatus sent,
        boolean clean,
        ClosedBy closedBy,
        String detail,
        @Nullable Throwable cause) {

    /** Who or what ended a connection. */
    public enum ClosedBy {
        /** The peer began the closing handshake. */
        PEER,
        /** The application on this side did: {@link WebSocket#close}, or a shutdown. */
        SELF,
        /** The peer broke the protocol. */
        PROTOCOL,
        /** One of {@link Limits} was exceeded, {@link RateLimits} included; the detail names it. */
        LIMIT,
        /** One of {@link Timeouts} passed; the detail names it. */
        TIMEOUT,
        /** A callback of the handler threw. */
        HANDLER,
        /** TCP or TLS ended without a closing handshake. */
        NETWORK
    }
}
