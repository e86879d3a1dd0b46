package io.duplex.examples;

// tag::server
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;

final class FirstServer implements WebSocketHandler {
    @Override
    public void onText(WebSocket socket, String text) {
        socket.send("you said " + text);
    }

    public static void main(String[] args) throws InterruptedException {
        WebSocketServer.builder().route("/echo", h -> new FirstServer()).start().awaitClose();
    }
}
// end::server
