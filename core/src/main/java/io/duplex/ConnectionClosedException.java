package io.duplex;

/** A blocking call met a connection that has ended otherwise than by a clean close. */
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
