package io.duplex.sockjs;

import io.duplex.HandshakeException;
import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import io.duplex.polling.session.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Answers to requests of clients, with what caches, proxies and pages of other origins need to know. */
final class Answers {
    static final String PLAIN = "text/plain;charset=UTF-8";

    private static final String DYNAMIC = "no-store, no-cache, no-transform, must-revalidate, max-age=0";
    private static final int YEAR_SECONDS = 31_536_000;
    /** An HTTP-date; RFC 1123's formatter of Java has days of one digit (RFC 9110 §5.6.7). */
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);

    private Answers() {}

    /** The fields of an answer to a request of a session. */
    static HeaderFields fields(HttpExchange exchange, String contentType, SockJsOptions options) {
        HeaderFields.Builder fields = dynamic(exchange, contentType);
        if (options.cookie()) {
            fields.add("Set-Cookie", StickyCookie.of(exchange));
        }
        return fields.build();
    }

    /** The fields of an answer that is never to be stored. */
    private static HeaderFields.Builder dynamic(HttpExchange exchange, String contentType) {
        return cors(exchange)
                .add("Content-Type", contentType)
                .add("Cache-Control", DYNAMIC)
                .add("X-Accel-Buffering", "no");
    }

    /** Any origin may read an answer: one that may not have a session gets nothing but a refusal. */
    private static HeaderFields.Builder cors(HttpExchange exchange) {
        HeaderFields.Builder fields = HeaderFields.builder();
        String origin = exchange.head().fields().first("Origin");
        if (origin == null) {
            return fields.add("Access-Control-Allow-Origin", "*");
        }
        return fields.add("Access-Control-Allow-Origin", origin)
                .add("Access-Control-Allow-Credentials", "true")
                .add("Vary", "Origin");
    }

    static void text(HttpExchange exchange, int status, String text) {
        exchange.respond(status, dynamic(exchange, PLAIN).build(), bytes(text));
    }

    static void json(HttpExchange exchange, String json) {
        exchange.respond(
                200, dynamic(exchange, "application/json;charset=UTF-8").build(), bytes(json));
    }

    /** What the client sent has been taken. */
    static void noContent(HttpExchange exchange, SockJsOptions options) {
        exchange.respond(204, fields(exchange, PLAIN, options), bytes(""));
    }

    /** What the client sent has been taken, for one that needs to be told so. */
    static void ok(HttpExchange exchange, SockJsOptions options) {
        exchange.respond(200, fields(exchange, PLAIN, options), bytes("ok"));
    }

    static void preflight(HttpExchange exchange, String method) {
        HeaderFields.Builder fields = forever(cors(exchange))
                .add("Access-Control-Allow-Methods", "OPTIONS, " + method)
                .add("Access-Control-Max-Age", Integer.toString(YEAR_SECONDS));
        String asked = exchange.head().fields().first("Access-Control-Request-Headers");
        if (asked != null && !asked.isEmpty()) {
            fields.add("Access-Control-Allow-Headers", asked);
        }
        exchange.respond(204, fields.build(), bytes(""));
    }

    private static HeaderFields.Builder forever(HeaderFields.Builder fields) {
        String expires = date(ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(YEAR_SECONDS));
        return fields.add("Cache-Control", "public, max-age=" + YEAR_SECONDS).add("Expires", expires);
    }

    /** @param time in UTC */
    static String date(ZonedDateTime time) {
        return HTTP_DATE.format(time);
    }

    static void welcome(HttpExchange exchange) {
        HeaderFields fields = HeaderFields.builder().add("Content-Type", PLAIN).build();
        exchange.respond(200, fields, bytes("Welcome to SockJS!\n"));
    }

    /** @param tag of the page, quoted */
    static void page(HttpExchange exchange, String html, String tag) {
        HeaderFields.Builder fields = forever(HeaderFields.builder()).add("ETag", tag);
        if (tag.equals(exchange.head().fields().first("If-None-Match"))) {
            exchange.respond(304, fields.build(), bytes(""));
        } else {
            exchange.respond(
                    200, fields.add("Content-Type", "text/html;charset=UTF-8").build(), bytes(html));
        }
    }

    static void notAllowed(HttpExchange exchange, Endpoint.Kind kind) {
        exchange.respond(
                405, HeaderFields.builder().add("Allow", kind.allowed()).build(), bytes(""));
    }

    static void notFound(HttpExchange exchange) {
        exchange.respond(
                404, HeaderFields.builder().add("Content-Type", PLAIN).build(), bytes("nothing at this path\n"));
    }

    /** Passes on what the server says to a client that may not come in. */
    static void refuse(HttpExchange exchange, @Nullable HandshakeException refusal) {
        if (refusal == null) {
            text(exchange, 500, "internal error");
            return;
        }
        Refusal.pass(
                exchange, refusal, cors(exchange).add("Cache-Control", DYNAMIC).build());
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
