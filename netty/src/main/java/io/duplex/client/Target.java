package io.duplex.client;

import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
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
 */
record Target(
        WebSocketUri uri,
        HeaderFields fields,
        List<String> subprotocols,
        @Nullable OfferedExtensions extensions) {
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
        return new Target(next, isSameOrigin(next) ? fields : harmless(fields), subprotocols, extensions);
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

    /** The location as a {@code ws} or {@code wss} URI without a fragment. */
    private String resolve(String location) {
        int fragment = location.indexOf('#');
        String reference = fragment < 0 ? location : location.substring(0, fragment);
        int schemeEnd = reference.indexOf(':');
        String scheme = schemeEnd < 0 ? "" : reference.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "ws", "wss" -> reference;
            case "http" -> "ws" + reference.substring(schemeEnd);
            case "https" -> "wss" + reference.substring(schemeEnd);
            default -> resolveRelative(reference);
        };
    }

    private String resolveRelative(String reference) {
        String server = (uri.isSecure() ? "wss://" : "ws://") + uri.hostHeader();
        String resource = uri.resourceName();
        int query = resource.indexOf('?');
        String path = query < 0 ? resource : resource.substring(0, query);
        if (reference.isEmpty()) {
            return server + resource;
        }
        if (reference.startsWith("?")) {
            // RFC 3986 §5.2.2; the JDK follows RFC 2396, which drops the last segment.
            return server + path + reference;
        }
        try {
            return new URI(server + path).resolve(new URI(reference)).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("it is no URI", e);
        }
    }
}
