package io.duplex.client;

import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a server: of the one that the application named, or of one that it was redirected to. Immutable and
 * thread-safe.
 *
 * @param fields the application's, without cookies of the client's
 * @param subprotocols to offer
 * @param extensions to offer; {@code null} for the client's
 * @param mayRedirect whether redirects are followed as far as the client follows them; else they are refusals
 */
record Target(
        WebSocketUri uri,
        HeaderFields fields,
        List<String> subprotocols,
        @Nullable OfferedExtensions extensions,
        boolean mayRedirect) {
    /**
     * A new handshake.
     *
     * @throws IOException if the client's cookies cannot be had
     * @throws IllegalArgumentException if a field or a subprotocol may not be sent
     */
    ClientHandshake handshake(ClientSettings client) throws IOException {
        ClientHandshake.Builder handshake = ClientHandshake.builder(uri)
                .subprotocols(subprotocols)
                .extraFields(client.cookies().addTo(fields, uri))
                .deflate(client.connections().compression());
        if (extensions != null) {
            handshake.deflate(extensions.compression()).otherExtensions(extensions.others());
        }
        return handshake.build(client.random());
    }

    /**
     * What is asked of the server that this one redirects to. Another origin gets none of the application's fields, which may
     * hold credentials, but User-Agent; an Origin becomes {@code null} there, as it does in browsers.
     *
     * @param location the value of the Location field
     * @throws IllegalArgumentException if it is no URI to connect to, or leads from {@code wss} to {@code ws}
     */
    Target redirectedTo(String location) {
        WebSocketUri next = WebSocketUri.parse(resolve(location));
        if (uri.isSecure() && !next.isSecure()) {
            throw new IllegalArgumentException("it leads from wss to ws, which is not followed");
        }
        return new Target(next, isSameOrigin(next) ? fields : harmless(fields), subprotocols, extensions, mayRedirect);
    }

    private boolean isSameOrigin(WebSocketUri next) {
        return uri.isSecure() == next.isSecure()
                && uri.port() == next.port()
                && uri.host().equals(next.host());
    }

    private static HeaderFields harmless(HeaderFields fields) {
        HeaderFields.Builder harmless = HeaderFields.builder();
        for (String userAgent : fields.all("User-Agent")) {
            harmless.add("User-Agent", userAgent);
        }
        if (fields.contains("Origin")) {
            harmless.add("Origin", "null");
        }
        return harmless.build();
    }

    /** The location as a {@code ws} or {@code wss} URI without a fragment (RFC 3986 §5.2). */
    private String resolve(String location) {
        int fragment = location.indexOf('#');
        String reference = fragment < 0 ? location : location.substring(0, fragment);
        int colon = reference.indexOf(':');
        int delimiter = indexOfAny(reference, "/?", 0);
        if (colon >= 0 && (delimiter < 0 || colon < delimiter)) {
            String scheme = webSocketScheme(reference.substring(0, colon));
            return normalized(scheme + reference.substring(colon));
        }
        String ownScheme = uri.isSecure() ? "wss:" : "ws:";
        if (reference.startsWith("//")) {
            return normalized(ownScheme + reference);
        }
        String server = ownScheme + "//" + uri.hostHeader();
        String path = path(uri.resourceName());
        if (reference.isEmpty()) {
            return server + uri.resourceName();
        } else if (reference.startsWith("?")) {
            return server + path + reference;
        } else if (reference.startsWith("/")) {
            return normalized(server + reference);
        }
        return normalized(server + path.substring(0, path.lastIndexOf('/') + 1) + reference);
    }

    private static String webSocketScheme(String scheme) {
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "ws", "http" -> "ws";
            case "wss", "https" -> "wss";
            default -> throw new IllegalArgumentException("its scheme is none of ws, wss, http and https");
        };
    }

    private static String path(String resource) {
        int query = resource.indexOf('?');
        return query < 0 ? resource : resource.substring(0, query);
    }

    private static int indexOfAny(String text, String characters, int from) {
        for (int at = from; at < text.length(); at++) {
            if (characters.indexOf(text.charAt(at)) >= 0) {
                return at;
            }
        }
        return -1;
    }

    /** An absolute URI without dot segments in its path. What is none is left as it is, for others to refuse. */
    private static String normalized(String absolute) {
        int authority = absolute.indexOf("://") + "://".length();
        int pathAt = indexOfAny(absolute, "/?", authority);
        if (authority < "://".length() || pathAt < 0 || absolute.charAt(pathAt) == '?') {
            return absolute;
        }
        String path = path(absolute.substring(pathAt));
        return absolute.substring(0, pathAt) + withoutDotSegments(path) + absolute.substring(pathAt + path.length());
    }

    /** RFC 3986 §5.2.4, for a path that begins with a slash. */
    private static String withoutDotSegments(String path) {
        String[] segments = path.substring(1).split("/", -1);
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < segments.length; i++) {
            boolean isUp = segments[i].equals("..");
            if (isUp && !kept.isEmpty()) {
                kept.remove(kept.size() - 1);
            }
            if (!isUp && !segments[i].equals(".")) {
                kept.add(segments[i]);
            } else if (i == segments.length - 1) {
                kept.add("");
            }
        }
        return "/" + String.join("/", kept);
    }
}
