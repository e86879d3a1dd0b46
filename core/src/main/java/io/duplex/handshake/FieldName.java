package io.duplex.handshake;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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

    /** Fields whose values are no secret, and mostly the same from one request to the next. */
    private static final String[] SHARED = {
        CONNECTION,
        HOST,
        ORIGIN,
        SEC_WEBSOCKET_EXTENSIONS,
        SEC_WEBSOCKET_VERSION,
        UPGRADE,
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Cache-Control",
        "DNT",
        "Pragma",
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
    };

    /** Fields whose values are not to be kept longer than their request. */
    private static final String[] UNSHARED = {
        ALLOW,
        CONTENT_LENGTH,
        CONTENT_TYPE,
        SEC_WEBSOCKET_ACCEPT,
        SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_PROTOCOL,
        TRANSFER_ENCODING,
        "Authorization",
        "Cookie",
        "Date",
        "Forwarded",
        "Referer",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
        "X-Real-IP",
        "X-Request-Id",
    };

    /** Names that need no string of their own per request: ours, and those that browsers and proxies send. */
    private static final String[] KNOWN =
            Stream.of(SHARED, UNSHARED).flatMap(Arrays::stream).toArray(String[]::new);

    /** The indexes in {@link #KNOWN} of the names of each length. */
    private static final int[][] KNOWN_BY_LENGTH = byLength(KNOWN);

    private FieldName() {}

    private static int[][] byLength(String[] names) {
        int longest = Arrays.stream(names).mapToInt(String::length).max().orElse(0);
        return IntStream.rangeClosed(0, longest)
                .mapToObj(length -> IntStream.range(0, names.length)
                        .filter(index -> names[index].length() == length)
                        .toArray())
                .toArray(int[][]::new);
    }

    /** How many names {@link #indexOf} knows. */
    static int knownNames() {
        return KNOWN.length;
    }

    /** Which of the known names stands in {@code bytes[from..to)}, which are ASCII, in whatever case; -1 if none. */
    static int indexOf(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length < KNOWN_BY_LENGTH.length) {
            for (int index : KNOWN_BY_LENGTH[length]) {
                if (matches(KNOWN[index], bytes, from)) {
                    return index;
                }
            }
        }
        return -1;
    }

    /** The name of that index in its registered case. */
    static String known(int index) {
        return KNOWN[index];
    }

    /** Whether a value of that field may outlive its request. */
    static boolean isShared(int index) {
        return index < SHARED.length;
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
