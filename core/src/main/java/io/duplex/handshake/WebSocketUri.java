package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.IDN;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** A {@code ws} or {@code wss} URI (RFC 6455 §3). Immutable and thread-safe. */
public final class WebSocketUri {
    private static final int DEFAULT_PORT = 80;
    private static final int DEFAULT_SECURE_PORT = 443;
    private static final int FIRST_BEYOND_C1 = 0xA0;

    private final boolean isSecure;
    private final String host;
    private final int port;
    private final String resourceName;

    private WebSocketUri(boolean isSecure, String host, int port, String resourceName) {
        this.isSecure = isSecure;
        this.host = host;
        this.port = port;
        this.resourceName = resourceName;
    }

    /**
     * Parses a URI. Other characters than ASCII are converted: those of the host to A-labels (IDNA), all others to
     * percent-encoded UTF-8 (RFC 6455 §11.1.1). Nothing else is changed or repaired; dot segments stay.
     *
     * @param uri {@code ws://host[:port]path[?query]}, or the same with {@code wss}
     * @throws IllegalArgumentException if it is none; user information and fragments are none of it
     */
    public static WebSocketUri parse(String uri) {
        boolean isSecure = Grammar.startsWithIgnoreCase(uri, 0, "wss://");
        if (!isSecure && !Grammar.startsWithIgnoreCase(uri, 0, "ws://")) {
            throw invalid(uri, "it does not begin with ws:// or wss://");
        }
        if (uri.indexOf('#') >= 0) {
            throw invalid(uri, "it has a fragment; a number sign is written %23");
        }
        int authorityAt = isSecure ? "wss://".length() : "ws://".length();
        int pathAt = authorityAt;
        while (pathAt < uri.length() && uri.charAt(pathAt) != '/' && uri.charAt(pathAt) != '?') {
            pathAt++;
        }
        String authority = uri.substring(authorityAt, pathAt);
        if (authority.indexOf('@') >= 0) {
            // Without the URI: messages end in logs, passwords must not.
            throw new IllegalArgumentException("a WebSocket URI has no user information; send an Authorization field");
        }
        int hostEnd = Authority.hostEnd(authority);
        String host = asciiHost(authority.substring(0, hostEnd));
        if (host == null) {
            throw invalid(uri, "its host is not valid");
        }
        int port = Authority.parsePort(authority, hostEnd);
        if (port == Authority.INVALID_PORT) {
            throw invalid(uri, "its port is not a number from 1 to 65535");
        }
        if (port == Authority.NO_PORT) {
            port = isSecure ? DEFAULT_SECURE_PORT : DEFAULT_PORT;
        }
        return new WebSocketUri(isSecure, host, port, resourceName(uri, pathAt));
    }

    /** The host in lower-case ASCII, an IPv6 address without its brackets; {@code null} if it is none. */
    private static @Nullable String asciiHost(String host) {
        if (host.startsWith("[")) {
            return Authority.isHost(host) ? Grammar.toLowerCase(host.substring(1, host.length() - 1)) : null;
        }
        String name = percentDecoded(host);
        if (name == null) {
            return null;
        }
        if (!isAscii(name)) {
            try {
                name = IDN.toASCII(name);
            } catch (IllegalArgumentException e) {
                return null;
            }
        }
        // Only now: IDNA maps some characters to delimiters, as U+2100 to "a/c". And a percent sign is none of a name.
        return Authority.isHost(name) && name.indexOf('%') < 0 ? Grammar.toLowerCase(name) : null;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /** {@code null} if an escape is incomplete, or if the bytes are not UTF-8. */
    private static @Nullable String percentDecoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c != '%') {
                bytes.put(String.valueOf(c).getBytes(UTF_8));
            } else if (Authority.isPercentEncoded(text, at)) {
                bytes.put((byte) Integer.parseInt(text, at + 1, at + 3, 16));
                at += 2;
            } else {
                return null;
            }
        }
        try {
            return UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String resourceName(String uri, int pathAt) {
        int mark = uri.indexOf('?', pathAt);
        int pathEnd = mark < 0 ? uri.length() : mark;
        StringBuilder resource = new StringBuilder(uri.length() - pathAt + 1);
        if (pathEnd == pathAt) {
            resource.append('/');
        }
        for (int at = pathAt; at < uri.length(); at++) {
            char c = uri.charAt(at);
            boolean isAllowed = at < pathEnd ? Grammar.isPathCharacter(c) : Grammar.isQueryCharacter(c);
            if (isAllowed || Authority.isPercentEncoded(uri, at)) {
                resource.append(c);
            } else {
                at += appendEncoded(uri, at, resource) - 1;
            }
        }
        // An empty query is left out, with its question mark.
        if (mark == uri.length() - 1) {
            resource.setLength(resource.length() - 1);
        }
        return resource.toString();
    }

    /** Appends one character that is not ASCII, percent-encoded; how many chars it has. */
    private static int appendEncoded(String uri, int at, StringBuilder resource) {
        int codePoint = uri.codePointAt(at);
        if (codePoint < FIRST_BEYOND_C1) {
            throw invalid(uri, "it has a character that must be percent-encoded at index " + at);
        }
        if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
            throw invalid(uri, "it has half a surrogate pair at index " + at);
        }
        for (byte b : Character.toString(codePoint).getBytes(UTF_8)) {
            resource.append('%')
                    .append(Character.toUpperCase(Character.forDigit((b >> 4) & 0xF, 16)))
                    .append(Character.toUpperCase(Character.forDigit(b & 0xF, 16)));
        }
        return Character.charCount(codePoint);
    }

    private static IllegalArgumentException invalid(String uri, String why) {
        return new IllegalArgumentException("\"" + uri + "\" is no WebSocket URI: " + why);
    }

    /** Whether the scheme is {@code wss}. */
    public boolean isSecure() {
        return isSecure;
    }

    /** The host to connect to: a name, or an IP address without brackets; in lower-case ASCII. */
    public String host() {
        return host;
    }

    /** The port to connect to, 1 to 65535; 80 or 443 if the URI has none. */
    public int port() {
        return port;
    }

    /** The path, {@code /} if it is empty, and, if there is one that is not empty, {@code ?} and the query. */
    public String resourceName() {
        return resourceName;
    }

    /** The value of the Host field: the host, and the port unless it is the scheme's default (RFC 6455 §4.1). */
    public String hostHeader() {
        String name = host.indexOf(':') < 0 ? host : "[" + host + "]";
        return port == (isSecure ? DEFAULT_SECURE_PORT : DEFAULT_PORT) ? name : name + ":" + port;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WebSocketUri that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** The URI in ASCII, without a default port and with a path. */
    @Override
    public String toString() {
        return (isSecure ? "wss://" : "ws://") + hostHeader() + resourceName;
    }
}
