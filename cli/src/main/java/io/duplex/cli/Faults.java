package io.duplex.cli;

import io.duplex.WebSocketException;

/** Tells a user what went wrong. */
final class Faults {
    private Faults() {}

    /** One line; for what Duplex itself throws its message, for anything else its type too. */
    static String describe(Throwable fault) {
        String message = fault.getMessage();
        if (message != null && (fault instanceof WebSocketException || fault instanceof IllegalArgumentException)) {
            return message;
        }
        return fault.toString();
    }
}
