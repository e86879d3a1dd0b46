package io.duplex.examples;

import io.duplex.client.WebSocketClient;

final class FirstClient {
    private FirstClient() {}

    public static void main(String[] args) throws InterruptedException {
        // tag::client
        try (var client = WebSocketClient.create();
                var socket = client.connect("ws://127.0.0.1:8080/echo")) {
            socket.send("hello");
            System.out.println(socket.receive());
        }
        // end::client
    }
}
