package io.duplex.connection;

import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;

/**
 * Answers opening handshakes at one path in place of RFC 6455's rules, for clients that speak something else as well.
 * Thread-safe.
 */
@FunctionalInterface
public interface Dialect {
    /**
     * Answers a request; called on an event loop, it must not block.
     *
     * @param isSecure whether the client's connection runs inside TLS, as far as the host knows
     * @param handshake what answers here by RFC 6455: for what this dialect has no answer of its own to
     */
    DialectAnswer answer(RequestHead request, boolean isSecure, ServerHandshake handshake);
}
