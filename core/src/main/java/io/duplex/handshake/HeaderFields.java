package io.duplex.handshake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The field lines of a request or response head, in order. Names are compared without case, by ASCII (RFC 6455 §2). A value
 * has no control characters but tabs, none outside ISO-8859-1, and no white space at its ends. Immutable and thread-safe.
 */
public final class HeaderFields {
    /** No field at all. */
    public static final HeaderFields EMPTY = new HeaderFields(new String[0]);

    /** Name, value, name, value... A linear search beats a map at the size of a head, and costs nothing to build. */
    private final String[] lines;

    private HeaderFields(String[] lines) {
        this.lines = lines;
    }

    /** Starts with no field. */
    public static Builder builder() {
        return new Builder();
    }

    /** The number of field lines. */
    public int size() {
        return lines.length >> 1;
    }

    /**
     * The name of a line; those of well-known fields are in their registered case, however they were sent.
     *
     * @param line 0 to {@link #size()} - 1
     * @throws IndexOutOfBoundsException if there is no such line
     */
    public String name(int line) {
        return lines[index(line)];
    }

    /**
     * The value of a line.
     *
     * @param line 0 to {@link #size()} - 1
     * @throws IndexOutOfBoundsException if there is no such line
     */
    public String value(int line) {
        return lines[index(line) + 1];
    }

    private int index(int line) {
        return Objects.checkIndex(line, size()) << 1;
    }

    /** The value of the first line of that name; {@code null} if there is none. */
    public @Nullable String first(String name) {
        int at = next(name, 0);
        return at < lines.length ? lines[at + 1] : null;
    }

    /** The value of the only line of that name; {@code null} if there is none or more than one. */
    @Nullable String only(String name) {
        int at = next(name, 0);
        return at < lines.length && next(name, at + 2) == lines.length ? lines[at + 1] : null;
    }

    /** The values of all lines of that name, in order; empty if there is none. Unmodifiable. */
    public List<String> all(String name) {
        int at = next(name, 0);
        if (at == lines.length) {
            return List.of();
        }
        List<String> values = new ArrayList<>(2);
        for (; at < lines.length; at = next(name, at + 2)) {
            values.add(lines[at + 1]);
        }
        return Collections.unmodifiableList(values);
    }

    /** Whether there is a line of that name. */
    public boolean contains(String name) {
        return next(name, 0) < lines.length;
    }

    /**
     * The elements of a field that is a list of tokens ({@code 1#token} of RFC 6455 §4.3): lines are joined, empty elements
     * are skipped.
     *
     * @return unmodifiable; empty if the field is absent; {@code null} if it holds something that is no token, or no token at
     *     all
     */
    public @Nullable List<String> tokens(String name) {
        int at = next(name, 0);
        if (at == lines.length) {
            return List.of();
        }
        List<String> tokens = new ArrayList<>(4);
        for (; at < lines.length; at = next(name, at + 2)) {
            String value = lines[at + 1];
            int from = 0;
            while (from < value.length()) {
                int to = elementEnd(value, from);
                String token = stripWhiteSpace(value, from, to);
                if (Grammar.isToken(token)) {
                    tokens.add(token);
                } else if (!token.isEmpty()) {
                    return null;
                }
                from = to + 1;
            }
        }
        return tokens.isEmpty() ? null : Collections.unmodifiableList(tokens);
    }

