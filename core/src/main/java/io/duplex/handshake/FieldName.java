package io.duplex.handshake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The names of the header fields that opening handshakes carry (RFC 6455 §11.3). */
final class FieldName {
    static final String ALLOW = "Allow";
    static final String CONNECTION = "Connection";
    static final String CONTENT_LENGTH = "Content-Length";
    static final String CONTENT_TYPE = "Content-Type";
    static final String HOST = "Host";
    static final String ORIGIN = "Origin";
    static final String SEC_WEBSOCKET_ACCEPT = "Sec-WebSocket-Accept";
    static final String SEC_WEBSOCKET_EXTENSIONS = "Sec-WebSocket-Extensions";
    static final String SEC_WEBSOCKET_KEY = "Sec-WebSocket-Key";
    static final String SEC_WEBSOCKET_PROTOCOL = "Sec-WebSocket-Protocol";
    static final String SEC_WEBSOCKET_VERSION = "Sec-WebSocket-Version";
    static final String TRANSFER_ENCODING = "Transfer-Encoding";
    static final String UPGRADE = "Upgrade";

    /** The bit in which the two cases of an ASCII letter differ. */
    private static final int CASE = 0x20;

    private static final String SEC_WEBSOCKET_PREFIX = "Sec-WebSocket-";

    /** Names that need no string of their own per request: ours, and those that browsers and proxies send. */
    private static final String[] KNOWN = {
        ALLOW,
        CONNECTION,
        CONTENT_LENGTH,
        CONTENT_TYPE,
        HOST,
        ORIGIN,
        SEC_WEBSOCKET_ACCEPT,
        SEC_WEBSOCKET_EXTENSIONS,
        SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_PROTOCOL,
        SEC_WEBSOCKET_VERSION,
        TRANSFER_ENCODING,
        UPGRADE,
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Authorization",
        "Cache-Control",
        "Cookie",
        "Date",
        "DNT",
        "Forwarded",
        "Pragma",
        "Referer",
        "Sec-CH-UA",
        "Sec-CH-UA-Mobile",
        "Sec-CH-UA-Platform",
        "Sec-Fetch-Dest",
        "Sec-Fetch-Mode",
        "Sec-Fetch-Site",
        "Sec-Fetch-Storage-Access",
        "Sec-GPC",
        "Server",
        "User-Agent",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "X-Request-Id",
    };

    private static final String[][] KNOWN_BY_LENGTH = byLength(KNOWN);

    private FieldName() {}

    private static String[][] byLength(String[] names) {
        List<List<String>> byLength = new ArrayList<>();
        for (String name : names) {
            while (byLength.size() <= name.length()) {
                byLength.add(new ArrayList<>());
            }
            byLength.get(name.length()).add(name);
        }
        return byLength.stream().map(list -> list.toArray(String[]::new)).toArray(String[][]::new);
    }

    /**
     * The name in {@code bytes[from..to)}, which are ASCII. A known name is returned in its registered case, however it was
     * sent: names are compared without case anyway.
     */
    static String of(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length < KNOWN_BY_LENGTH.length) {
            for (String known : KNOWN_BY_LENGTH[length]) {
                if (matches(known, bytes, from)) {
                    return known;
                }
            }
        }
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    private static boolean matches(String known, byte[] bytes, int from) {
        for (int i = 0; i < known.length(); i++) {
            // Known names are letters and hyphens, and a token has nothing that differs from a hyphen in the bit of
            // case.
            if (((known.charAt(i) ^ bytes[from + i]) & ~CASE) != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Checks that an application may set these fields.
     *
     * @throws IllegalArgumentException if the handshake itself decides one of them
     */
    static void requireFree(HeaderFields fields) {
        for (int line = 0; line < fields.size(); line++) {
            String name = fields.name(line);
            if (isReserved(name)) {
                throw new IllegalArgumentException("field " + name + " is decided by the handshake");
            }
        }
    }

    private static boolean isReserved(String name) {
        return Grammar.startsWithIgnoreCase(name, 0, SEC_WEBSOCKET_PREFIX)
                || Grammar.equalsIgnoreCase(name, HOST)
                || Grammar.equalsIgnoreCase(name, UPGRADE)
                || Grammar.equalsIgnoreCase(name, CONNECTION)
                || Grammar.equalsIgnoreCase(name, CONTENT_LENGTH)
                || Grammar.equalsIgnoreCase(name, TRANSFER_ENCODING);
    }
}
