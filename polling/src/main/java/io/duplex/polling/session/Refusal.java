package io.duplex.polling.session;

import io.duplex.HandshakeException;
import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/** A request that is answered with an error. */
public final class Refusal extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** What a server answers by itself. */
    private static final Set<String> SERVERS_OWN =
            Set.of("connection", "content-length", "content-type", "transfer-encoding", "upgrade", "date");

    private static final int LEAST = 300;
    private static final int FAULT = 500;

    private final int status;

    /**
     * Creates an error.
     *
     * @param status 400 to 599
     * @param why for the developer of the client; nothing of what the client sent
     */
    public Refusal(int status, String why) {
        super(why, null, false, false);
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** For the developer of the client. */
    public String why() {
        return String.valueOf(getMessage());
    }

    /**
     * Answers as the server decided about who may come in.
     *
     * @param fields of the answer besides, without Content-Type
     */
    public static void pass(HttpExchange exchange, HandshakeException refused, HeaderFields fields) {
        HeaderFields.Builder all =
                HeaderFields.builder().addAll(fields).add("Content-Type", "text/plain; charset=utf-8");
        refused.headers().forEach((name, values) -> {
            if (!SERVERS_OWN.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> all.add(name, value));
            }
        });
        byte[] body = refused.body();
        if (body.length == 0 && refused.getMessage() != null) {
            body = refused.getMessage().getBytes(StandardCharsets.UTF_8);
        }
        exchange.respond(refused.status() < LEAST ? FAULT : refused.status(), all.build(), ByteBuffer.wrap(body));
    }
}
