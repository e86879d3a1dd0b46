package io.duplex.examples;

import io.duplex.legacy.LegacyDialect;
import io.duplex.legacy.LegacyVersion;
import io.duplex.legacy.SocketPolicy;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;

/** A server that lets clients in which know nothing of RFC 6455. */
final class OldClients {
    private OldClients() {}

    static WebSocketServer serve(int port) {
        // tag::dialect
        LegacyDialect dialect = LegacyDialect.builder()
                .accept(LegacyVersion.HIXIE_76, LegacyVersion.HYBI_08)
                .allowedOrigins("http://kiosk.example")
                .build();
        RouteOptions options = RouteOptions.builder().dialect(dialect).build();
        WebSocketServer.Builder server = WebSocketServer.builder()
                .port(port)
                .route("/kiosk", options, handshake -> new FirstServer())
                .route("/echo", handshake -> new FirstServer());
        // end::dialect
        // tag::policy
        server.fixedRequest(
                SocketPolicy.builder().allow("kiosk.example", "8080").build());
        // end::policy
        return server.start();
    }
}
