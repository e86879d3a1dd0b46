package io.duplex.protocol;

import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.Violation;
import org.jspecify.annotations.Nullable;

/**
 * How one connection ends (RFC 6455 §7): what the two Close frames said, or which rule the peer broke. It is made when the
 * end begins, so that an open connection has none. Confined to one thread at a time.
 */
final class ClosingHandshake {
    /** What our Close frame said; {@code null} until it is sent. */
    @Nullable CloseStatus sent;

    /** What the peer's Close frame said; {@code null} until it comes. */
    @Nullable CloseStatus received;

    /** The rule that the peer broke; {@code null} if none. */
    @Nullable Violation violation;

    /** Whether the transport connection has ended. */
    boolean transportEnded;

    /** The state that follows {@link ReadyState#OPEN} (RFC 6455 §7.1.3, §7.1.4). */
    ReadyState state() {
        return transportEnded ? ReadyState.CLOSED : ReadyState.CLOSING;
    }

    /** Whether what still comes is discarded (RFC 6455 §5.5.1, §7.1.7). */
    boolean isInputOver() {
        return received != null || violation != null || transportEnded;
    }

    /** What the transport connection is to do: the server closes TCP first, and at once (RFC 6455 §7.1.1). */
    TransportIntent intent(Role role) {
        if (violation != null || transportEnded) {
            return TransportIntent.CLOSE;
        }
        return received != null && role == Role.SERVER ? TransportIntent.CLOSE : TransportIntent.AWAIT_PEER_CLOSE;
    }
}
