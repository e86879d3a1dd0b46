package io.duplex.examples;

import io.duplex.server.WebSocketServer;
import io.duplex.sockjs.SockJs;

/** The chat for clients of SockJS. */
public final class SockJsServer {
    private SockJsServer() {}

    // tag::server
    static WebSocketServer start(int port) {
        return WebSocketServer.builder()
                .port(port)
                .service("/chat/**", SockJs.at("/chat", ChatHandler::new))
                .start();
    }
    // end::server

    /** Starts it on port 8080. */
    public static void main(String[] arguments) throws InterruptedException {
        start(8080).awaitClose();
    }
}
