package io.duplex.server;

import io.duplex.Handshake;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A handshake with what a server's gates found out about the peer. Made only where there are such gates.
 *
 * @param agreed the handshake without that
 * @param peerAddress the other end of the transport connection
 * @param principal who the peer is; {@code null} if nobody asked
 * @param attributes what the authentication noted
 */
record GatedHandshake(
        Handshake agreed,
        SocketAddress peerAddress,
        @Nullable Principal principal,
        Map<String, Object> attributes) implements Handshake {
    @Override
    public String target() {
        return agreed.target();
    }

    @Override
    public String path() {
        return agreed.path();
    }

    @Override
    public @Nullable String query() {
        return agreed.query();
    }

    @Override
    public String pathParameter(String name) {
        return agreed.pathParameter(name);
    }

    @Override
    public @Nullable String header(String name) {
        return agreed.header(name);
    }

    @Override
    public List<String> headers(String name) {
        return agreed.headers(name);
    }

    @Override
    public @Nullable String origin() {
        return agreed.origin();
    }

    @Override
    public @Nullable String subprotocol() {
        return agreed.subprotocol();
    }

    @Override
    public String extensions() {
        return agreed.extensions();
    }

    @Override
    public SocketAddress remoteAddress() {
        return agreed.remoteAddress();
    }

    @Override
    public boolean isSecure() {
        return agreed.isSecure();
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return agreed.peerCertificates();
    }
}
