package io.duplex.sockjs;

import io.duplex.CloseStatus;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames of SockJS: {@code o}, {@code h}, {@code a[...]} and {@code c[code,"reason"]}; and the arrays of strings that
 * clients send. They are a small part of JSON, with escapes of their own.
 */
final class Frames {
    static final String OPEN = "o";
    static final String HEARTBEAT = "h";

    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Frames() {}

    static String close(CloseStatus status) {
        StringBuilder frame = new StringBuilder("c[").append(status.code()).append(',');
        quote(status.reason(), frame);
        return frame.append(']').toString();
    }

    static String messages(List<String> texts) {
        StringBuilder frame = new StringBuilder("a[");
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0) {
                frame.append(',');
            }
            quote(texts.get(i), frame);
        }
        return frame.append(']').toString();
    }

    /** As a string of JSON, in which stands nothing that browsers change or refuse on the way. */
    static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\r') {
                out.append("\\r");
            } else if (c == '\t') {
                out.append("\\t");
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out.append(c).append(text.charAt(++i));
            } else if (mustBeEscaped(c)) {
                escape(c, out);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static boolean mustBeEscaped(char c) {
        return c < 0x20
                || c >= 0x7F && c <= 0x9F
                || c == 0xAD
                || c >= 0x0600 && c <= 0x0604
                || c == 0x070F
                || c == 0x17B4
                || c == 0x17B5
                || c >= 0x200C && c <= 0x200F
                || c >= 0x2028 && c <= 0x202F
                || c >= 0x2060 && c <= 0x206F
                || Character.isSurrogate(c)
                || c == 0xFEFF
                || c >= 0xFFF0;
    }

    private static void escape(char c, StringBuilder out) {
        out.append("\\u")
                .append(HEX[c >> 12])
                .append(HEX[c >> 8 & 0xF])
                .append(HEX[c >> 4 & 0xF])
                .append(HEX[c & 0xF]);
    }

    /**
     * Reads an array of strings.
     *
     * @param mayBeOne whether a string without an array is one, too
     * @return {@code null} if it is none
     */
    static @Nullable List<String> read(String json, boolean mayBeOne) {
        Reader reader = new Reader(json);
        List<String> texts = new ArrayList<>();
        reader.skipSpace();
        boolean good = mayBeOne && reader.peek() == '"' ? reader.string(texts) : reader.array(texts);
        reader.skipSpace();
        return good && reader.isAtEnd() ? texts : null;
    }

    /** Goes through a text once; each method tells whether what it looks for stands there. */
    private static final class Reader {
        private final String json;
        private int at;

        Reader(String json) {
            this.json = json;
        }

        boolean isAtEnd() {
            return at == json.length();
        }

        /** The next character; 0 at the end, which no JSON has outside of strings. */
        char peek() {
            return isAtEnd() ? 0 : json.charAt(at);
        }

        void skipSpace() {
            while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
                at++;
            }
        }

        private boolean take(char c) {
            if (peek() != c || isAtEnd()) {
                return false;
            }
            at++;
            return true;
        }

        boolean array(List<String> into) {
            if (!take('[')) {
                return false;
            }
            skipSpace();
            if (take(']')) {
                return true;
            }
            do {
                skipSpace();
                if (!string(into)) {
                    return false;
                }
                skipSpace();
            } while (take(','));
            return take(']');
        }

        boolean string(List<String> into) {
            if (!take('"')) {
                return false;
            }
            StringBuilder text = new StringBuilder();
            while (!isAtEnd()) {
                char c = json.charAt(at++);
                if (c == '"') {
                    into.add(text.toString());
                    return true;
                }
                if (c < 0x20 || c == '\\' && !escaped(text)) {
                    return false;
                }
                if (c != '\\') {
                    text.append(c);
                }
            }
            return false;
        }

        private boolean escaped(StringBuilder text) {
            if (isAtEnd()) {
                return false;
            }
            char c = json.charAt(at++);
            switch (c) {
                case '"', '\\', '/' -> text.append(c);
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    return unit(text);
                }
                default -> {
                    return false;
                }
            }
            return true;
        }

        private boolean unit(StringBuilder text) {
            if (at + 4 > json.length()) {
                return false;
            }
            int value = 0;
            for (int i = 0; i < 4; i++) {
                char digit = json.charAt(at++);
                if (!HexFormat.isHexDigit(digit)) {
                    return false;
                }
                value = value << 4 | HexFormat.fromHexDigit(digit);
            }
            text.append((char) value);
            return true;
        }
    }
}
