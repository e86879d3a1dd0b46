package io.duplex;

/**
 * The connection has ended before a call was done, such as a blocking one or {@link WebSocket#sendAsync(String)}; or for good,
 * where it was to come back by itself.
 */
public final class ConnectionClosedException extends WebSocketException {
    private static final long serialVersionUID = 1;

    private final transient CloseOutcome outcome;

    /** Creates the exception for {@code outcome}. */
    public ConnectionClosedException(CloseOutcome outcome) {
        super("connection closed: " + outcome.status() + " (" + outcome.detail() + ")", outcome.cause());
        this.outcome = outcome;
    }

    /** How the connection ended. */
    public CloseOutcome outcome() {
        return outcome;
    }
}
