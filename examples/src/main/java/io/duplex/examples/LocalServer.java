package io.duplex.examples;

import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import java.nio.file.Path;

final class LocalServer {
    private LocalServer() {}

    static WebSocketServer server() {
        // tag::server
        WebSocketServer server = WebSocketServer.builder()
                .unixSocket(Path.of("/run/chat/chat.sock"))
                .route("/chat/{room}", ChatHandler::new)
                .start();
        // end::server
        return server;
    }

    static void client() {
        // tag::client
        try (var client = WebSocketClient.builder()
                        .unixSocket(Path.of("/run/chat/chat.sock"))
                        .build();
                var socket = client.connect("ws://chat.example/chat/java")) {
            socket.send("hello");
        }
        // end::client
    }
}
