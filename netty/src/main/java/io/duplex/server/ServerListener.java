package io.duplex.server;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import java.net.SocketAddress;

/**
 * Told what a server goes through, for metrics and logs. Nothing of it is per message. Calls about connections come on their
 * event loops, several at a time, and must not block; what they throw is logged.
 */
public interface ServerListener {
    /** The server listens. Connections may have been opened already. */
    default void onStart(WebSocketServer server) {}

    /** The server begins to drain: it takes no new connections. */
    default void onDrain(WebSocketServer server) {}

    /** The server has closed. */
    default void onStop(WebSocketServer server) {}

    /** A connection is open; its handler is told next. */
    default void onConnectionOpened(WebSocket socket) {}

    /** A connection has ended; its handler was told before. */
    default void onConnectionClosed(WebSocket socket, CloseOutcome outcome) {}

    /**
     * A handshake was answered with something else than 101. Ordinary HTTP is none.
     *
     * @param status the HTTP status
     * @param remoteAddress the client, as far as it is known
     */
    default void onHandshakeRefused(int status, SocketAddress remoteAddress) {}

    /** Something has kept an event loop busy for longer than {@link WebSocketServer.Builder#watchdog}. Once an incident. */
    default void onLoopBlocked(BlockedLoop blocked) {}
}
