package io.duplex.cli;

import io.duplex.HandshakeException;
import io.duplex.WebSocketException;
import java.nio.charset.StandardCharsets;

/** Tells a user what went wrong, in one line. */
final class Faults {
    private static final int MAX_BODY_CHARS = 200;

    private Faults() {}

    /**
     * What is wrong. For what Duplex itself throws this is its message, for anything else its type too. If a server refused
     * the handshake, what it said follows.
     */
    static String describe(Throwable fault) {
        String message = fault.getMessage();
        if (message == null || !(fault instanceof WebSocketException || fault instanceof IllegalArgumentException)) {
            return printable(fault.toString());
        }
        if (fault instanceof HandshakeException refusal && refusal.body().length > 0) {
            String body = new String(refusal.body(), StandardCharsets.UTF_8).strip();
            String start = body.length() > MAX_BODY_CHARS ? body.substring(0, MAX_BODY_CHARS) + "..." : body;
            message += ": " + start;
        }
        return printable(message);
    }

    /** The text without control characters, which could break a line or command a terminal. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cc}+", " ");
    }
}
