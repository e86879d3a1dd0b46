package io.duplex.client.w3c;

import io.duplex.transport.PercentDecoding;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A URL with a host, as the URL Standard has it, without its fragment. Immutable and thread-safe.
 *
 * @param scheme {@code ws}, {@code wss}, {@code http} or {@code https}
 * @param username percent-encoded; may be empty
 * @param password percent-encoded; may be empty
 * @param host in ASCII; an IPv6 address is in brackets
 * @param port {@link #NO_PORT} if it is the scheme's own
 * @param path percent-encoded segments, at least one, without {@code .} and {@code ..}
 * @param query percent-encoded; {@code null} if there is none
 */
record WebUrl(
        String scheme,
        String username,
        String password,
        String host,
        int port,
        List<String> path,
        @Nullable String query) {
    static final int NO_PORT = -1;

    /** The port of a scheme; {@link #NO_PORT} if it is none of those that a URL of this kind may have. */
    static int defaultPort(String scheme) {
        return switch (scheme) {
            case "ws", "http" -> 80;
            case "wss", "https" -> 443;
            default -> NO_PORT;
        };
    }

    /** The same with {@code ws} in place of {@code http}, and {@code wss} in place of {@code https}. */
    WebUrl withWebSocketScheme() {
        String mapped = switch (scheme) {
            case "http" -> "ws";
            case "https" -> "wss";
            default -> scheme;
        };
        return new WebUrl(mapped, username, password, host, port, path, query);
    }

    /** Scheme, host and, unless it is the scheme's own, port. */
    String origin() {
        return scheme + "://" + authority();
    }

    private String authority() {
        return port == NO_PORT ? host : host + ":" + port;
    }

    /** What goes into Authorization; {@code null} if the URL has neither a name nor a password. */
    @Nullable String basicCredentials() {
        if (username.isEmpty() && password.isEmpty()) {
            return null;
        }
        byte[] name = PercentDecoding.decode(username);
        byte[] secret = PercentDecoding.decode(password);
        byte[] both = new byte[name.length + 1 + secret.length];
        System.arraycopy(name, 0, both, 0, name.length);
        both[name.length] = ':';
        System.arraycopy(secret, 0, both, name.length + 1, secret.length);
        return "Basic " + Base64.getEncoder().encodeToString(both);
    }

    /**
     * The URI to connect to, by RFC 3986: without credentials, without an empty query, and with those few characters
     * percent-encoded that the URL Standard leaves as they are.
     */
    String connectionUri() {
        StringBuilder uri = new StringBuilder(origin());
        for (String segment : path) {
            uri.append('/').append(PercentCodec.strict(segment));
        }
        if (query != null && !query.isEmpty()) {
            uri.append('?').append(PercentCodec.strict(query));
        }
        return uri.toString();
    }

    /** The URL, serialized. */
    @Override
    public String toString() {
        StringBuilder url = new StringBuilder(scheme).append("://");
        if (!username.isEmpty() || !password.isEmpty()) {
            url.append(username);
            if (!password.isEmpty()) {
                url.append(':').append(password);
            }
            url.append('@');
        }
        url.append(authority());
        path.forEach(segment -> url.append('/').append(segment));
        if (query != null) {
            url.append('?').append(query);
        }
        return url.toString();
    }
}
