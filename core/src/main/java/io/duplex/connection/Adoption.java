package io.duplex.connection;

import io.duplex.CloseOutcome;
import org.jspecify.annotations.Nullable;

/** What becomes of a transport connection whose opening handshake is done. Confined to its event loop. */
public interface Adoption {
    /**
     * Makes the connection, which the host then opens. What this throws closes the transport connection.
     *
     * @param loop what the connections of the event loop share
     * @param transport what to send with
     */
    Connection connect(Loop loop, Transport transport);

    /**
     * The transport connection is gone. Comes last, and once.
     *
     * @param outcome what the handler was told; {@code null} if there was never a {@link Connection}
     */
    void ended(@Nullable CloseOutcome outcome);
}
