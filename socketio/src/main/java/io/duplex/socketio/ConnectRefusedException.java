package io.duplex.socketio;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A client may not connect to a namespace: it gets the message and the data as {@code connect_error}. */
public final class ConnectRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient @Nullable JsonNode data;

    /** With a message for the client. */
    public ConnectRefusedException(String message) {
        this(message, null);
    }

    /**
     * With data.
     *
     * @param message for the client
     * @param data for the client; {@code null} for none
     */
    public ConnectRefusedException(String message, @Nullable JsonNode data) {
        super(message);
        this.data = data;
    }

    /** What the client gets besides the message. */
    public @Nullable JsonNode data() {
        return data;
    }
}
