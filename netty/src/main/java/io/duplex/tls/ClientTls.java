package io.duplex.tls;

import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A client's side of TLS (RFC 6455 §4.1, §10.6): 1.2 or 1.3, with server name indication, and with the certificate checked
 * against the host's name. Immutable and thread-safe, but for its certificate, which follows its files ({@link TlsIdentity}).
 */
public final class ClientTls {
    /** The JVM's trust, no certificate of its own. */
    public static final ClientTls DEFAULT = builder().build();

    private final @Nullable SSLContext context;
    private final @Nullable X509TrustManager trust;
    private final @Nullable X509ExtendedKeyManager keys;
    private final boolean trustsAll;
    private final @Nullable TlsProvider provider;

    private ClientTls(Builder builder, @Nullable SSLContext context) {
        this.context = context;
        this.trust = builder.trust;
        this.keys = builder.keys;
        this.trustsAll = builder.trustsAll;
        this.provider = context == null ? builder.provider : TlsProvider.JDK;
    }

    /** TLS by a context of the JDK, with its trust, its certificates and its ciphers. */
    public static ClientTls of(SSLContext context) {
        return new ClientTls(builder(), context);
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** What to make connections with; {@code null} if it was not given, but all else was. */
    public @Nullable SSLContext context() {
        return context;
    }

    /** Checks servers' certificates; {@code null} for the JVM's own trust. */
    public @Nullable X509TrustManager trust() {
        return trust;
    }

    /** Shows the client's certificate; {@code null} if it has none. */
    public @Nullable X509ExtendedKeyManager keys() {
        return keys;
    }

    /** Whether nothing is checked. */
    public boolean trustsAll() {
        return trustsAll;
    }

    /** What does it. */
    public TlsProvider provider() {
        return provider == null ? TlsProvider.best() : provider;
    }

    /** Builds {@link ClientTls}. Confined to one thread at a time. */
    public static final class Builder {
        private @Nullable X509TrustManager trust;
        private @Nullable X509ExtendedKeyManager keys;
        private boolean trustsAll;
        private @Nullable TlsProvider provider;

        private Builder() {}

        /**
         * Trusts these certificates, and what they signed, instead of the JVM's.
         *
         * @param trusted a PEM file
         * @throws io.duplex.WebSocketException if it cannot be read or has no certificate
         */
        public Builder trust(Path trusted) {
            trust = TrustedFile.read(trusted);
            return this;
        }

        /** Shows a certificate to servers that ask for one (mutual TLS). Default: none. */
        public Builder identity(TlsIdentity shown) {
            keys = new IdentityKeys(shown, Map.of());
            return this;
        }

        /**
         * <strong>Dangerous: switches off all that makes TLS safe.</strong> Any certificate is taken, for any host: whoever
         * stands in between reads and changes everything. For tests against servers with a certificate of their own making only;
         * {@link #trust} is better.
         */
        public Builder insecureTrustAll() {
            trustsAll = true;
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

        /**
         * Builds the options.
         *
         * @throws IllegalStateException if there are certificates to {@link #trust} and all are to be trusted
         */
        public ClientTls build() {
            if (trustsAll && trust != null) {
                throw new IllegalStateException("trust and insecureTrustAll exclude each other");
            }
            return new ClientTls(this, null);
        }
    }
}
