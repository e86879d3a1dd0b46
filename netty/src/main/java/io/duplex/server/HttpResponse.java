package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.ResponseHead;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An ordinary HTTP answer. Content-Length and Connection are added to it, and what it lacks of
 * Date and, with 401, WWW-Authenticate. Immutable and thread-safe. */
public final class HttpResponse {
    private static final String LENGTH = "Content-Length";
    private static final String CONNECTION = "Connection";

    private final int status;
    private final HeaderFields fields;
    private final byte[] body;

    /**
     * Creates an answer.
     *
     * @param status 200 to 599
     * @param fields Content-Type and whatever else
     * @param body is copied; may be empty
     * @throws IllegalArgumentException if the status is out of range
     */
    public HttpResponse(int status, HeaderFields fields, byte[] body) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("status is " + status + ", range 200 to 599");
        }
        this.status = status;
        this.fields = fields;
        this.body = body.clone();
    }

    /**
     * An answer with a body.
     *
     * @param status 200 to 599
     * @param contentType such as {@code text/html; charset=utf-8}
     * @throws IllegalArgumentException if the status is out of range
     */
    public static HttpResponse of(int status, String contentType, byte[] body) {
        return new HttpResponse(
                status, HeaderFields.builder().add("Content-Type", contentType).build(), body);
    }

    /** A short text. */
    public static HttpResponse text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    /** The answer as it is sent on a connection that ends with it. */
    byte[] toBytes() {
        HeaderFields.Builder all = HeaderFields.builder();
        HeaderFields complete = AnswerFields.complete(status, fields);
        for (int i = 0; i < complete.size(); i++) {
            String name = complete.name(i);
            if (!name.equalsIgnoreCase(LENGTH) && !name.equalsIgnoreCase(CONNECTION)) {
                all.add(name, complete.value(i));
            }
        }
        all.add(LENGTH, Integer.toString(body.length)).add(CONNECTION, "close");
        String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
        byte[] head = new ResponseHead(HttpVersion.HTTP_1_1, status, reason, all.build()).toBytes();
        byte[] bytes = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, bytes, head.length, body.length);
        return bytes;
    }

    /** The status, 200 to 599. */
    public int status() {
        return status;
    }

    /** The fields that were given. */
    public HeaderFields fields() {
        return fields;
    }

    /** A copy of the body; empty if there is none. */
    public byte[] body() {
        return body.clone();
    }
}
