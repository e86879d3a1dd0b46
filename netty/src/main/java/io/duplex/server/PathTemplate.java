package io.duplex.server;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A path in which whole segments may be parameters, such as <code>/chat/{room}</code>, and which may stand for all below it,
 * too. A literal segment goes before a parameter, and that before the rest of a path, the leftmost difference deciding.
 * Immutable and thread-safe.
 */
final class PathTemplate implements Comparable<PathTemplate> {
    private static final String REST = "/**";

    private final String text;
    private final String[] segments;
    private final boolean hasParameters;
    /** Whether what is below fits, too. */
    private final boolean isOpen;

    private PathTemplate(String text, String[] segments, boolean isOpen) {
        this.text = text;
        this.segments = segments;
        this.hasParameters = text.indexOf('{') >= 0;
        this.isOpen = isOpen;
    }

    /**
     * Reads a template that may end in {@code /**}, and then stands for the path before that and for all below it.
     *
     * @throws IllegalArgumentException as {@link #parse}
     */
    static PathTemplate parseOpen(String template) {
        if (!template.endsWith(REST)) {
            return parse(template);
        }
        String base = template.substring(0, template.length() - REST.length());
        return new PathTemplate(template, base.isEmpty() ? new String[0] : parse(base).segments, true);
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if it does not begin with a slash, or has a brace that is not around a whole segment,
     *     or a parameter without a name or twice
     */
    static PathTemplate parse(String template) {
        if (!template.startsWith("/")) {
            throw new IllegalArgumentException("path '" + template + "' does not begin with '/'");
        }
        String[] segments = split(template);
        Set<String> names = new HashSet<>();
        for (String segment : segments) {
            boolean parameter = isParameter(segment);
            String inside = parameter ? nameOf(segment) : segment;
            if (inside.indexOf('{') >= 0 || inside.indexOf('}') >= 0 || parameter && inside.isEmpty()) {
                throw new IllegalArgumentException("path '" + template
                        + "': a parameter is a whole segment such as {name}, not '" + segment + "'");
            }
            if (parameter && !names.add(inside)) {
                throw new IllegalArgumentException("path '" + template + "' has the parameter {" + inside + "} twice");
            }
        }
        return new PathTemplate(template, segments, false);
    }

    private static String[] split(String path) {
        return path.substring(1).split("/", -1);
    }

    private static boolean isParameter(String segment) {
        return segment.startsWith("{") && segment.endsWith("}");
    }

    private static String nameOf(String segment) {
        return segment.substring(1, segment.length() - 1);
    }

    /**
     * The decoded parameters of {@code path} if it fits, else {@code null}. A parameter takes one segment that is not empty
     * and that is valid percent-encoded UTF-8.
     *
     * @param path as sent
     */
    @Nullable Map<String, String> match(String path) {
        if (isExact()) {
            return path.equals(text) ? Map.of() : null;
        }
        if (!path.startsWith("/")) {
            return null;
        }
        String[] actual = split(path);
        if (isOpen ? actual.length < segments.length : actual.length != segments.length) {
            return null;
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < segments.length; i++) {
            if (!isParameter(segments[i])) {
                if (!segments[i].equals(actual[i])) {
                    return null;
                }
                continue;
            }
            String value = decode(actual[i]);
            if (value == null || value.isEmpty()) {
                return null;
            }
            parameters.put(nameOf(segments[i]), value);
        }
        return parameters;
    }

    /** Undoes percent-encoding; {@code null} if an escape is incomplete or the bytes are not UTF-8. */
    static @Nullable String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteBuffer bytes = ByteBuffer.allocate(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                if (i + 2 >= segment.length()) {
                    return null;
                }
                int high = Character.digit(segment.charAt(i + 1), 16);
                int low = Character.digit(segment.charAt(i + 2), 16);
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.put((byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Whether one path fits, and no other. */
    boolean isExact() {
        return !hasParameters && !isOpen;
    }

    /** Names of the parameters, in order. */
    List<String> parameterNames() {
        List<String> names = new ArrayList<>();
        for (String segment : segments) {
            if (isParameter(segment)) {
                names.add(nameOf(segment));
            }
        }
        return names;
    }

    /** The template that is to be asked first is smaller. Equal are those that fit the same paths. */
    @Override
    public int compareTo(PathTemplate other) {
        int common = Math.min(segments.length, other.segments.length);
        for (int i = 0; i < common; i++) {
            boolean parameter = isParameter(segments[i]);
            boolean otherParameter = isParameter(other.segments[i]);
            if (parameter != otherParameter) {
                return parameter ? 1 : -1;
            }
            if (!parameter) {
                int difference = segments[i].compareTo(other.segments[i]);
                if (difference != 0) {
                    return difference;
                }
            }
        }
        // Where one ends before the other: what ends is smallest, and the rest of a path is biggest.
        return Integer.compare(end(common), other.end(common));
    }

    private int end(int at) {
        if (at < segments.length) {
            return 1;
        }
        return isOpen ? 2 : 0;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PathTemplate template && compareTo(template) == 0;
    }

    @Override
    public int hashCode() {
        return segments.length;
    }

    @Override
    public String toString() {
        return text;
    }
}
