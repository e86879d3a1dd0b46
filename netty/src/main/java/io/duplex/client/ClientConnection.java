package io.duplex.client;

import io.duplex.CloseCode;
import io.duplex.connection.Connection;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Listens to the socket of an open connection.
 *
 * @param connection the connection
 * @param transport its socket
 * @param sockets where it is on the list
 */
record ClientConnection(Connection connection, SocketTransport transport, LiveSockets sockets)
        implements SocketListener {
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
        try {
            connection.onTransportClosed(failure);
        } finally {
            sockets.remove(transport);
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
}
