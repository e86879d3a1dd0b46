package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Dialect;
import io.duplex.connection.DialectAnswer;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A path that speaks WebSocket.
 *
 * @param template for logs
 * @param handshake what is agreed on there
 * @param dialect what answers in its place; {@code null} if nothing does
 * @param authenticator who decides about peers; {@code null} if everybody may connect
 * @param handlers makes the handler of each connection
 */
record WebSocketRoute(
        PathTemplate template,
        ServerHandshake handshake,
        @Nullable Dialect dialect,
        @Nullable Authenticator authenticator,
        Function<? super Handshake, ? extends WebSocketHandler> handlers) {
    /** Answers a request; {@code isSecure} tells whether the client uses TLS. */
    DialectAnswer answer(RequestHead request, boolean isSecure) {
        return dialect == null
                ? DialectAnswer.of(request, handshake.answer(request, isSecure))
                : dialect.answer(request, isSecure, handshake);
    }
}
