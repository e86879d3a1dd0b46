package io.duplex;

import org.jspecify.annotations.Nullable;

/** Root of the exceptions that tell of a connection's failure. */
public class WebSocketException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param message the fault and, where there is one, the fix
     * @param cause the failure behind it, or {@code null}
     */
    public WebSocketException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
