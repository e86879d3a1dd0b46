package io.duplex.polling.session;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * The page that opened a session by a request without a body, as the protocols of others do it. Browsers send no Origin with a
 * GET to a page's own origin, but one with all that follows: so a session that was opened without is the own origin's.
 * Programs send none at all.
 *
 * @param origin {@code null} without one
 */
public record Opener(@Nullable String origin) {
    private static final String SITE = "Sec-Fetch-Site";

    /** Of a request that opens a session. */
    public static Opener of(HeaderFields fields) {
        return new Opener(fields.first("Origin"));
    }

    /**
     * Whether a browser sends the request for a page of another site without saying which: its cookies are its user's, and what
     * comes of it would be somebody else's.
     */
    public static boolean isHidden(HeaderFields fields) {
        String site = fields.first(SITE);
        return !fields.contains("Origin")
                && site != null
                && !site.equals("same-origin")
                && !site.equals("same-site")
                && !site.equals("none");
    }

    /** Whether a later request is of the same page, or of the same program. */
    public boolean sends(RequestHead head, boolean isSecure) {
        if (isHidden(head.fields())) {
            return false;
        }
        String from = head.fields().first("Origin");
        if (from == null) {
            return origin == null || head.method().equals("GET");
        }
        if (origin != null) {
            return from.equals(origin);
        }
        String host = head.fields().first("Host");
        return host != null && OriginPolicy.sameOrigin().permits(from, host, isSecure);
    }
}
