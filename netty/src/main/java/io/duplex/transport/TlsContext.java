package io.duplex.transport;

import io.duplex.WebSocketException;
import io.duplex.handshake.IpAddress;
import io.duplex.tls.ClientTls;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsProvider;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Makes what does TLS on one connection. Thread-safe. */
public final class TlsContext {
    private static final System.Logger LOGGER = System.getLogger(TlsContext.class.getName());

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Those of TLS 1.3, and of 1.2 those with forward secrecy and authenticated encryption (RFC 7525 §4.2). */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final TlsProvider provider;
    /** {@code null} if the JDK's context was given. */
    private final @Nullable SslContext context;

    private final @Nullable SSLContext jdkContext;
    private final boolean verifiesHost;

    private TlsContext(
            TlsProvider provider, @Nullable SslContext context, @Nullable SSLContext jdkContext, boolean verifiesHost) {
        this.provider = provider;
        this.context = context;
        this.jdkContext = jdkContext;
        this.verifiesHost = verifiesHost;
        LOGGER.log(System.Logger.Level.DEBUG, "TLS is done by " + provider.label());
    }

    /**
     * A server's.
     *
     * @throws SSLException if the provider refuses the options
     */
    public static TlsContext server(ServerTls options) throws SSLException {
        TlsProvider provider = options.provider();
        SslContextBuilder builder = SslContextBuilder.forServer(factory(provider, options.keys()));
        if (options.clientTrust() != null) {
            builder.trustManager(options.clientTrust())
                    .clientAuth(options.requiresClientCertificate() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        }
        return new TlsContext(provider, common(builder, provider), null, false);
    }

    /**
     * A client's.
     *
     * @throws SSLException if the provider refuses the options
     */
    public static TlsContext client(ClientTls options) throws SSLException {
        TlsProvider provider = options.provider();
        if (options.context() != null) {
            return new TlsContext(provider, null, options.context(), true);
        }
        SslContextBuilder builder = SslContextBuilder.forClient();
        if (options.trustsAll()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        } else if (options.trust() != null) {
            builder.trustManager(options.trust());
        }
        if (options.keys() != null) {
            builder.keyManager(factory(provider, options.keys()));
        }
        return new TlsContext(provider, common(builder, provider), null, !options.trustsAll());
    }

    /**
     * The same for what does TLS by itself, and by the JDK's.
     *
     * @return {@code null} for the JVM's default
     * @throws WebSocketException if the options cannot be used
     */
    public static @Nullable SSLContext jdkContext(ClientTls options) {
        if (options.context() != null) {
            return options.context();
        }
        boolean hasDefaultTrust = !options.trustsAll() && options.trust() == null;
        if (hasDefaultTrust && options.keys() == null) {
            return null;
        }
        TrustManager[] trusted = null;
        if (options.trustsAll()) {
            trusted = InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
        } else if (options.trust() != null) {
            trusted = new TrustManager[] {options.trust()};
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(options.keys() == null ? null : new KeyManager[] {options.keys()}, trusted, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new WebSocketException("TLS cannot be used with these options: " + e.getMessage(), e);
        }
    }

    private static SslContext common(SslContextBuilder builder, TlsProvider provider) throws SSLException {
        return builder.sslProvider(provider == TlsProvider.JDK ? SslProvider.JDK : SslProvider.OPENSSL_REFCNT)
                .protocols(PROTOCOLS)
                .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .build();
    }

    private static KeyManagerFactory factory(TlsProvider provider, X509ExtendedKeyManager keys) {
        KeyManagerFactory factory = new OneKeyManager(keys);
        // Otherwise each handshake would parse chain and key again. An alias stands for the same chain and key for
        // ever.
        return provider == TlsProvider.JDK ? factory : new OpenSslCachingX509KeyManagerFactory(factory);
    }

    /** What does it. */
    public TlsProvider provider() {
        return provider;
    }

    /** What does TLS on one connection that was accepted. */
    SslHandler serverHandler() {
        if (context == null) {
            throw new IllegalStateException("not a server's");
        }
        return context.newHandler(LoopGroup.ALLOCATOR);
    }

    /**
     * What does TLS on one connection to a server.
     *
     * @param host the name that its certificate must have
     */
    public SslHandler clientHandler(String host, int port) {
        // A name may end in the dot of the root; neither certificates nor server name indication have it.
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        SslHandler handler;
        if (context != null) {
            handler = context.newHandler(LoopGroup.ALLOCATOR, name, port);
        } else if (jdkContext != null) {
            SSLEngine engine = jdkContext.createSSLEngine(name, port);
            engine.setUseClientMode(true);
            handler = new SslHandler(engine);
        } else {
            throw new AssertionError("no context");
        }
        configure(handler.engine(), name);
        return handler;
    }

    private void configure(SSLEngine engine, String name) {
        SSLParameters parameters = engine.getSSLParameters();
        if (jdkContext != null) {
            parameters.setProtocols(PROTOCOLS);
        }
        parameters.setEndpointIdentificationAlgorithm(verifiesHost ? "HTTPS" : null);
        SNIServerName serverName = serverName(name);
        if (serverName != null) {
            parameters.setServerNames(List.of(serverName));
        }
        engine.setSSLParameters(parameters);
    }

    /** What the server is told (RFC 6066 §3); {@code null} for what may not be sent. */
    private static @Nullable SNIServerName serverName(String name) {
        if (IpAddress.parse(name) != null) {
            return null;
        }
        try {
            // As bytes: there are hosts whose names have an underscore, which the rules for strings forbid.
            return new SNIHostName(name.getBytes(StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Gives back native memory. No handler may be made any more; those that are there go on. */
    public void release() {
        ReferenceCountUtil.release(context);
    }

    /** A factory of what is there already. */
    private static final class OneKeyManager extends SimpleKeyManagerFactory {
        private final KeyManager keys;

        OneKeyManager(KeyManager keys) {
            this.keys = keys;
        }

        @Override
        protected void engineInit(KeyStore store, char[] password) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {keys};
        }
    }
}
