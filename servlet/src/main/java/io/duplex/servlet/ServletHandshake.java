package io.duplex.servlet;

import io.duplex.Handshake;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Agreement;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A handshake that a servlet request asked for.
 *
 * @param request what the client asked
 * @param agreement what was answered
 * @param principal who the container says that the client is; {@code null} if nobody
 */
record ServletHandshake(
        UpgradeRequest request,
        Agreement agreement,
        @Nullable Principal principal) implements Handshake {
    @Override
    public String target() {
        return request.head().resourceName();
    }

    @Override
    public String path() {
        return request.head().path();
    }

    @Override
    public @Nullable String query() {
        return request.head().query();
    }

    @Override
    public String pathParameter(String name) {
        throw new IllegalArgumentException("a servlet has no parameter '" + name + "' in its path");
    }

    @Override
    public @Nullable String header(String name) {
        return request.head().fields().first(name);
    }

    @Override
    public List<String> headers(String name) {
        return request.head().fields().all(name);
    }

    @Override
    public @Nullable String origin() {
        return header("Origin");
    }

    @Override
    public @Nullable String subprotocol() {
        return agreement.subprotocol();
    }

    @Override
    public String extensions() {
        return agreement.extensions();
    }

    @Override
    public SocketAddress remoteAddress() {
        return request.remoteAddress();
    }

    @Override
    public boolean isSecure() {
        return request.isSecure();
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return request.peerCertificates();
    }
}
