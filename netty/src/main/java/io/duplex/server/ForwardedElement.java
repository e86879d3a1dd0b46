package io.duplex.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One proxy's words in a Forwarded field (RFC 7239 §4).
 *
 * @param node by whom the proxy was called, as written; {@code null} if it does not say
 * @param proto by which scheme; {@code null} if it does not say
 */
record ForwardedElement(@Nullable String node, @Nullable String proto) {
    /**
     * Reads the lines of a field, whose elements are one list.
     *
     * @return empty if there is no element; {@code null} if a line breaks the grammar: then nobody could say which proxy wrote
     *     what
     */
    static @Nullable List<ForwardedElement> parse(List<String> lines) {
        List<ForwardedElement> elements = new ArrayList<>();
        for (String line : lines) {
            Reader reader = new Reader(line);
            do {
                if (reader.isAtEmptyElement()) {
                    continue;
                }
                ForwardedElement element = reader.element();
                if (element == null) {
                    return null;
                }
                elements.add(element);
            } while (reader.take(','));
            if (!reader.isAtEnd()) {
                return null;
            }
        }
        return elements;
    }

    private static final class Reader {
        private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

        private final String line;
        private int at;

        Reader(String line) {
            this.line = line;
        }

        boolean isAtEnd() {
            return at == line.length();
        }

        boolean take(char mark) {
            skipWhiteSpace();
            if (at < line.length() && line.charAt(at) == mark) {
                at++;
                skipWhiteSpace();
                return true;
            }
            return false;
        }

        /** Whether nothing is between two commas: such elements do not count (RFC 9110 §5.6.1.2). */
        boolean isAtEmptyElement() {
            skipWhiteSpace();
            return isAtEnd() || line.charAt(at) == ',';
        }

        private void skipWhiteSpace() {
            while (at < line.length() && (line.charAt(at) == ' ' || line.charAt(at) == '\t')) {
                at++;
            }
        }

        /** {@code [ pair ] *( ";" [ pair ] )}; {@code null} if a pair is none or comes twice. */
        @Nullable ForwardedElement element() {
            String node = null;
            String proto = null;
            skipWhiteSpace();
            do {
                String name = token();
                if (name.isEmpty()) {
                    continue;
                }
                String value = at < line.length() && line.charAt(at++) == '=' ? value() : null;
                if (value == null) {
                    return null;
                }
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "for" -> {
                        if (node != null) {
                            return null;
                        }
                        node = value;
                    }
                    case "proto" -> {
                        if (proto != null) {
                            return null;
                        }
                        proto = value;
                    }
                    default -> {}
                }
            } while (take(';'));
            return new ForwardedElement(node, proto);
        }

        private String token() {
            int from = at;
            while (at < line.length() && isTokenCharacter(line.charAt(at))) {
                at++;
            }
            return line.substring(from, at);
        }

        private static boolean isTokenCharacter(char c) {
            return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || TOKEN_MARKS.indexOf(c) >= 0;
        }

        private @Nullable String value() {
            if (at == line.length() || line.charAt(at) != '"') {
                String token = token();
                return token.isEmpty() ? null : token;
            }
            at++;
            StringBuilder value = new StringBuilder();
            while (at < line.length() && line.charAt(at) != '"') {
                if (line.charAt(at) == '\\') {
                    at++;
                    if (at == line.length()) {
                        return null;
                    }
                }
                value.append(line.charAt(at++));
            }
            if (at == line.length()) {
                return null;
            }
            at++;
            return value.toString();
        }
    }
}
