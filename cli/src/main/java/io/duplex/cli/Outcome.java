package io.duplex.cli;

import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;

/** What users are told of how a connection ended. */
final class Outcome {
    private Outcome() {}

    /**
     * The close status that explains the end: the one that arrived, or, where this side ended the connection because of a
     * fault, the one that it sent.
     */
    static CloseStatus decisive(CloseOutcome outcome) {
        CloseStatus sent = outcome.sent();
        return switch (outcome.closedBy()) {
            case PROTOCOL, LIMIT, TIMEOUT, HANDLER -> sent == null ? outcome.status() : sent;
            case PEER, SELF, NETWORK -> outcome.status();
        };
    }

    /** Whether the closing handshake was completed, and without a fault before it. */
    static boolean isOrdinary(CloseOutcome outcome) {
        return switch (outcome.closedBy()) {
            case PEER, SELF -> outcome.clean();
            case PROTOCOL, LIMIT, TIMEOUT, HANDLER, NETWORK -> false;
        };
    }
}
