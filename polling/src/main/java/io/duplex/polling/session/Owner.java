package io.duplex.polling.session;

import io.duplex.connection.HttpExchange;
import io.duplex.handshake.HeaderFields;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Who opened a session: the web origin, and the credentials if they were in a field. Knowing the session's id is not enough
 * for others. Cookies are left out, as servers renew them.
 *
 * @param origin {@code null} without Origin
 * @param credentials a digest of Authorization; empty without it
 */
public record Owner(@Nullable String origin, String credentials) {
    /** Who sent a request with these fields. */
    public static Owner of(HeaderFields fields) {
        return new Owner(fields.first("Origin"), digest(fields.first("Authorization")));
    }

    private static String digest(@Nullable String authorization) {
        if (authorization == null) {
            return "";
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(authorization.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException none) {
            throw new IllegalStateException("a JDK without SHA-256", none);
        }
    }

    /**
     * Refuses what browsers send for pages that are not the session's. A page's request has an Origin unless it is a GET to its
     * own origin; programs that are no browsers need have none.
     *
     * @throws Refusal with 403
     */
    public void require(HeaderFields fields, boolean isPost) {
        String from = fields.first("Origin");
        if (from == null) {
            requireNoForeignPage(fields, isPost && origin != null);
        } else if (!from.equals(origin)) {
            throw new Refusal(403, "session of another origin");
        }
        if (!credentials.equals(digest(fields.first("Authorization")))) {
            throw new Refusal(403, "session of other credentials");
        }
    }

    /**
     * Refuses to open a session for a page that does not say which it is.
     *
     * @throws Refusal with 403
     */
    public static void requireOrigin(HttpExchange exchange) {
        HeaderFields fields = exchange.head().fields();
        if (!fields.contains("Origin")) {
            requireNoForeignPage(fields, fields.contains("Sec-Fetch-Site"));
        }
    }

    private static void requireNoForeignPage(HeaderFields fields, boolean mustHaveOrigin) {
        String site = fields.first("Sec-Fetch-Site");
        if (mustHaveOrigin || site != null && !site.equals("same-origin") && !site.equals("none")) {
            throw new Refusal(403, "request of a page without Origin");
        }
    }
}
