package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.ServerHandshake;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A path that speaks WebSocket.
 *
 * @param template for logs
 * @param handshake what is agreed on there
 * @param authenticator who decides about peers; {@code null} if everybody may connect
 * @param handlers makes the handler of each connection
 */
record WebSocketRoute(
        PathTemplate template,
        ServerHandshake handshake,
        @Nullable Authenticator authenticator,
        Function<? super Handshake, ? extends WebSocketHandler> handlers) {}
