package io.duplex.handshake;

/**
 * The character classes of the opening handshake (RFC 6455 §4.3, RFC 9110 §5.6, RFC 3986 §3). All of them are ASCII, and
 * case is folded for A to Z only, whatever the locale (RFC 6455 §2).
 */
final class Grammar {
    private static final int TOKEN = 1;
    private static final int TARGET = 1 << 1;
    private static final int FIELD_VALUE = 1 << 2;
    private static final int REG_NAME = 1 << 3;
    private static final int PATH = 1 << 4;
    private static final int QUERY = 1 << 5;
    private static final int SCHEME = 1 << 6;

    /** The classes of each character of ISO-8859-1. */
    private static final byte[] CLASSES = new byte[256];

    static {
        String alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        String regName = alphanumeric + "-._~" + "!$&'()*+,;=";
        add(TOKEN, alphanumeric + "!#$%&'*+-.^_`|~");
        add(REG_NAME, regName);
        add(PATH, regName + ":@/");
        add(QUERY, regName + ":@/?");
        add(SCHEME, alphanumeric + "+-.");
        for (int c = 0; c < 256; c++) {
            if (c > ' ' && c < 0x7F && c != '#') {
                CLASSES[c] |= TARGET;
            }
            if (c == '\t' || c >= ' ' && c != 0x7F) {
                CLASSES[c] |= FIELD_VALUE;
            }
        }
    }

    private Grammar() {}

    private static void add(int characterClass, String characters) {
        for (int i = 0; i < characters.length(); i++) {
            CLASSES[characters.charAt(i)] |= (byte) characterClass;
        }
    }

    static boolean isTokenByte(byte b) {
        return (CLASSES[b & 0xFF] & TOKEN) != 0;
    }

    /** A printable ASCII character but {@code #}: a request target has no fragment (RFC 9112 §3.2). */
    static boolean isTargetByte(byte b) {
        return (CLASSES[b & 0xFF] & TARGET) != 0;
    }

    /** Any byte but a control character; a tab is none here (RFC 9110 §5.5). */
    static boolean isFieldValueByte(byte b) {
        return (CLASSES[b & 0xFF] & FIELD_VALUE) != 0;
    }

    /** A character of a host name, where it is not percent-encoded. */
    static boolean isRegNameCharacter(char c) {
        return isOf(REG_NAME, c);
    }

    /** A character of a path, {@code /} included, where it is not percent-encoded. */
    static boolean isPathCharacter(char c) {
        return isOf(PATH, c);
    }

    /** A character of a query where it is not percent-encoded. */
    static boolean isQueryCharacter(char c) {
        return isOf(QUERY, c);
    }

    static boolean isToken(String text) {
        return isAllOf(TOKEN, text) && !text.isEmpty();
    }

    static boolean isTarget(String text) {
        return isAllOf(TARGET, text) && !text.isEmpty();
    }

    static boolean isFieldValue(String text) {
        return isAllOf(FIELD_VALUE, text);
    }

    static boolean isScheme(String text) {
        return isAllOf(SCHEME, text) && !text.isEmpty() && isLetter(text.charAt(0));
    }

    private static boolean isAllOf(int characterClass, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isOf(characterClass, text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOf(int characterClass, char c) {
        return c < 256 && (CLASSES[c] & characterClass) != 0;
    }

    static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    static boolean isHexDigit(int c) {
        return isDigit(c) || foldCase(c) >= 'a' && foldCase(c) <= 'f';
    }

    static boolean isLetter(int c) {
        return foldCase(c) >= 'a' && foldCase(c) <= 'z';
    }

    static boolean isWhiteSpace(int c) {
        return c == ' ' || c == '\t';
    }

    private static int foldCase(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    static boolean equalsIgnoreCase(String a, String b) {
        return a.length() == b.length() && startsWithIgnoreCase(a, 0, b);
    }

    /** Whether {@code prefix} stands in {@code text} at {@code from}. */
    @SuppressWarnings("ReferenceEquality") // a fast path: field names are mostly the same object
    static boolean startsWithIgnoreCase(String text, int from, String prefix) {
        if (text == prefix && from == 0) {
            return true;
        }
        if (text.length() - from < prefix.length()) {
            return false;
        }
        for (int i = 0; i < prefix.length(); i++) {
            if (foldCase(text.charAt(from + i)) != foldCase(prefix.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static String toLowerCase(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (foldCase(text.charAt(i)) != text.charAt(i)) {
                StringBuilder folded = new StringBuilder(text.length());
                for (int j = 0; j < text.length(); j++) {
                    folded.append((char) foldCase(text.charAt(j)));
                }
                return folded.toString();
            }
        }
        return text;
    }
}
