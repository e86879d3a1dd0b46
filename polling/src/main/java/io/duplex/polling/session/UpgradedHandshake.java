package io.duplex.polling.session;

import io.duplex.Handshake;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of a session that begins as a WebSocket connection which a service answers itself. What the server's
 * authenticator noted besides the principal is not known here. Immutable and thread-safe.
 *
 * @param agreed the handshake without the principal
 * @param principal who the peer is; {@code null} if nobody asked
 */
public record UpgradedHandshake(Handshake agreed, @Nullable Principal principal) implements Handshake {
    /** Of a request that was accepted. */
    public static Handshake of(UpgradeRequest request, Answer.Accepted accepted) {
        Handshake agreed = new CompletedHandshake(
                request.head(),
                accepted.agreement(),
                HeaderFields.EMPTY,
                Map.of(),
                request.remoteAddress(),
                request.isSecure(),
                request.peerCertificates());
        return request.principal() == null ? agreed : new UpgradedHandshake(agreed, request.principal());
    }

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
