package io.duplex.transport;

import io.duplex.handshake.IpAddress;

/** A network in CIDR notation (RFC 4632), or a single address. Immutable and thread-safe. */
public final class Network {
    private final byte[] prefix;
    private final int bits;

    private Network(byte[] prefix, int bits) {
        this.prefix = prefix;
        this.bits = bits;
    }

    /**
     * Reads a network.
     *
     * @param text such as {@code 10.0.0.0/8}, {@code fd00::/8} or {@code 192.0.2.1}
     * @throws IllegalArgumentException if it is none, or has bits set behind its prefix
     */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        byte[] prefix = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        int bits = prefix == null ? -1 : slash < 0 ? 8 * prefix.length : parseBits(text.substring(slash + 1));
        if (prefix == null || bits < 0 || bits > 8 * prefix.length) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no address or network such as 192.0.2.1, 10.0.0.0/8 or fd00::/8");
        }
        if (!isClearAfter(prefix, bits)) {
            throw new IllegalArgumentException("\"" + text + "\" has bits set behind its first " + bits);
        }
        return new Network(prefix, bits);
    }

    private static int parseBits(String text) {
        boolean isNumber = !text.isEmpty() && text.length() <= 3 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Integer.parseInt(text) : -1;
    }

    private static boolean isClearAfter(byte[] address, int bits) {
        for (int bit = bits; bit < 8 * address.length; bit++) {
            if ((address[bit >> 3] & 0x80 >> (bit & 7)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether an address of 4 or 16 bytes is in it. */
    public boolean contains(byte[] address) {
        if (address.length != prefix.length) {
            return false;
        }
        int whole = bits >> 3;
        for (int i = 0; i < whole; i++) {
            if (address[i] != prefix[i]) {
                return false;
            }
        }
        int mask = 0xFF00 >> (bits & 7) & 0xFF;
        return mask == 0 || (address[whole] & mask) == (prefix[whole] & mask);
    }
}
