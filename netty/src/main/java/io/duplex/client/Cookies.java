package io.duplex.client;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of a client (RFC 6265), which a {@link CookieHandler} knows by the {@code http} or {@code https} URI of the same
 * server (RFC 6455 §4.1). Thread-safe if the handler is.
 *
 * @param handler {@code null} for none
 */
record Cookies(@Nullable CookieHandler handler) {
    private static final String COOKIE = "Cookie";

    /**
     * The fields with the cookies for {@code uri}, behind those that they have themselves, all in one field.
     *
     * @throws IOException if the handler fails
     * @throws IllegalArgumentException if it gives what cannot be sent
     */
    HeaderFields addTo(HeaderFields fields, WebSocketUri uri) throws IOException {
        URI page = page(uri);
        if (handler == null || page == null) {
            return fields;
        }
        List<String> cookies = new ArrayList<>(fields.all(COOKIE));
        int own = cookies.size();
        for (Map.Entry<String, List<String>> field : handler.get(page, Map.of()).entrySet()) {
            if (COOKIE.equalsIgnoreCase(field.getKey())) {
                cookies.addAll(field.getValue());
            }
        }
        if (cookies.size() == own) {
            return fields;
        }
        HeaderFields.Builder all = HeaderFields.builder();
        for (int line = 0; line < fields.size(); line++) {
            if (!COOKIE.equalsIgnoreCase(fields.name(line))) {
                all.add(fields.name(line), fields.value(line));
            }
        }
        return all.add(COOKIE, String.join("; ", cookies)).build();
    }

    /**
     * Keeps the cookies of a response.
     *
     * @throws IOException if the handler fails
     */
    void keep(WebSocketUri uri, HeaderFields response) throws IOException {
        URI page = page(uri);
        if (handler != null && page != null && response.contains("Set-Cookie")) {
            handler.put(page, Map.of("Set-Cookie", response.all("Set-Cookie")));
        }
    }

    /** {@code null} if it has characters that {@link URI} does not take. */
    private static @Nullable URI page(WebSocketUri uri) {
        try {
            return new URI((uri.isSecure() ? "https://" : "http://") + uri.hostHeader() + uri.resourceName());
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
