package io.duplex.examples;

import io.duplex.client.WebSocketClient;
import io.duplex.client.w3c.BrowserWebSocket;
import io.duplex.client.w3c.Environment;
import io.duplex.client.w3c.MessageEvent;
import java.util.concurrent.Executors;

final class BrowserClient {
    private BrowserClient() {}

    public static void main(String[] args) {
        // tag::socket
        var socket = new BrowserWebSocket("ws://127.0.0.1:8080/echo");
        socket.onopen(event -> socket.send("hello"));
        socket.onmessage(event -> {
            System.out.println(event.data());
            socket.close(1000, "done");
        });
        socket.onclose(event -> System.out.println(event.code() + " clean=" + event.wasClean()));
        // end::socket
    }

    static void listeners(BrowserWebSocket socket) {
        // tag::listeners
        socket.addEventListener("message", event -> {
            if (event instanceof MessageEvent message && message.data() instanceof String text) {
                System.out.println(text);
            }
        });
        // end::listeners
    }

    static void environment(String token) {
        // tag::environment
        var loop = Executors.newSingleThreadExecutor();
        var client = WebSocketClient.builder().header("Authorization", token).build();
        var page = Environment.builder()
                .executor(loop)
                .client(client)
                .baseUrl("https://chat.example/")
                .origin("https://chat.example")
                .build();
        loop.execute(() -> {
            var socket = new BrowserWebSocket(page, "/chat/java", "chat.v2");
            socket.onmessage(event -> System.out.println(event.data()));
        });
        // end::environment
    }
}
