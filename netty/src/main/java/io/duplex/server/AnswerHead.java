package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.HttpVersion;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ResponseHead;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;

/** The heads of ordinary answers, with the fields of framing that are the server's. Thread-safe. */
final class AnswerHead {
    private static final String LENGTH = "Content-Length";
    private static final String ENCODING = "Transfer-Encoding";
    private static final String CONNECTION = "Connection";
    private static final int NO_CONTENT = 204;
    private static final int RESET_CONTENT = 205;
    private static final int NOT_MODIFIED = 304;

    private AnswerHead() {}

    /** Whether an answer has a body (RFC 9112 §6.3). */
    static boolean hasBody(RequestHead request, int status) {
        return !request.method().equals("HEAD")
                && status != NO_CONTENT
                && status != RESET_CONTENT
                && status != NOT_MODIFIED;
    }

    /**
     * The head of an answer of known length.
     *
     * @param bytes of its body, be it left out
     */
    static ByteBuffer of(int status, HeaderFields fields, int bytes, boolean staysOpen) {
        HeaderFields.Builder all = withoutFraming(fields);
        if (status == RESET_CONTENT) {
            all.add(LENGTH, "0");
        } else if (status != NO_CONTENT && (status != NOT_MODIFIED || bytes > 0)) {
            all.add(LENGTH, Integer.toString(bytes));
        }
        return head(status, all, staysOpen);
    }

    /** The head of an answer whose length shows at its end. */
    static ByteBuffer ofStream(int status, HeaderFields fields, boolean isChunked, boolean staysOpen) {
        HeaderFields.Builder all = withoutFraming(fields);
        if (status == RESET_CONTENT) {
            all.add(LENGTH, "0");
        } else if (isChunked && status != NO_CONTENT && status != NOT_MODIFIED) {
            all.add(ENCODING, "chunked");
        }
        return head(status, all, staysOpen);
    }

    private static HeaderFields.Builder withoutFraming(HeaderFields fields) {
        HeaderFields.Builder all = HeaderFields.builder();
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if (!name.equalsIgnoreCase(LENGTH)
                    && !name.equalsIgnoreCase(ENCODING)
                    && !name.equalsIgnoreCase(CONNECTION)) {
                all.add(name, fields.value(i));
            }
        }
        return all;
    }

    private static ByteBuffer head(int status, HeaderFields.Builder fields, boolean staysOpen) {
        if (!staysOpen) {
            fields.add(CONNECTION, "close");
        }
        String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
        return ByteBuffer.wrap(new ResponseHead(HttpVersion.HTTP_1_1, status, reason, fields.build()).toBytes());
    }
}
