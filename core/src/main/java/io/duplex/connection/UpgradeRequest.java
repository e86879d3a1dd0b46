package io.duplex.connection;

import io.duplex.handshake.RequestHead;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A request for a WebSocket connection, as a host has it. Immutable and thread-safe.
 *
 * @param head the request, of which nothing has been checked but HTTP's grammar
 * @param remoteAddress as {@link io.duplex.Handshake#remoteAddress}
 * @param isSecure as {@link io.duplex.Handshake#isSecure}
 * @param peerCertificates as {@link io.duplex.Handshake#peerCertificates}
 */
public record UpgradeRequest(
        RequestHead head, SocketAddress remoteAddress, boolean isSecure, List<X509Certificate> peerCertificates) {
    /** Copies the list. */
    public UpgradeRequest {
        peerCertificates = List.copyOf(peerCertificates);
    }
}
