package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Acceptance;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket whose request has been answered, and takes what the client still has to send for its handshake. The
 * {@link ServerOpening}, whose clock goes on, does the rest. Confined to the event loop.
 */
final class Proving implements SocketListener {
    private final ServerOpening opening;
    private final SocketTransport transport;
    private final Acceptance acceptance;
    private final Handshake handshake;
    private final WebSocketHandler handler;
    private final ByteBuffer proof;

    Proving(
            ServerOpening opening,
            SocketTransport transport,
            Acceptance acceptance,
            Handshake handshake,
            WebSocketHandler handler) {
        this.opening = opening;
        this.transport = transport;
        this.acceptance = acceptance;
        this.handshake = handshake;
        this.handler = handler;
        this.proof = ByteBuffer.allocate(acceptance.proofBytes());
    }

    @Override
    public void onReadable(ByteBuffer in) {
        int length = Math.min(in.remaining(), proof.remaining());
        proof.put(proof.position(), in, in.position(), length).position(proof.position() + length);
        in.position(in.position() + length);
        if (!proof.hasRemaining()) {
            transport.listener(opening);
            opening.proved(acceptance.prove(proof.array()), acceptance, handshake, handler);
        }
    }

    @Override
    public void onEof() {
        transport.listener(opening);
        opening.onEof();
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        opening.onClosed(failure);
    }

    @Override
    public void onShutdown() {
        opening.onShutdown();
    }
}
