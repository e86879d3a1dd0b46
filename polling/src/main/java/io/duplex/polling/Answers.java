package io.duplex.polling;

import io.duplex.HandshakeException;
import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import io.duplex.polling.session.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The answers to requests, with the fields that keep caches and proxies from holding or changing them. */
final class Answers {
    static final String BLOCK = "application/octet-stream";
    static final String JSON = "application/json";
    static final String EVENTS = "text/event-stream";
    private static final String TEXT = "text/plain; charset=utf-8";

    /** RFC 6202 §5.6 asks for no-cache; no-transform keeps compressing proxies from collecting what was flushed. */
    private static final String CACHE_CONTROL = "no-cache, no-store, no-transform";

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final String PREFLIGHT_SECONDS = "600";

    private Answers() {}

    /** The fields of an answer; a page of {@code origin} may read it. */
    static HeaderFields fields(@Nullable String origin, String contentType) {
        return start(origin).add("Content-Type", contentType).build();
    }

    private static HeaderFields.Builder start(@Nullable String origin) {
        HeaderFields.Builder fields = HeaderFields.builder()
                .add("Cache-Control", CACHE_CONTROL)
                .add("X-Accel-Buffering", "no")
                .add("X-Content-Type-Options", "nosniff");
        if (origin != null) {
            fields.add("Access-Control-Allow-Origin", origin)
                    .add("Access-Control-Allow-Credentials", "true")
                    .add("Vary", "Origin");
        }
        return fields;
    }

    static void block(HttpExchange exchange, int status, ByteBuffer block, @Nullable String origin) {
        exchange.respond(status, fields(origin, BLOCK), block);
    }

    static void json(HttpExchange exchange, String json, @Nullable String origin) {
        exchange.respond(200, fields(origin, JSON), StandardCharsets.UTF_8.encode(json));
    }

    /** Answers with an error; {@code origin} is that of a page which may read it. */
    static void refuse(HttpExchange exchange, Refusal refusal, @Nullable String origin) {
        HeaderFields.Builder fields = start(origin).add("Content-Type", TEXT);
        if (refusal.status() == 405) {
            fields.add("Allow", "GET, POST, OPTIONS");
        }
        exchange.respond(refusal.status(), fields.build(), StandardCharsets.UTF_8.encode(refusal.why() + "\n"));
    }

    /** Answers as the server decided. */
    static void refuse(HttpExchange exchange, HandshakeException refused) {
        Refusal.pass(exchange, refused, start(null).build());
    }

    /**
     * Answers a preflight. It grants nothing: each request is checked when it comes, and its answer may be read by admitted
     * origins only.
     */
    static void preflight(HttpExchange exchange, String origin) {
        HeaderFields fields = start(origin)
                .add("Access-Control-Allow-Methods", "GET, POST")
                .add("Access-Control-Allow-Headers", "Authorization, Content-Type, Duplex-Session, Duplex-Subprotocols")
                .add("Access-Control-Max-Age", PREFLIGHT_SECONDS)
                .build();
        exchange.respond(204, fields, NOTHING);
    }
}
