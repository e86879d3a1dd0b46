package io.duplex.server;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.handshake.HeaderFields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Answers GET and HEAD by an {@link HttpHandler}.
 *
 * @param handler the application's
 */
record HandlerService(HttpHandler handler) implements HttpService {
    private static final HttpResponse ONLY_GET = new HttpResponse(
            405,
            HeaderFields.builder().add("Allow", "GET, HEAD").build(),
            "method is not GET or HEAD".getBytes(StandardCharsets.US_ASCII));

    @Override
    public void serve(HttpExchange exchange) {
        String method = exchange.head().method();
        HttpResponse answer = method.equals("GET") || method.equals("HEAD")
                ? Objects.requireNonNull(handler.handle(exchange.head()), "the HttpHandler returned null")
                : ONLY_GET;
        exchange.respond(answer.status(), answer.fields(), ByteBuffer.wrap(answer.body()));
    }
}
