package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.ServerHandshake;
import java.util.function.Function;

/**
 * A path that speaks WebSocket.
 *
 * @param template for logs
 * @param handshake what is agreed on there
 * @param handlers makes the handler of each connection
 */
record WebSocketRoute(
        PathTemplate template,
        ServerHandshake handshake,
        Function<? super Handshake, ? extends WebSocketHandler> handlers) {}
