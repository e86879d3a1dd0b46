package io.duplex.examples;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.polling.PollingClient;
import io.duplex.polling.Via;
import java.time.Duration;

/** A client for networks that let no WebSocket through. */
final class FallbackClient {
    private FallbackClient() {}

    static void client(WebSocketHandler handler) {
        // tag::client
        try (var client =
                WebSocketClient.builder().fallback(PollingClient.create()).build()) {
            WebSocket socket = client.connect("wss://chat.example/news", handler);
            socket.send("by whatever gets through");
        }
        // end::client
    }

    static WebSocketClient options() {
        // tag::options
        return WebSocketClient.builder()
                .fallback(PollingClient.builder()
                        .via(Via.SSE, Via.POLL) // the preferred one first
                        .pollInterval(Duration.ofSeconds(5))
                        .build())
                .build();
        // end::options
    }
}
