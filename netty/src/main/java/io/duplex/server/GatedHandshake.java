package io.duplex.server;

import io.duplex.Handshake;
import io.duplex.handshake.HandshakeView;
import java.net.SocketAddress;
import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A handshake with what a server's gates found out about the peer. Made only where there are such gates. */
final class GatedHandshake extends HandshakeView {
    private final SocketAddress peerAddress;
    private final @Nullable Principal principal;
    private final Map<String, Object> attributes;

    /**
     * Creates it.
     *
     * @param agreed the handshake without that
     * @param peerAddress the other end of the transport connection
     * @param principal who the peer is; {@code null} if nobody asked
     * @param attributes what the authentication noted
     */
    GatedHandshake(
            Handshake agreed,
            SocketAddress peerAddress,
            @Nullable Principal principal,
            Map<String, Object> attributes) {
        super(agreed);
        this.peerAddress = peerAddress;
        this.principal = principal;
        this.attributes = attributes;
    }

    @Override
    public SocketAddress peerAddress() {
        return peerAddress;
    }

    @Override
    public @Nullable Principal principal() {
        return principal;
    }

    @Override
    public Map<String, Object> attributes() {
        return attributes;
    }
}
