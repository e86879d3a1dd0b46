package io.duplex.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.handshake.HeaderFields;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Answers each GET with the next news, when there is some: a long poll. */
final class News implements HttpService {
    // tag::service
    private static final HeaderFields TEXT = HeaderFields.builder()
            .add("Content-Type", "text/plain; charset=utf-8")
            .add("Cache-Control", "no-store")
            .build();

    private final Set<HttpExchange> waiting = ConcurrentHashMap.newKeySet();

    @Override
    public void serve(HttpExchange exchange) {
        if (exchange.head().method().equals("GET")) {
            waiting.add(exchange);
            exchange.whenClosed(() -> waiting.remove(exchange));
        } else {
            exchange.respond(405, HeaderFields.EMPTY, ByteBuffer.allocate(0));
        }
    }

    void tell(String news) {
        List.copyOf(waiting).forEach(exchange -> {
            if (waiting.remove(exchange)) {
                exchange.respond(200, TEXT, UTF_8.encode(news));
            }
        });
    }
    // end::service

    /** Starts a server with it. */
    static WebSocketServer startServer(News news) {
        // tag::server
        return WebSocketServer.builder()
                .port(8080)
                .service("/news", news)
                .route("/news", ChatHandler::new)
                .start();
        // end::server
    }
}
