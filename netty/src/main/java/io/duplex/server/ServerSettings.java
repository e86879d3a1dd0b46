package io.duplex.server;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.FixedRequest;
import io.duplex.connection.UpgradeHandler;
import org.jspecify.annotations.Nullable;

/**
 * What all sockets of a server have in common. Immutable and thread-safe.
 *
 * @param routes the WebSocket endpoints
 * @param ordinary the ordinary answers
 * @param upgrades who answers where no route is; {@code null} if nobody does
 * @param fixedRequest what a connection may begin with instead of HTTP; {@code null} for nothing
 * @param authenticator who decides about their peers; {@code null} if everybody may connect
 * @param hosts the names that are served
 * @param connections for the connections
 * @param faults where faults of the application go
 * @param gates who may come in
 */
record ServerSettings(
        Routes<WebSocketRoute> routes,
        Routes<OrdinaryRoute> ordinary,
        @Nullable UpgradeHandler upgrades,
        @Nullable FixedRequest fixedRequest,
        @Nullable Authenticator authenticator,
        Hosts hosts,
        ConnectionSettings connections,
        FaultLog faults,
        Gates gates) {
    private static final System.Logger LOGGER = System.getLogger(WebSocketServer.class.getName());

    Limits limits() {
        return connections.limits();
    }

    Timeouts timeouts() {
        return connections.timeouts();
    }

    /** Logs why a connection was closed without an answer. */
    void logRefusal(String what) {
        LOGGER.log(System.Logger.Level.DEBUG, what);
    }

    /** Logs a fault of the application. */
    void logFault(String what, Throwable fault) {
        faults.log(what, fault);
    }
}
