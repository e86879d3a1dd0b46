package io.duplex.examples;

import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.Timeouts;
import io.duplex.server.WebSocketServer;
import java.time.Duration;

final class ChatServer {
    private ChatServer() {}

    public static void main(String[] args) throws InterruptedException {
        // tag::server
        try (var server = WebSocketServer.builder()
                .port(8080)
                .allowedOrigins("https://chat.example")
                .limits(Limits.builder().maxMessageBytes(64 << 10).build())
                .timeouts(
                        Timeouts.builder().pingInterval(Duration.ofSeconds(20)).build())
                .route("/chat/{room}", ChatHandler::new)
                .blockingRoute(
                        "/echo",
                        socket -> { // on a thread of its own: virtual from JDK 21 on
                            for (Message message : socket) {
                                if (message instanceof Message.Text text) {
                                    socket.send(text.data());
                                }
                            }
                        })
                .start()) {
            server.awaitClose();
        }
        // end::server
    }
}