    /** Whether an element of a comma-separated field equals {@code token}, compared without case. */
    public boolean hasToken(String name, String token) {
        for (int at = next(name, 0); at < lines.length; at = next(name, at + 2)) {
            if (hasElement(lines[at + 1], token)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasElement(String value, String token) {
        int from = 0;
        while (from < value.length()) {
            int to = elementEnd(value, from);
            int start = skipWhiteSpace(value, from, to);
            if (trimWhiteSpace(value, start, to) - start == token.length()
                    && Grammar.startsWithIgnoreCase(value, start, token)) {
                return true;
            }
            from = to + 1;
        }
        return false;
    }

    private static int elementEnd(String value, int from) {
        int comma = value.indexOf(',', from);
        return comma < 0 ? value.length() : comma;
    }

    /** The values by name, in lower case, in the order in which the names first appear. Unmodifiable. */
    public Map<String, List<String>> toMap() {
        Map<String, List<String>> map = new LinkedHashMap<>();
        for (int at = 0; at < lines.length; at += 2) {
            String name = lines[at];
            map.computeIfAbsent(Grammar.toLowerCase(name), lowerCase -> all(name));
        }
        return Collections.unmodifiableMap(map);
    }

    /** The index of the next line of that name at or after {@code from}; the end if there is none. */
    private int next(String name, int from) {
        int at = from;
        while (at < lines.length && !Grammar.equalsIgnoreCase(lines[at], name)) {
            at += 2;
        }
        return at;
    }

    /** Appends the lines as they are sent, without the empty line after them. */
    void appendTo(StringBuilder head) {
        for (int at = 0; at < lines.length; at += 2) {
            head.append(lines[at]).append(": ").append(lines[at + 1]).append("\r\n");
        }
    }

    private static String stripWhiteSpace(String text, int from, int to) {
        int start = skipWhiteSpace(text, from, to);
        return text.substring(start, trimWhiteSpace(text, start, to));
    }

    private static int skipWhiteSpace(String text, int from, int to) {
        int start = from;
        while (start < to && Grammar.isWhiteSpace(text.charAt(start))) {
            start++;
        }
        return start;
    }

    private static int trimWhiteSpace(String text, int from, int to) {
        int end = to;
        while (end > from && Grammar.isWhiteSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    /** The same lines in the same order; names are compared without case. */
    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof HeaderFields that) || lines.length != that.lines.length) {
            return false;
        }
        for (int at = 0; at < lines.length; at += 2) {
            if (!Grammar.equalsIgnoreCase(lines[at], that.lines[at]) || !lines[at + 1].equals(that.lines[at + 1])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = lines.length;
        for (int at = 1; at < lines.length; at += 2) {
            hash = 31 * hash + lines[at].hashCode();
        }
        return hash;
    }

    /** The names alone: values such as cookies do not belong into a log. */
    @Override
    public String toString() {
        StringBuilder names = new StringBuilder("[");
        for (int at = 0; at < lines.length; at += 2) {
            names.append(at == 0 ? "" : ", ").append(lines[at]);
        }
        return names.append(']').toString();
    }

    /** Builds {@link HeaderFields}. Confined to one thread at a time. */
    public static final class Builder {
        private static final int USUAL_LINES = 8;

        private String[] lines = EMPTY.lines;
        private int end;

        private Builder() {}

        /**
         * Adds a line. White space at the ends of the value is left out.
         *
         * @param name a token
         * @param value characters of ISO-8859-1 without control characters; tabs may be inside
         * @throws IllegalArgumentException if the name or the value has a character that it may not have
         */
        public Builder add(String name, String value) {
            if (!Grammar.isToken(name)) {
                throw new IllegalArgumentException("field name \"" + name + "\" is not a token");
            }
            if (!Grammar.isFieldValue(value)) {
                throw new IllegalArgumentException(
                        "value of field " + name + " has a control character or one outside ISO-8859-1");
            }
            addValid(name, stripWhiteSpace(value, 0, value.length()));
            return this;
        }

        /**
         * Adds all lines of {@code fields}.
         *
         * @return this builder
         */
        public Builder addAll(HeaderFields fields) {
            for (int at = 0; at < fields.lines.length; at += 2) {
                addValid(fields.lines[at], fields.lines[at + 1]);
            }
            return this;
        }

        /** Adds a line that was validated already. */
        void addValid(String name, String value) {
            if (end == lines.length) {
                lines = Arrays.copyOf(lines, Math.max(2 * USUAL_LINES, 2 * end));
            }
            lines[end] = name;
            lines[end + 1] = value;
            end += 2;
        }

        /** The number of lines so far. */
        int size() {
            return end >> 1;
        }

        /** Builds the fields. The builder may go on being used. */
        public HeaderFields build() {
            return new HeaderFields(Arrays.copyOf(lines, end));
        }
    }
}
