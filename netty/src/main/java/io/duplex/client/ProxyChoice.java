package io.duplex.client;

import io.duplex.handshake.WebSocketUri;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the proxy for a server. Thread-safe, and must not block: it is called on event loops.
 *
 * <pre>{@code
 * ProxyChoice.always(Proxy.http("proxy.example", 3128)).except("localhost", ".internal.example", "10.0.0.0/8")
 * }</pre>
 */
@FunctionalInterface
public interface ProxyChoice {
    /** No proxy for any server. */
    ProxyChoice NONE = uri -> null;

    /**
     * The proxy for {@code uri}; {@code null} to connect directly. What it throws fails the attempt to connect.
     *
     * @param uri {@code ws} or {@code wss}
     */
    @Nullable Proxy proxyFor(WebSocketUri uri);

    /** The same proxy for every server. */
    static ProxyChoice always(Proxy proxy) {
        return uri -> proxy;
    }

    /**
     * The proxies that the environment names, as most programs read it: {@code https_proxy} for {@code wss}, {@code http_proxy}
     * for {@code ws}, {@code all_proxy} for what has none, in lower or upper case (but not {@code HTTP_PROXY}, which a CGI
     * program's client can set), and the servers in {@code no_proxy} for which there is none.
     *
     * @throws IllegalArgumentException if a variable is no proxy, as {@link Proxy#parse} reads it, or no list of hosts
     */
    static ProxyChoice environment() {
        return environment(System.getenv());
    }

    /** As {@link #environment()}, with other variables. */
    static ProxyChoice environment(Map<String, String> variables) {
        return EnvironmentProxies.of(variables);
    }

    /**
     * This choice, but no proxy for some servers.
     *
     * @param hosts each a name, which stands for itself and for all below it, with or without a dot or {@code *.} in front; an IP
     *     address; a block of addresses such as {@code 10.0.0.0/8}, which is compared with addresses in URIs and not with what
     *     names resolve to; any of these with {@code :port}, IPv6 in brackets then; or {@code *} for all
     * @throws IllegalArgumentException if one is none of these
     */
    default ProxyChoice except(String... hosts) {
        ProxyBypass bypass = ProxyBypass.of(hosts);
        return uri -> bypass.matches(uri) ? null : proxyFor(uri);
    }
}
