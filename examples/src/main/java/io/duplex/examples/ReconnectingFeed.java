package io.duplex.examples;

import io.duplex.CloseOutcome;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.Reconnect;
import io.duplex.client.ReconnectingWebSocket;
import io.duplex.client.WebSocketClient;
import java.time.Duration;
import java.util.function.Supplier;

/** A connection that comes back by itself. */
final class ReconnectingFeed {
    // tag::handler
    /** One connection's. The next one gets a new handler, and subscribes again. */
    static final class Prices implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.send("subscribe EUR/USD");
        }

        @Override
        public void onText(WebSocket socket, String price) {
            System.out.println(price);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            System.err.println("lost: " + outcome.detail());
        }
    }
    // end::handler

    private ReconnectingFeed() {}

    static void run(WebSocketClient client) {
        // tag::reconnect
        ReconnectingWebSocket feed =
                client.request("wss://prices.example/feed").reconnecting(Reconnect.DEFAULT, handshake -> new Prices());
        // it lives until it is closed, or given up
        feed.ended().join();
        // end::reconnect
    }

    static Reconnect policy() {
        // tag::policy
        var policy = Reconnect.builder()
                .initialDelay(Duration.ofMillis(500))
                .maxDelay(Duration.ofSeconds(30))
                .maxAttempts(100)
                .queueBytes(64 << 10)
                .retryIf(outage -> outage.isTransient()
                        || outage.outcome() != null && outage.outcome().status().code() == 4001)
                .onRetry((outage, delay) -> System.err.println("again in " + delay))
                .build();
        // end::policy
        return policy;
    }

    static ReconnectingWebSocket withTokens(WebSocketClient client, Supplier<String> freshToken, Reconnect policy) {
        // tag::tokens
        ReconnectingWebSocket feed = client.reconnecting(
                () -> client.request("wss://prices.example/feed").bearerAuthorization(freshToken.get()),
                policy,
                handshake -> new Prices());
        // end::tokens
        return feed;
    }

    static void send(ReconnectingWebSocket feed) {
        // tag::send
        if (feed.send("order 1") == SendStatus.REFUSED) {
            System.err.println("not sent, and never will be");
        }
        // end::send
    }
}
