package io.duplex.server;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Handshake;
import io.duplex.Role;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.protocol.Protocol;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import org.jspecify.annotations.Nullable;

/** An established connection of a server, which listens to its socket itself. Confined to the event loop. */
final class ServerConnection extends Connection implements SocketListener {
    /** How a connection ended that threw when it was to tell. */
    private static final CloseOutcome UNTOLD =
            new CloseOutcome(CloseStatus.ABNORMAL, null, false, ClosedBy.NETWORK, "connection ended", null);

    private final Gates gates;
    private Admissions.@Nullable Count count;
    private int headBytes;

    /**
     * Creates a connection; {@link #owes} is next.
     *
     * @param gates told of its end
     */
    ServerConnection(
            Protocol protocol,
            Handshake handshake,
            WebSocketHandler handler,
            ConnectionSettings settings,
            SocketTransport transport,
            Gates gates) {
        super(
                protocol,
                Role.SERVER,
                handshake,
                handler,
                settings,
                transport.loop().core(),
                transport);
        this.gates = gates;
    }

    /**
     * Notes what is to be given back at its end. Not the constructor's: if that throws, the visitor still has it.
     *
     * @param connections how many its address has; {@code null} if that is not counted
     * @param bytes what counts of its request's head
     */
    void owes(Admissions.@Nullable Count connections, int bytes) {
        count = connections;
        headBytes = bytes;
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        CloseOutcome outcome = UNTOLD;
        try {
            outcome = onTransportClosed(failure);
        } finally {
            if (headBytes > 0) {
                RequestMemory.SHARED.giveHead(headBytes);
            }
            gates.closed(this, outcome, count);
        }
    }

    @Override
    public void onShutdown() {
        close(CloseCode.GOING_AWAY, "");
    }
}
