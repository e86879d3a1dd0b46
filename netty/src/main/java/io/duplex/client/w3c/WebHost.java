package io.duplex.client.w3c;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.duplex.handshake.IpAddress;
import io.duplex.transport.PercentDecoding;
import java.net.IDN;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The URL Standard's host parser. Names beyond ASCII go through the JDK's IDNA (2003), which differs from the standard's for
 * some of them.
 */
final class WebHost {
    /** What a name may not hold, besides control characters. */
    private static final String FORBIDDEN = " #/:<>?@[\\]^|%\u007F";

    private static final int IPV6_PIECES = 8;
    private static final long NOT_A_NUMBER = -1;
    private static final long TOO_BIG = 1L << 32;

    private WebHost() {}

    /** The host in ASCII and lower case, an address in its one form; {@code null} if it is none. */
    static @Nullable String parse(String text) {
        if (text.startsWith("[")) {
            return text.endsWith("]") ? ipv6(text.substring(1, text.length() - 1)) : null;
        }
        String name = ascii(new String(PercentDecoding.decode(text), UTF_8));
        if (name == null || name.isEmpty() || name.chars().anyMatch(WebHost::isForbidden)) {
            return null;
        }
        return endsInNumber(name) ? ipv4(name) : name;
    }

    private static boolean isForbidden(int c) {
        return c < ' ' || c > 0x7F || FORBIDDEN.indexOf(c) >= 0;
    }

    private static @Nullable String ascii(String name) {
        if (name.chars().allMatch(c -> c < 0x80)) {
            return name.toLowerCase(Locale.ROOT);
        }
        try {
            return IDN.toASCII(name).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String[] labels(String name) {
        return (name.endsWith(".") ? name.substring(0, name.length() - 1) : name).split("\\.", -1);
    }

    private static boolean endsInNumber(String name) {
        String[] labels = labels(name);
        String last = labels[labels.length - 1];
        return !last.isEmpty() && last.chars().allMatch(c -> c >= '0' && c <= '9') || number(last) != NOT_A_NUMBER;
    }

    private static @Nullable String ipv4(String name) {
        String[] parts = labels(name);
        if (parts.length > 4) {
            return null;
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            long part = number(parts[i]);
            boolean isLast = i == parts.length - 1;
            int bytes = isLast ? 4 - i : 1;
            if (part < 0 || part >= 1L << 8 * bytes) {
                return null;
            }
            address = address << 8 * bytes | part;
        }
        return (address >> 24) + "." + (address >> 16 & 0xFF) + "." + (address >> 8 & 0xFF) + "." + (address & 0xFF);
    }

    /** A number in decimal, octal with a 0 before it, or hexadecimal with 0x; {@link #NOT_A_NUMBER} if it is none. */
    private static long number(String text) {
        int radix = 10;
        String digits = text;
        if (text.startsWith("0x") || text.startsWith("0X")) {
            radix = 16;
            digits = text.substring(2);
        } else if (text.length() > 1 && text.startsWith("0")) {
            radix = 8;
            digits = text.substring(1);
        } else if (text.isEmpty()) {
            return NOT_A_NUMBER;
        }
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                return NOT_A_NUMBER;
            }
            value = Math.min(TOO_BIG, value * radix + digit);
        }
        return value;
    }

    private static @Nullable String ipv6(String text) {
        byte[] bytes = IpAddress.parse(text);
        return bytes == null || bytes.length != 2 * IPV6_PIECES ? null : "[" + compressed(bytes) + "]";
    }

    /** The one form of an address: no leading zeros, and the first longest run of two or more zero pieces left out. */
    private static String compressed(byte[] bytes) {
        int[] pieces = new int[IPV6_PIECES];
        for (int i = 0; i < IPV6_PIECES; i++) {
            pieces[i] = (bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF;
        }
        int runFrom = -1;
        int runLength = 1;
        for (int from = 0; from < IPV6_PIECES; from++) {
            int to = from;
            while (to < IPV6_PIECES && pieces[to] == 0) {
                to++;
            }
            if (to - from > runLength) {
                runFrom = from;
                runLength = to - from;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < IPV6_PIECES; i++) {
            if (i == runFrom) {
                text.append(i == 0 ? "::" : ":");
                i += runLength - 1;
            } else {
                text.append(Integer.toHexString(pieces[i])).append(i == IPV6_PIECES - 1 ? "" : ":");
            }
        }
        return text.toString();
    }
}
