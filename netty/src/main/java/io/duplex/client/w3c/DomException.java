package io.duplex.client.w3c;

/**
 * The standard's {@code DOMException}: a call that the caller should not have made. Immutable and thread-safe.
 *
 * <p>Its names here are {@code SyntaxError}, {@code InvalidStateError} and {@code InvalidAccessError}.
 */
public final class DomException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The name that stands for the kind of error. */
    private final String name;

    private final int code;

    private DomException(String name, int code, String message) {
        super(message);
        this.name = name;
        this.code = code;
    }

    static DomException syntax(String message) {
        return new DomException("SyntaxError", 12, message);
    }

    static DomException invalidState(String message) {
        return new DomException("InvalidStateError", 11, message);
    }

    static DomException invalidAccess(String message) {
        return new DomException("InvalidAccessError", 15, message);
    }

    /** What kind of error it is, such as {@code SyntaxError}. */
    public String name() {
        return name;
    }

    /** The number that older interfaces have for the {@link #name()}: 11, 12 or 15. */
    public int code() {
        return code;
    }
}
