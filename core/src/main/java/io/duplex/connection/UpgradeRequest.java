package io.duplex.connection;

import io.duplex.handshake.RequestHead;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request for a WebSocket connection, as a host has it. Immutable and thread-safe.
 *
 * @param head the request, of which nothing has been checked but HTTP's grammar
 * @param remoteAddress as {@link io.duplex.Handshake#remoteAddress}
 * @param isSecure as {@link io.duplex.Handshake#isSecure}
 * @param peerCertificates as {@link io.duplex.Handshake#peerCertificates}
 * @param principal who the peer is, as the host's authentication found; {@code null} if there is none
 */
public record UpgradeRequest(
        RequestHead head,
        SocketAddress remoteAddress,
        boolean isSecure,
        List<X509Certificate> peerCertificates,
        @Nullable Principal principal) {
    /** Copies the list. */
    public UpgradeRequest {
        peerCertificates = List.copyOf(peerCertificates);
    }

    /** A request by nobody. */
    public UpgradeRequest(
            RequestHead head, SocketAddress remoteAddress, boolean isSecure, List<X509Certificate> peerCertificates) {
        this(head, remoteAddress, isSecure, peerCertificates, null);
    }
}
