package io.duplex.handshake;

import org.jspecify.annotations.Nullable;

/**
 * Reads IP addresses in the one text form that everybody takes for the same address: IPv4 as four decimal numbers without
 * leading zeros (RFC 3986 §3.2.2), IPv6 as RFC 4291 §2.2 has it. Zones, brackets and the older forms of IPv4 ({@code 127.1},
 * {@code 0x7f000001}) are none of it. Asks no name service. Thread-safe.
 */
public final class IpAddress {
    private static final int V4_BYTES = 4;
    private static final int V6_BYTES = 16;
    private static final int MAX_GROUP_DIGITS = 4;

    private IpAddress() {}

    /** The bytes of an address, 4 or 16; {@code null} if the text is none. */
    public static byte @Nullable [] parse(String text) {
        return text.indexOf(':') < 0 ? parseV4(text, 0, text.length()) : parseV6(text, 0, text.length());
    }

    private static byte @Nullable [] parseV4(String text, int from, int to) {
        byte[] address = new byte[V4_BYTES];
        return readV4(text, from, to, address, 0) ? address : null;
    }

    /**
     * The 16 bytes of an IPv6 address: eight groups, or up to seven and one {@code ::}; the last two may be an IPv4 address.
     *
     * @param from where it begins
     * @param to where it ends
     * @return {@code null} if there is none
     */
    static byte @Nullable [] parseV6(String text, int from, int to) {
        byte[] address = new byte[V6_BYTES];
        int length = 0;
        int zerosAt = text.startsWith("::", from) ? 0 : -1;
        int at = zerosAt < 0 ? from : from + 2;
        while (at < to) {
            if (length == V6_BYTES) {
                return null;
            }
            int start = at;
            int group = 0;
            while (at < to && at - start < MAX_GROUP_DIGITS && Grammar.isHexDigit(text.charAt(at))) {
                group = group << 4 | Character.digit(text.charAt(at++), 16);
            }
            if (at < to && text.charAt(at) == '.') {
                if (length + V4_BYTES > V6_BYTES || !readV4(text, start, to, address, length)) {
                    return null;
                }
                length += V4_BYTES;
                break;
            }
            if (at == start) {
                return null;
            }
            address[length++] = (byte) (group >> 8);
            address[length++] = (byte) group;
            if (at == to) {
                break;
            }
            boolean isDouble = text.startsWith("::", at);
            if (text.charAt(at) != ':' || at + 1 == to || isDouble && zerosAt >= 0) {
                return null;
            }
            zerosAt = isDouble ? length : zerosAt;
            at += isDouble ? 2 : 1;
        }
        if (zerosAt < 0) {
            return length == V6_BYTES ? address : null;
        }
        return length < V6_BYTES ? spread(address, length, zerosAt) : null;
    }

    /** Moves what stands behind {@code ::} to the end. */
    private static byte[] spread(byte[] groups, int length, int zerosAt) {
        byte[] address = new byte[V6_BYTES];
        System.arraycopy(groups, 0, address, 0, zerosAt);
        System.arraycopy(groups, zerosAt, address, V6_BYTES - (length - zerosAt), length - zerosAt);
        return address;
    }

    private static boolean readV4(String text, int from, int to, byte[] address, int offset) {
        int at = from;
        for (int octet = 0; octet < V4_BYTES; octet++) {
            int start = at;
            int value = 0;
            while (at < to && at - start < 3 && Grammar.isDigit(text.charAt(at))) {
                value = 10 * value + text.charAt(at++) - '0';
            }
            boolean hasLeadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || value > 255 || hasLeadingZero) {
                return false;
            }
            address[offset + octet] = (byte) value;
            if (octet < V4_BYTES - 1 && (at == to || text.charAt(at++) != '.')) {
                return false;
            }
        }
        return at == to;
    }
}
