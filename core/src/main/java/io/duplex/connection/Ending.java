package io.duplex.connection;

import io.duplex.CloseOutcome.ClosedBy;
import org.jspecify.annotations.Nullable;

/** Who or what ended a connection: the first cause, and what went wrong afterwards. */
record Ending(ClosedBy by, String detail, @Nullable Throwable cause) {
    /** Adds what came after; the first cause stays the cause. */
    Ending then(String next, @Nullable Throwable failure) {
        return new Ending(by, detail + ", then " + next, cause == null ? failure : cause);
    }
}
