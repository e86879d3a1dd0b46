package io.duplex.server;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.connection.Connection;
import io.duplex.transport.SocketListener;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket on behalf of an established connection of a server. Confined to the event loop.
 *
 * @param connection the connection
 * @param gates told of its end
 * @param count how many its address has; {@code null} if that is not counted
 * @param headBytes what counts of its request's head
 */
record ServerConnection(Connection connection, Gates gates, Admissions.@Nullable Count count, int headBytes)
        implements SocketListener {
    /** How a connection ended that threw when it was to tell. */
    private static final CloseOutcome UNTOLD =
            new CloseOutcome(CloseStatus.ABNORMAL, null, false, ClosedBy.NETWORK, "connection ended", null);

    @Override
    public void onReadable(ByteBuffer in) {
        connection.onReadable(in);
    }

    @Override
    public void onWritable() {
        connection.onWritable();
    }

    @Override
    public void onEof() {
        connection.onEof();
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        CloseOutcome outcome = UNTOLD;
        try {
            outcome = connection.onTransportClosed(failure);
        } finally {
            if (headBytes > 0) {
                RequestMemory.SHARED.giveHead(headBytes);
            }
            gates.closed(connection, outcome, count);
        }
    }

    @Override
    public void onShortage(int shortage) {
        connection.onShortage(shortage);
    }

    @Override
    public void onShutdown() {
        connection.close(CloseCode.GOING_AWAY, "");
    }

    void close(CloseStatus status) {
        connection.close(status.code(), status.reason());
    }
}
