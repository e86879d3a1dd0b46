package io.duplex.handshake;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From which web origins a browser may connect (RFC 6455 §10.2). Without such a check any page that a user visits can open a
 * connection that carries the user's cookies.
 *
 * <p>It keeps browsers' users safe and is no authentication: other programs send what they like, or no Origin at all, which
 * is permitted unless {@link #requirePresent()} says otherwise. The origin {@code null}, that of sandboxed frames and files,
 * is permitted by {@link #any()} only.
 *
 * <p>Immutable and thread-safe.
 */
public final class OriginPolicy {
    private static final OriginPolicy SAME_ORIGIN = new OriginPolicy(false, true, false, Set.of());
    private static final OriginPolicy ANY = new OriginPolicy(true, true, false, Set.of());

    private final boolean permitsAny;
    private final boolean permitsSame;
    private final boolean mustBePresent;
    private final Set<Origin> allowed;

    private OriginPolicy(boolean permitsAny, boolean permitsSame, boolean mustBePresent, Set<Origin> allowed) {
        this.permitsAny = permitsAny;
        this.permitsSame = permitsSame;
        this.mustBePresent = mustBePresent;
        this.allowed = allowed;
    }

    /**
     * The origin that the Host field names: same host and port, and {@code https} if the connection is secure. The default.
     * On a connection without TLS both {@code http} and {@code https} fit, because a proxy may have taken TLS off.
     */
    public static OriginPolicy sameOrigin() {
        return SAME_ORIGIN;
    }

    /** Every origin, whatever is written there. */
    public static OriginPolicy any() {
        return ANY;
    }

    /**
     * These origins and no others, the own one neither.
     *
     * @param origins such as {@code https://chat.example} or {@code http://localhost:3000}: scheme, host and, unless it is the
     *     scheme's default, port; no path, no wildcard
     * @throws IllegalArgumentException if one is no origin
     */
    public static OriginPolicy allow(List<String> origins) {
        Set<Origin> allowed = new HashSet<>();
        for (String text : origins) {
            Origin origin = Origin.parse(text);
            // An asterisk may be in a host by grammar, yet whoever writes one means a wildcard.
            if (origin == null || text.indexOf('*') >= 0) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" is not an origin: scheme://host or scheme://host:port, no path, no wildcard");
            }
            allowed.add(origin);
        }
        return new OriginPolicy(false, false, false, Set.copyOf(allowed));
    }

    /** This policy, which permits the same origin too. */
    public OriginPolicy orSameOrigin() {
        return new OriginPolicy(permitsAny, true, mustBePresent, allowed);
    }

    /** This policy, which refuses requests without Origin: programs that are no browsers, mostly. */
    public OriginPolicy requirePresent() {
        return new OriginPolicy(permitsAny, permitsSame, true, allowed);
    }

    /**
     * Whether a request may be accepted.
     *
     * @param origin the value of the Origin field; {@code null} if there is none
     * @param host the value of the Host field
     * @param isSecure whether the connection runs inside TLS
     */
    public boolean permits(@Nullable String origin, String host, boolean isSecure) {
        Authority authority = permitsSame && !permitsAny ? Authority.parse(host) : null;
        return permits(origin, authority, isSecure);
    }

    boolean permits(@Nullable String origin, @Nullable Authority host, boolean isSecure) {
        if (origin == null) {
            return !mustBePresent;
        }
        if (permitsAny) {
            return true;
        }
        Origin parsed = Origin.parse(origin);
        if (parsed == null) {
            return false;
        }
        return allowed.contains(parsed) || permitsSame && host != null && parsed.isServedAt(host, isSecure);
    }
}
