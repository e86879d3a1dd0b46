package io.duplex.transport;

import io.duplex.CloseOutcome;
import io.duplex.connection.Adoption;
import io.duplex.connection.Connection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Listens to a socket that another server has accepted, first of all to what that one read already. */
final class AdoptedSocket implements SocketListener {
    private final SocketTransport transport;
    private final ByteBuffer early;
    private final Adoption adoption;
    /** {@code null} until the socket is on its loop. */
    private @Nullable Connection connection;

    AdoptedSocket(SocketTransport transport, ByteBuffer early, Adoption adoption) {
        this.transport = transport;
        this.early = early;
        this.adoption = adoption;
    }

    @Override
    public void onConnected() {
        Connection made = adoption.connect(transport.loop().core(), transport);
        connection = made;
        made.onOpen();
        if (early.hasRemaining()) {
            made.onReadable(early);
        }
    }

    @Override
    public void onReadable(ByteBuffer in) {
        if (connection != null) {
            connection.onReadable(in);
        }
    }

    @Override
    public void onWritable() {
        if (connection != null) {
            connection.onWritable();
        }
    }

    @Override
    public void onEof() {
        if (connection != null) {
            connection.onEof();
        }
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        CloseOutcome outcome = null;
        try {
            outcome = connection == null ? null : connection.onTransportClosed(failure);
        } finally {
            adoption.ended(outcome);
        }
    }
}
