package io.duplex.handshake;

import org.jspecify.annotations.Nullable;

/**
 * Scheme, host and port of what a browser runs (RFC 6454 §4).
 *
 * @param scheme in lower case
 * @param host in lower case
 * @param port 1 to 65535, a default port being filled in, or {@link Authority#NO_PORT} if the scheme has none
 */
record Origin(String scheme, String host, int port) {
    /** The origin of an ASCII serialization (RFC 6454 §6.2); {@code null} if the text is none, as {@code null} itself is. */
    static @Nullable Origin parse(String text) {
        int schemeEnd = text.indexOf("://");
        if (schemeEnd < 0) {
            return null;
        }
        String scheme = Grammar.toLowerCase(text.substring(0, schemeEnd));
        Authority authority = Authority.parse(text.substring(schemeEnd + 3));
        if (authority == null || !Grammar.isScheme(scheme)) {
            return null;
        }
        int port = authority.port() == Authority.NO_PORT ? defaultPort(scheme) : authority.port();
        return new Origin(scheme, authority.host(), port);
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> Authority.NO_PORT;
        };
    }

    /** Whether it is the origin of what is served at {@code host}, an authority as in the Host field. */
    boolean isServedAt(Authority host, boolean isSecure) {
        boolean isWeb = isSecure ? scheme.equals("https") : scheme.equals("https") || scheme.equals("http");
        // A connection without TLS may come from a proxy that took TLS off: without a port in Host, either default
        // fits.
        int hostPort = host.port() == Authority.NO_PORT ? defaultPort(scheme) : host.port();
        return isWeb && port == hostPort && this.host.equals(host.host());
    }
}
