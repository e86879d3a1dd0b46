package io.duplex;

/** The peer broke the protocol or exceeded a limit; the connection has been failed (RFC 6455 §7.1.7). */
public final class ProtocolException extends WebSocketException {
    private static final long serialVersionUID = 1;

    private final Violation violation;

    /** Creates the exception for {@code violation}. */
    public ProtocolException(Violation violation) {
        super(violation.description() + " (" + violation.section() + ")", null);
        this.violation = violation;
    }

    /** The rule that was broken. */
    public Violation violation() {
        return violation;
    }
}
