package io.duplex.client;

import io.duplex.handshake.WebSocketUri;
import io.duplex.transport.PercentDecoding;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that makes a tunnel to the server (RFC 6455 §4.1): by HTTP CONNECT (RFC 9110 §9.3.6) or by SOCKS 5 (RFC 1928). The
 * proxy looks the server's name up. Immutable and thread-safe.
 */
public final class Proxy {
    /** How a proxy is spoken to. */
    enum Kind {
        HTTP,
        HTTPS,
        SOCKS5;

        String scheme() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int MAX_SOCKS_BYTES = 255;
    private static final int DEFAULT_HTTP_PORT = 80;
    private static final int DEFAULT_HTTPS_PORT = 443;
    private static final int DEFAULT_SOCKS_PORT = 1080;

    private final Kind kind;
    private final String host;
    private final int port;
    private final @Nullable String user;
    private final @Nullable String password;

    private Proxy(Kind kind, String host, int port, @Nullable String user, @Nullable String password) {
        this.kind = kind;
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
    }

    /**
     * An HTTP proxy.
     *
     * @param host a name, or an IP address without brackets
     * @param port 1 to 65535
     * @throws IllegalArgumentException if one of them is none
     */
    public static Proxy http(String host, int port) {
        return of(Kind.HTTP, host, port);
    }

    /** As {@link #http}, but the proxy is spoken to inside of TLS. Its certificate is checked as a server's is. */
    public static Proxy https(String host, int port) {
        return of(Kind.HTTPS, host, port);
    }

    /** A SOCKS 5 proxy; otherwise as {@link #http}. */
    public static Proxy socks5(String host, int port) {
        return of(Kind.SOCKS5, host, port);
    }

    private static Proxy of(Kind kind, String host, int port) {
        String bracketed = host.indexOf(':') < 0 ? host : "[" + host + "]";
        String authority = bracketed + ":" + port;
        try {
            WebSocketUri address = WebSocketUri.parse("ws://" + authority);
            if (address.port() == port && address.resourceName().equals("/")) {
                return new Proxy(kind, address.host(), port, null, null);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + authority + "\" is no host and port of a proxy", e);
        }
        throw new IllegalArgumentException("\"" + authority + "\" is more than host and port of a proxy");
    }

    /**
     * Reads a proxy as environments and command lines have it.
     *
     * @param uri {@code [scheme://][user:password@]host[:port]}. The scheme is {@code http}, which is the default, {@code https},
     *     {@code socks5} or {@code socks5h}, which is the same here; the port's default is 80, 443 or 1080. User and password are
     *     percent-encoded
     * @throws IllegalArgumentException if it is none; the message does not repeat it, as it may hold a password
     */
    public static Proxy parse(String uri) {
        int schemeEnd = uri.indexOf("://");
        Kind kind = schemeEnd < 0 ? Kind.HTTP : kindOf(uri.substring(0, schemeEnd));
        String rest = uri.substring(schemeEnd < 0 ? 0 : schemeEnd + 3);
        if (rest.endsWith("/")) {
            rest = rest.substring(0, rest.length() - 1);
        }
        int at = rest.lastIndexOf('@');
        String authority = rest.substring(at + 1);
        int portAt = authority.indexOf(':', authority.lastIndexOf(']') + 1);
        int port = portAt < 0 ? defaultPort(kind) : parsePort(authority.substring(portAt + 1));
        String host = portAt < 0 ? authority : authority.substring(0, portAt);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        Proxy proxy = of(kind, host, port);
        return at < 0 ? proxy : proxy.withUserInfo(rest.substring(0, at));
    }

    private static Kind kindOf(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "http" -> Kind.HTTP;
            case "https" -> Kind.HTTPS;
            case "socks5", "socks5h" -> Kind.SOCKS5;
            default ->
                throw new IllegalArgumentException("a proxy's scheme is http, https, socks5 or socks5h, not " + scheme);
        };
    }

    private static int defaultPort(Kind kind) {
        return switch (kind) {
            case HTTP -> DEFAULT_HTTP_PORT;
            case HTTPS -> DEFAULT_HTTPS_PORT;
            case SOCKS5 -> DEFAULT_SOCKS_PORT;
        };
    }

    private static int parsePort(String port) {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a proxy's port is not a number", e);
        }
    }

    private Proxy withUserInfo(String userInfo) {
        int colon = userInfo.indexOf(':');
        if (colon < 0) {
            return credentials(percentDecoded(userInfo), "");
        }
        return credentials(percentDecoded(userInfo.substring(0, colon)), percentDecoded(userInfo.substring(colon + 1)));
    }

    private static String percentDecoded(String text) {
        return new String(PercentDecoding.decode(text), StandardCharsets.UTF_8);
    }

    /**
     * The same proxy with a name and password for it: sent at once, to HTTP proxies as Basic (RFC 7617), to SOCKS 5 as RFC 1929
     * has it. Both send them readable unless the proxy is {@link #https}.
     *
     * @throws IllegalArgumentException if the user has a colon and the proxy speaks HTTP; or if it speaks SOCKS 5 and one of them
     *     is empty or longer than 255 bytes of UTF-8
     */
    public Proxy credentials(String userName, String userPassword) {
        if (kind == Kind.SOCKS5) {
            requireSocksLength("user name", userName);
            requireSocksLength("password", userPassword);
        } else {
            BasicAuthorization.requireNoColon(userName);
        }
        return new Proxy(kind, host, port, userName, userPassword);
    }

    private static void requireSocksLength(String what, String value) {
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_SOCKS_BYTES) {
            throw new IllegalArgumentException(
                    "the proxy's " + what + " is " + bytes + " bytes, SOCKS 5 takes 1 to " + MAX_SOCKS_BYTES);
        }
    }

    Kind kind() {
        return kind;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    @Nullable String user() {
        return user;
    }

    @Nullable String password() {
        return password;
    }

    /** Scheme, host and port; not the credentials. */
    @Override
    public String toString() {
        return kind.scheme() + "://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
