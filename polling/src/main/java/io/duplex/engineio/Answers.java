package io.duplex.engineio;

import io.duplex.HandshakeException;
import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import io.duplex.polling.session.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Answers to requests of clients, with what caches, proxies and pages of other origins need to know. */
final class Answers {
    private static final String PREFLIGHT_SECONDS = "600";

    private Answers() {}

    static void text(HttpExchange exchange, ByteBuffer body) {
        exchange.respond(200, fields(exchange, "text/plain; charset=UTF-8"), body);
    }

    static void ok(HttpExchange exchange) {
        exchange.respond(200, fields(exchange, "text/html"), ByteBuffer.wrap(new byte[] {'o', 'k'}));
    }

    static void refuse(HttpExchange exchange, EngineFault fault) {
        exchange.respond(fault.status(), fields(exchange, "application/json"), bytes(fault.json()));
    }

    /** Passes on what the server says to a client that may not come in. */
    static void refuse(HttpExchange exchange, HandshakeException refusal) {
        Refusal.pass(exchange, refusal, fields(exchange, null));
    }

    static void fail(HttpExchange exchange) {
        exchange.respond(500, fields(exchange, "text/plain"), bytes("internal error\n"));
    }

    static void preflight(HttpExchange exchange) {
        HeaderFields.Builder fields = HeaderFields.builder()
                .addAll(fields(exchange, null))
                .add("Access-Control-Allow-Methods", "GET, POST")
                .add("Access-Control-Max-Age", PREFLIGHT_SECONDS);
        String asked = exchange.head().fields().first("Access-Control-Request-Headers");
        if (asked != null && !asked.isEmpty()) {
            fields.add("Access-Control-Allow-Headers", asked);
        }
        exchange.respond(204, fields.build(), ByteBuffer.allocate(0));
    }

    /** Any origin may read an answer: one that may not have a session gets nothing but a refusal. */
    private static HeaderFields fields(HttpExchange exchange, @Nullable String contentType) {
        HeaderFields.Builder fields = HeaderFields.builder().add("Cache-Control", "no-store");
        if (contentType != null) {
            fields.add("Content-Type", contentType);
        }
        String origin = exchange.head().fields().first("Origin");
        if (origin != null) {
            fields.add("Access-Control-Allow-Origin", origin)
                    .add("Access-Control-Allow-Credentials", "true")
                    .add("Vary", "Origin");
        }
        return fields.build();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
