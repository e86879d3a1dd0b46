package io.duplex.examples;

import io.duplex.FlowWebSocket;
import io.duplex.Message;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import org.jspecify.annotations.Nullable;

/** Connections as Reactive Streams. */
final class Flows {
    private Flows() {}

    static WebSocketServer server(SubmissionPublisher<Message> prices) {
        // tag::server
        return WebSocketServer.builder()
                .flowRoute("/echo", socket -> socket.messages().subscribe(socket.sender()))
                .flowRoute("/prices", socket -> prices.subscribe(socket.sender()))
                .start();
        // end::server
    }

    static CompletableFuture<FlowWebSocket> client(WebSocketClient client) {
        // tag::client
        return client.connectFlow("ws://127.0.0.1:8080/prices").thenApply(socket -> {
            socket.messages().subscribe(new Printer());
            return socket;
        });
        // end::client
    }

    // tag::subscriber
    static final class Printer implements Flow.Subscriber<Message> {
        private Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(1);
        }

        @Override
        public void onNext(Message message) {
            System.out.println(message);
            Objects.requireNonNull(subscription).request(1); // until then the peer has to wait
        }

        @Override
        public void onError(Throwable fault) {
            System.out.println("lost: " + fault.getMessage()); // no clean end, such as 1006
        }

        @Override
        public void onComplete() {
            System.out.println("closed");
        }
    }
    // end::subscriber
}
