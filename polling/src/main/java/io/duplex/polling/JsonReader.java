package io.duplex.polling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a JSON object (RFC 8259), as servers describe sessions. Confined to one thread at a time. */
final class JsonReader {
    private static final int MAX_NUMBER_CHARS = 16;

    /** Of objects and lists in each other: no stack is deep enough for any number. */
    private static final int MAX_DEPTH = 32;

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /**
     * The members by name.
     *
     * @return values that are String, Long, Boolean, a List or a Map of these, or {@code null}; numbers with a fraction or an
     *     exponent are {@code null}, too, as no known member has one
     * @throws IllegalArgumentException if it is no object, names a member twice, or goes too deep
     */
    static Map<String, @Nullable Object> parse(String text) {
        JsonReader reader = new JsonReader(text);
        Map<String, @Nullable Object> members = reader.object();
        reader.skipSpace();
        if (reader.at != text.length()) {
            throw reader.fault();
        }
        return members;
    }

    private IllegalArgumentException fault() {
        return new IllegalArgumentException("no JSON object, from character " + at + " on");
    }

    private Map<String, @Nullable Object> object() {
        Map<String, @Nullable Object> members = new HashMap<>();
        enter('{');
        if (accept('}')) {
            depth--;
            return members;
        }
        do {
            skipSpace();
            String name = string();
            expect(':');
            if (members.containsKey(name)) {
                throw fault();
            }
            members.put(name, value());
        } while (accept(','));
        leave('}');
        return members;
    }

    private void enter(char bracket) {
        expect(bracket);
        if (++depth > MAX_DEPTH) {
            throw fault();
        }
    }

    private void leave(char bracket) {
        expect(bracket);
        depth--;
    }

    private @Nullable Object value() {
        skipSpace();
        char c = peek();
        if (c == '"') {
            return string();
        } else if (c == '[') {
            return list();
        } else if (c == '{') {
            return object();
        } else if (c == '-' || c >= '0' && c <= '9') {
            return number();
        } else if (acceptWord("true")) {
            return true;
        } else if (acceptWord("false")) {
            return false;
        } else if (acceptWord("null")) {
            return null;
        }
        throw fault();
    }

    private List<@Nullable Object> list() {
        List<@Nullable Object> values = new ArrayList<>();
        enter('[');
        if (accept(']')) {
            depth--;
            return values;
        }
        do {
            values.add(value());
        } while (accept(','));
        leave(']');
        return values;
    }

    private @Nullable Long number() {
        int from = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at);
        boolean isWhole = digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isWhole && digits.length() <= MAX_NUMBER_CHARS ? Long.valueOf(digits) : null;
    }

    private String string() {
        expect('"');
        StringBuilder value = new StringBuilder();
        for (char c; (c = next()) != '"'; ) {
            if (c < ' ') {
                throw fault();
            }
            value.append(c == '\\' ? escaped() : c);
        }
        return value.toString();
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) {
                        throw fault();
                    }
                    code = code << 4 | digit;
                }
                yield (char) code;
            }
            default -> throw fault();
        };
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        if (at == text.length()) {
            throw fault();
        }
        return text.charAt(at);
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private boolean accept(char c) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private boolean acceptWord(String word) {
        if (text.startsWith(word, at)) {
            at += word.length();
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!accept(c)) {
            throw fault();
        }
    }
}
