package io.duplex.client.w3c;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.duplex.transport.PercentDecoding;

/** Percent-encoding (URL Standard §1.3); {@link PercentDecoding} undoes it. */
final class PercentCodec {
    /** ASCII that the path may not hold as it is. */
    static final String PATH = " \"#<>?^`{}";
    /** ASCII that the query of such a URL may not hold as it is. */
    static final String QUERY = " \"#<>'";
    /** ASCII that name and password may not hold as they are. */
    static final String USERINFO = PATH + "/:;=@[\\]|";

    /** What the URL Standard leaves in a URL, and RFC 3986 does not. */
    private static final String LOOSE = "\"<>[\\]^`{|}";

    private PercentCodec() {}

    /** Encodes control characters, all beyond ASCII, and those of {@code set}. */
    static void append(StringBuilder to, int codePoint, String set) {
        if (codePoint > 0x1F && codePoint < 0x7F && set.indexOf(codePoint) < 0) {
            to.append((char) codePoint);
            return;
        }
        for (byte b : Character.toString(codePoint).getBytes(UTF_8)) {
            to.append('%').append(hexDigit(b >> 4)).append(hexDigit(b));
        }
    }

    static String encode(String text, String set) {
        StringBuilder encoded = new StringBuilder(text.length());
        text.codePoints().forEach(codePoint -> append(encoded, codePoint, set));
        return encoded.toString();
    }

    private static char hexDigit(int value) {
        return Character.toUpperCase(Character.forDigit(value & 0xF, 16));
    }

    /** What RFC 3986 wants encoded in what is encoded as the URL Standard wants it. */
    static String strict(String encoded) {
        StringBuilder strict = new StringBuilder(encoded.length());
        for (int at = 0; at < encoded.length(); at++) {
            boolean isLonePercent = encoded.charAt(at) == '%' && PercentDecoding.byteAt(encoded, at) < 0;
            append(strict, encoded.charAt(at), isLonePercent ? "%" : LOOSE);
        }
        return strict.toString();
    }
}
