package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import org.jspecify.annotations.Nullable;

/** Who or what ended a connection: the first cause, and what went wrong afterwards. */
record Ending(ClosedBy by, String detail, @Nullable Throwable cause) {
    static final String NO_CLOSE_FRAME = "connection ended without a Close frame";

    /** Adds what came after; the first cause stays the cause. */
    Ending then(String next, @Nullable Throwable failure) {
        return new Ending(by, detail + ", then " + next, cause == null ? failure : cause);
    }

    /**
     * What the application is told.
     *
     * @param ending {@code null} if nothing came before the end of the transport connection
     * @param received what the peer's Close frame said; {@code null} if none came
     * @param sent what ours said; {@code null} if none was sent
     * @param failure what ended the transport connection; {@code null} if it was closed in the ordinary way
     */
    static CloseOutcome outcome(
            @Nullable Ending ending,
            @Nullable CloseStatus received,
            @Nullable CloseStatus sent,
            @Nullable Throwable failure) {
        boolean clean = received != null; // the engine has answered it
        String why = failure == null ? NO_CLOSE_FRAME : describe(failure);
        Ending end = ending;
        if (end == null) {
            end = new Ending(ClosedBy.NETWORK, why, failure);
        } else if (!clean && failure != null) {
            end = end.then(why, failure);
        }
        return new CloseOutcome(
                received == null ? CloseStatus.ABNORMAL : received, sent, clean, end.by, end.detail, end.cause);
    }

    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getName() : message;
    }
}
