package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import java.nio.charset.StandardCharsets;

/** An ordinary HTTP answer. Content-Length and Connection are added to it. Immutable and thread-safe. */
public final class HttpResponse {
    private final int status;
    private final HeaderFields fields;
    private final byte[] body;

    /**
     * Creates an answer.
     *
     * @param status 200 to 599
     * @param fields Content-Type and whatever else
     * @param body may be empty; not to be changed afterwards
     */
    public HttpResponse(int status, HeaderFields fields, byte[] body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status is " + status + ", range 200 to 599");
        }
        this.status = status;
        this.fields = fields;
        this.body = body;
    }

    /**
     * An answer with a body.
     *
     * @param contentType such as {@code text/html; charset=utf-8}
     */
    public static HttpResponse of(int status, String contentType, byte[] body) {
        return new HttpResponse(
                status, HeaderFields.builder().add("Content-Type", contentType).build(), body);
    }

    /** A short text. */
    public static HttpResponse text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    int status() {
        return status;
    }

    HeaderFields fields() {
        return fields;
    }

    byte[] body() {
        return body;
    }
}
