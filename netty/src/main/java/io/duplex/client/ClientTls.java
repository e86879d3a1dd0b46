package io.duplex.client;

import io.duplex.handshake.WebSocketUri;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.NetUtil;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of TLS (RFC 6455 §4.1, §10.6): 1.2 or later, with server name indication, and with the certificate
 * checked against the host's name. Immutable and thread-safe.
 */
final class ClientTls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SSLContext context;
    private final boolean verifiesHost;

    private ClientTls(SSLContext context, boolean verifiesHost) {
        this.context = context;
        this.verifiesHost = verifiesHost;
    }

    /**
     * Checks certificates.
     *
     * @param context {@code null} for the JVM's own
     */
    static ClientTls verifying(@Nullable SSLContext context) {
        try {
            return new ClientTls(context == null ? SSLContext.getDefault() : context, true);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS: " + e.getMessage(), e);
        }
    }

    /** Checks nothing. */
    static ClientTls trustingAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            return new ClientTls(context, false);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS: " + e.getMessage(), e);
        }
    }

    /** What does TLS on one connection; {@code null} if {@code uri} is not secure. */
    @Nullable SslHandler handler(WebSocketUri uri) {
        if (!uri.isSecure()) {
            return null;
        }
        String host = withoutDot(uri.host());
        SSLEngine engine = context.createSSLEngine(host, uri.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(PROTOCOLS);
        if (verifiesHost) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        // Literals may not be sent (RFC 6066 §3).
        if (!isLiteral(host)) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        engine.setSSLParameters(parameters);
        return new SslHandler(engine);
    }

    /** A name may end in the dot of the root; neither certificates nor server name indication have it. */
    private static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private static boolean isLiteral(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }
}
