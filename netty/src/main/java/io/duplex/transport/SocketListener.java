package io.duplex.transport;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Who reads a {@link SocketTransport}: first the opening handshake, then the connection. Called on the event loop. */
public interface SocketListener {
    /** TCP is established. */
    default void onActive() {}

    /** TCP, and TLS if there is any, is established. */
    default void onConnected() {}

    /**
     * Bytes have come.
     *
     * @param in may be written to; what is not taken of it comes again, to whoever listens then
     */
    void onReadable(ByteBuffer in);

    /** A backlog is gone. */
    default void onWritable() {}

    /** The peer has ended its side. */
    void onEof();

    /** The socket is gone; {@code failure} is {@code null} if it was closed in the ordinary way. */
    void onClosed(@Nullable Throwable failure);

    /**
     * Memory for what was received is short. Told each second that it is.
     *
     * @param shortage which one it is: the same number until it is over, and another one then
     */
    default void onShortage(int shortage) {}

    /** This side shuts down: to be asked to end, in an orderly way if there is one. */
    default void onShutdown() {}

    /** Whoever has not been told yet. */
    SocketListener NONE = new SocketListener() {
        @Override
        public void onReadable(ByteBuffer in) {}

        @Override
        public void onEof() {}

        @Override
        public void onClosed(@Nullable Throwable failure) {}
    };
}
