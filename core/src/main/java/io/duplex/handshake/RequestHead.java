package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;

/**
 * Request line and fields of an HTTP request. Immutable and thread-safe.
 *
 * @param method a token, compared with case
 * @param target as sent: printable ASCII without {@code #}
 * @param version 1.0 or higher
 * @param fields the field lines in order
 */
public record RequestHead(String method, String target, HttpVersion version, HeaderFields fields) {
    /**
     * Checks the characters.
     *
     * @throws IllegalArgumentException if the method is no token, or the target is empty or has a character that it may not
     *     have
     */
    public RequestHead {
        if (!Grammar.isToken(method)) {
            throw new IllegalArgumentException("method \"" + method + "\" is not a token");
        }
        if (!Grammar.isTarget(target)) {
            throw new IllegalArgumentException("target \"" + target + "\" has a character that a target may not have");
        }
    }

    /**
     * The resource name (RFC 6455 §3): path and, where there is one, {@code ?} and query, whether the target is in origin form
     * or an absolute {@code http} or {@code https} URI (RFC 6455 §4.2.1). A target in another form is returned as it is; it
     * does not begin with {@code /}.
     */
    public String resourceName() {
        int authorityAt = authorityAt();
        if (authorityAt < 0) {
            return target;
        }
        String resource = target.substring(authorityEnd(authorityAt));
        return resource.startsWith("/") ? resource : "/" + resource;
    }

    /** The {@link #resourceName()} up to its {@code ?}: percent-encoded, as sent. */
    public String path() {
        String resource = resourceName();
        int mark = resource.indexOf('?');
        return mark < 0 ? resource : resource.substring(0, mark);
    }

    /** What follows the {@code ?} of the {@link #resourceName()}, as sent; {@code null} without one. */
    public @Nullable String query() {
        String resource = resourceName();
        int mark = resource.indexOf('?');
        return mark < 0 ? null : resource.substring(mark + 1);
    }

    /**
     * The host that the Host field names, in lower case and without its port; {@code null} unless there is exactly one such
     * field, and {@code host[:port]} stands in it.
     */
    public @Nullable String host() {
        String field = fields.only(FieldName.HOST);
        Authority authority = field == null ? null : Authority.parse(field);
        return authority == null ? null : authority.host();
    }

    /** The {@code host[:port]} of an absolute {@code http} or {@code https} target; {@code null} if it is of another form. */
    @Nullable String targetAuthority() {
        int authorityAt = authorityAt();
        return authorityAt < 0 ? null : target.substring(authorityAt, authorityEnd(authorityAt));
    }

    /** Where the authority begins in an absolute target; -1 if it is of another form. */
    private int authorityAt() {
        if (target.startsWith("/")) {
            return -1;
        }
        for (String prefix : new String[] {"http://", "https://"}) {
            if (Grammar.startsWithIgnoreCase(target, 0, prefix)) {
                return prefix.length();
            }
        }
        return -1;
    }

    private int authorityEnd(int authorityAt) {
        int end = authorityAt;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        return end;
    }

    /** The head as it is sent, with the empty line. */
    public byte[] toBytes() {
        StringBuilder head = new StringBuilder(512);
        head.append(method)
                .append(' ')
                .append(target)
                .append(' ')
                .append(version)
                .append("\r\n");
        fields.appendTo(head);
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }
}
