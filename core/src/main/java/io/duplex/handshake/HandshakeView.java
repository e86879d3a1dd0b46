package io.duplex.handshake;

import io.duplex.Handshake;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A handshake that shows another one, all but what a subclass shows otherwise. Thread-safe as that is. */
public class HandshakeView implements Handshake {
    private final Handshake agreed;

    /** Creates a view of {@code agreed}. */
    protected HandshakeView(Handshake agreed) {
        this.agreed = agreed;
    }

    /** The handshake that is shown. */
    public final Handshake agreed() {
        return agreed;
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
    public Map<String, List<String>> responseHeaders() {
        return agreed.responseHeaders();
    }

    @Override
    public SocketAddress remoteAddress() {
        return agreed.remoteAddress();
    }

    @Override
    public SocketAddress peerAddress() {
        return agreed.peerAddress();
    }

    @Override
    public boolean isSecure() {
        return agreed.isSecure();
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return agreed.peerCertificates();
    }

    @Override
    public @Nullable Principal principal() {
        return agreed.principal();
    }

    @Override
    public Map<String, Object> attributes() {
        return agreed.attributes();
    }
}
