package io.duplex;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An opening handshake failed. On a client it tells what the server answered; on a server, thrown by whoever makes the
 * handler, it refuses the handshake with an HTTP status.
 */
public final class HandshakeException extends WebSocketException {
    private static final long serialVersionUID = 1;

    /** The value of {@link #status()} where no HTTP status was received. */
    public static final int NO_STATUS = 0;

    private final int status;
    private final transient Map<String, List<String>> headers;
    private final transient byte[] body;

    /**
     * A refusal with an HTTP status.
     *
     * @param status 300 to 599
     * @param message for the log; on a server it is also sent to the client as the body
     * @throws IllegalArgumentException if the status is out of range
     */
    public HandshakeException(int status, String message) {
        this(refusal(status), message, Map.of(), new byte[0], null);
    }

    private static int refusal(int status) {
        if (status < 300 || status > 599) {
            throw new IllegalArgumentException("status of a refusal is " + status + ", range 300 to 599");
        }
        return status;
    }

    /** A failure without an HTTP status: no connection, TLS, a timeout, an answer that is not HTTP. */
    public HandshakeException(String message, @Nullable Throwable cause) {
        this(NO_STATUS, message, Map.of(), new byte[0], cause);
    }

    /**
     * A failure with all that the peer answered.
     *
     * @param status the HTTP status, or {@link #NO_STATUS}
     * @param message the check that failed
     * @param headers field values by lower-case field name
     * @param body the start of the answer's body, as far as it was kept
     * @param cause the failure behind it, or {@code null}
     */
    public HandshakeException(
            int status, String message, Map<String, List<String>> headers, byte[] body, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.headers = Map.copyOf(headers);
        this.body = body.clone();
    }

    /** The HTTP status, or {@link #NO_STATUS}. */
    public int status() {
        return status;
    }

    /** Field values of the HTTP answer by lower-case field name; empty if none came. */
    public Map<String, List<String>> headers() {
        return headers;
    }

    /** The start of the answer's body, as far as it was kept; empty if none came. */
    public byte[] body() {
        return body.clone();
    }
}
