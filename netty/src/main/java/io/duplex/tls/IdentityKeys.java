package io.duplex.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the identity that fits the host name which the client asks for (RFC 6066 §3), else the one for all others. Thread-safe.
 */
final class IdentityKeys extends X509ExtendedKeyManager {
    private final TlsIdentity fallback;
    private final Map<String, TlsIdentity> byHost;
    private final List<TlsIdentity> all;

    /**
     * Creates a key manager.
     *
     * @param byHost by host name in lower case, or by {@code *} and the rest of a name from its first dot on
     */
    IdentityKeys(TlsIdentity fallback, Map<String, TlsIdentity> byHost) {
        this.fallback = fallback;
        this.byHost = Map.copyOf(byHost);
        this.all = new ArrayList<>(byHost.values());
        all.add(fallback);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return aliasOf(asked(engine.getHandshakeSession()), keyType);
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
        // The issuers are a hint (RFC 8446 §4.2.4); who has one certificate shows it, and lets the server decide.
        return aliasOf(fallback, keyTypes);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, Socket socket) {
        return aliasOf(fallback, keyType);
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return aliasOf(fallback, keyTypes);
    }

    private static @Nullable String aliasOf(TlsIdentity identity, String... keyTypes) {
        KeyMaterial material = identity.current();
        return Arrays.stream(keyTypes).anyMatch(material::isOf) ? material.alias() : null;
    }

    private TlsIdentity asked(@Nullable SSLSession handshake) {
        if (!byHost.isEmpty() && handshake instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return forHost(host.getAsciiName().toLowerCase(Locale.ROOT));
                }
            }
        }
        return fallback;
    }

    TlsIdentity forHost(String host) {
        TlsIdentity exact = byHost.get(host);
        if (exact != null) {
            return exact;
        }
        int dot = host.indexOf('.');
        // One label stands for the star, as in certificates (RFC 6125 §6.4.3).
        return dot < 0 ? fallback : byHost.getOrDefault("*" + host.substring(dot), fallback);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        KeyMaterial material = find(alias);
        return material == null ? null : material.chain().toArray(new X509Certificate[0]);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        KeyMaterial material = find(alias);
        return material == null ? null : material.key();
    }

    private @Nullable KeyMaterial find(String alias) {
        for (TlsIdentity identity : all) {
            KeyMaterial material = identity.find(alias);
            if (material != null) {
                return material;
            }
        }
        return null;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return aliases(keyType);
    }

    private String[] aliases(String keyType) {
        return all.stream()
                .map(TlsIdentity::current)
                .filter(material -> material.isOf(keyType))
                .map(KeyMaterial::alias)
                .toArray(String[]::new);
    }
}
