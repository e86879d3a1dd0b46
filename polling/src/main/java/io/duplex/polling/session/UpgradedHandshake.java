package io.duplex.polling.session;

import io.duplex.Handshake;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeView;
import io.duplex.handshake.HeaderFields;
import java.security.Principal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The handshake of a session that begins as a WebSocket connection which a service answers itself. What the server's
 * authenticator noted besides the principal is not known here. Immutable and thread-safe.
 */
public final class UpgradedHandshake extends HandshakeView {
    private final @Nullable Principal principal;

    private UpgradedHandshake(Handshake agreed, @Nullable Principal principal) {
        super(agreed);
        this.principal = principal;
    }

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
    public @Nullable Principal principal() {
        return principal;
    }
}
