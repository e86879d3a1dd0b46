package io.duplex.handshake;

import org.jspecify.annotations.Nullable;

/**
 * {@code host [":" port]} as in Host, Origin and a request target (RFC 3986 §3.2, without userinfo).
 *
 * @param host in lower case; an IPv6 address is in brackets
 * @param port 1 to 65535, or {@link #NO_PORT}
 */
record Authority(String host, int port) {
    static final int NO_PORT = -1;

    /** What {@link #parsePort} says of a port that is none. */
    static final int INVALID_PORT = -2;

    /** The authority; {@code null} if the text is none. An empty port counts as absent, an empty host is none. */
    static @Nullable Authority parse(String text) {
        int hostEnd = hostEnd(text);
        String host = text.substring(0, hostEnd);
        int port = parsePort(text, hostEnd);
        return isHost(host) && port != INVALID_PORT ? new Authority(Grammar.toLowerCase(host), port) : null;
    }

    /** Where the host ends and the port, if there is one, begins with its colon. */
    static int hostEnd(String text) {
        int from = text.startsWith("[") ? text.indexOf(']') + 1 : 0;
        int colon = text.indexOf(':', from);
        return colon < 0 ? text.length() : colon;
    }

    /** The port that stands with its colon at the end of the text; {@link #NO_PORT} if it is empty. */
    static int parsePort(String text, int colon) {
        if (colon + 1 >= text.length()) {
            return NO_PORT;
        }
        int port = 0;
        for (int i = colon + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            port = 10 * port + c - '0';
            if (!Grammar.isDigit(c) || port > 0xFFFF) {
                return INVALID_PORT;
            }
        }
        return port == 0 ? INVALID_PORT : port;
    }

    /** Whether the text is a host of RFC 3986 §3.2.2: a name, an IPv4 address or an IPv6 address in brackets. */
    static boolean isHost(String text) {
        if (text.startsWith("[")) {
            return text.endsWith("]") && IpAddress.parseV6(text, 1, text.length() - 1) != null;
        }
        int at = 0;
        while (at < text.length()) {
            if (Grammar.isRegNameCharacter(text.charAt(at))) {
                at++;
            } else if (isPercentEncoded(text, at)) {
                at += 3;
            } else {
                return false;
            }
        }
        return at > 0;
    }

    /** Whether {@code %} and two hexadecimal digits stand at {@code at}. */
    static boolean isPercentEncoded(String text, int at) {
        return text.charAt(at) == '%'
                && at + 2 < text.length()
                && Grammar.isHexDigit(text.charAt(at + 1))
                && Grammar.isHexDigit(text.charAt(at + 2));
    }
}
