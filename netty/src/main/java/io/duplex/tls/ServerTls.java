package io.duplex.tls;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A server's side of TLS: 1.2 and 1.3, with ciphers that keep what was recorded secret even if the key is stolen later. Immutable
 * and thread-safe, but for its certificates, which follow their files ({@link TlsIdentity}).
 */
public final class ServerTls {
    private final X509ExtendedKeyManager keys;
    private final @Nullable X509TrustManager clientTrust;
    private final boolean requiresClientCertificate;
    private final @Nullable TlsProvider provider;

    private ServerTls(Builder builder) {
        this.keys = new IdentityKeys(builder.identity, builder.byHost);
        this.clientTrust = builder.clientTrust;
        this.requiresClientCertificate = builder.requiresClientCertificate;
        this.provider = builder.provider;
    }

    /**
     * TLS with one certificate and the defaults.
     *
     * @param chain as in {@link TlsIdentity#of}
     * @param key as in {@link TlsIdentity#of}
     * @throws io.duplex.WebSocketException if a file cannot be read, or the key is not that of the certificate
     */
    public static ServerTls of(Path chain, Path key) {
        return builder(TlsIdentity.of(chain, key)).build();
    }

    /**
     * Starts from the defaults.
     *
     * @param identity what clients are shown that name no host, or one that has no identity of its own
     */
    public static Builder builder(TlsIdentity identity) {
        return new Builder(identity);
    }

    /** Shows the certificates: the one that fits the host name that a client asks for. */
    public X509ExtendedKeyManager keys() {
        return keys;
    }

    /** Checks clients' certificates; {@code null} if they are not asked for one. */
    public @Nullable X509TrustManager clientTrust() {
        return clientTrust;
    }

    /** Whether a client without a certificate is refused. */
    public boolean requiresClientCertificate() {
        return requiresClientCertificate;
    }

    /** What does it. */
    public TlsProvider provider() {
        return provider == null ? TlsProvider.best() : provider;
    }

    /** Builds {@link ServerTls}. Confined to one thread at a time. */
    public static final class Builder {
        private final TlsIdentity identity;
        private final Map<String, TlsIdentity> byHost = new HashMap<>();
        private @Nullable X509TrustManager clientTrust;
        private boolean requiresClientCertificate;
        private @Nullable TlsProvider provider;

        private Builder(TlsIdentity identity) {
            this.identity = identity;
        }

        /**
         * Shows another identity to clients that ask for a certain host (SNI, RFC 6066 §3).
         *
         * @param host such as {@code chat.example}; or {@code *.chat.example}, where the star stands for one label
         * @throws IllegalArgumentException if it is no host name
         */
        public Builder identity(String host, TlsIdentity shown) {
            String star = host.startsWith("*.") ? "*." : "";
            String name = new SNIHostName(host.substring(star.length())).getAsciiName();
            byHost.put(star + name.toLowerCase(Locale.ROOT), shown);
            return this;
        }

        /**
         * Takes only clients with a certificate that one of these signed (mutual TLS). A handler finds it in {@link
         * io.duplex.Handshake#peerCertificates()}. Default: clients are not asked for one.
         *
         * @param trusted a PEM file
         * @throws io.duplex.WebSocketException if it cannot be read or has no certificate
         */
        public Builder requireClientCertificate(Path trusted) {
            clientTrust = TrustedFile.read(trusted);
            requiresClientCertificate = true;
            return this;
        }

        /**
         * Asks clients for a certificate that one of these signed, and takes those that have none, too. One that nobody here
         * signed is refused all the same. Default: clients are not asked for one.
         *
         * @param trusted a PEM file
         * @throws io.duplex.WebSocketException if it cannot be read or has no certificate
         */
        public Builder requestClientCertificate(Path trusted) {
            clientTrust = TrustedFile.read(trusted);
            requiresClientCertificate = false;
            return this;
        }

        /**
         * Sets what does it. Default: {@link TlsProvider#best()}.
         *
         * @throws IllegalArgumentException if it is not there
         */
        public Builder provider(TlsProvider forced) {
            forced.require();
            provider = forced;
            return this;
        }

        /** Builds the options. */
        public ServerTls build() {
            return new ServerTls(this);
        }
    }
}
