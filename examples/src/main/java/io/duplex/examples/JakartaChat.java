package io.duplex.examples;

import io.duplex.jakarta.DuplexServerContainer;
import io.duplex.server.WebSocketServer;
import jakarta.websocket.DeploymentException;

/** Jakarta endpoints on Duplex's own server. */
final class JakartaChat {
    private JakartaChat() {}

    // tag::serve
    static WebSocketServer serve(int port) throws DeploymentException {
        DuplexServerContainer container = DuplexServerContainer.builder().build();
        container.addEndpoint(JakartaRoom.class);
        return WebSocketServer.builder()
                .port(port)
                .upgrades(container.at("/chat"))
                .start();
    }
    // end::serve
}
