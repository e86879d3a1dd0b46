package io.duplex.transport;

import io.duplex.CloseCode;
import io.duplex.connection.Connection;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket on behalf of an established connection.
 *
 * @param connection the connection
 */
public record OpenConnection(Connection connection) implements SocketListener {
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
        connection.onTransportClosed(failure);
    }

    @Override
    public void onShutdown() {
        connection.close(CloseCode.GOING_AWAY, "");
    }
}
