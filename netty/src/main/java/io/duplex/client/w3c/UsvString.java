package io.duplex.client.w3c;

/** Web IDL's {@code USVString}: a string without lone surrogates, which become U+FFFD. */
final class UsvString {
    private static final char REPLACEMENT = '\uFFFD';

    private UsvString() {}

    /** The string, with U+FFFD in place of each lone surrogate. */
    static String of(String text) {
        int at = firstLoneSurrogate(text, 0);
        if (at < 0) {
            return text;
        }
        StringBuilder converted = new StringBuilder(text);
        while (at >= 0) {
            converted.setCharAt(at, REPLACEMENT);
            at = firstLoneSurrogate(text, at + 1);
        }
        return converted.toString();
    }

    private static int firstLoneSurrogate(String text, int from) {
        for (int at = from; at < text.length(); at++) {
            if (isPair(text, at)) {
                at++;
            } else if (Character.isSurrogate(text.charAt(at))) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isPair(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
    }

    /** Bytes that the text takes as UTF-8, a lone surrogate counting as U+FFFD. */
    static long utf8Bytes(String text) {
        long bytes = 0;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (isPair(text, at)) {
                bytes += 4;
                at++;
            } else {
                bytes += 3;
            }
        }
        return bytes;
    }
}
