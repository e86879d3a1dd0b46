package io.duplex.jakarta;

import jakarta.websocket.DeploymentException;
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
 * The path of a server endpoint (Jakarta WebSocket §3.1.1): literal segments, and variables that stand for a whole one. Smaller
 * templates go before greater ones. Immutable and thread-safe.
 */
final class UriTemplate implements Comparable<UriTemplate> {
    private final String text;
    private final List<String> segments;
    private final Set<String> variables;

    private UriTemplate(String text, List<String> segments, Set<String> variables) {
        this.text = text;
        this.segments = segments;
        this.variables = variables;
    }

    /**
     * Reads a template.
     *
     * @throws DeploymentException if it does not begin with a slash, has an empty or relative segment before its end, or a
     *     variable that is not a whole segment or stands there twice
     */
    static UriTemplate parse(@Nullable String path) throws DeploymentException {
        if (path == null || !path.startsWith("/")) {
            throw new DeploymentException("path \"" + path + "\" of an endpoint does not begin with a slash");
        }
        List<String> segments = split(path);
        Set<String> variables = new HashSet<>();
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            boolean isLast = i == segments.size() - 1;
            if (segment.isEmpty() && !isLast || segment.equals(".") || segment.equals("..")) {
                throw new DeploymentException("path \"" + path + "\" of an endpoint has an empty or relative segment");
            }
            if (isVariable(segment)) {
                String name = nameOf(segment);
                if (name.isEmpty() || hasBrace(name) || !variables.add(name)) {
                    throw new DeploymentException("path \"" + path + "\" of an endpoint has \"" + segment
                            + "\", which is no variable or a second one");
                }
            } else if (hasBrace(segment)) {
                throw new DeploymentException("path \"" + path + "\" of an endpoint has \"" + segment
                        + "\": a variable must be a whole segment");
            }
        }
        return new UriTemplate(path, segments, Set.copyOf(variables));
    }

    /** The path of an endpoint that is found otherwise. */
    static UriTemplate unchecked(String path) {
        return new UriTemplate(path, List.of(), Set.of());
    }

    private static boolean isVariable(String segment) {
        return segment.startsWith("{") && segment.endsWith("}");
    }

    private static String nameOf(String variable) {
        return variable.substring(1, variable.length() - 1);
    }

    private static boolean hasBrace(String text) {
        return text.indexOf('{') >= 0 || text.indexOf('}') >= 0;
    }

    private static List<String> split(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /**
     * The decoded segments of a path.
     *
     * @param path as sent
     * @return {@code null} if it does not begin with a slash, is not valid percent-encoded UTF-8, or has a relative segment,
     *     which stands for another path to whoever guards some of them
     */
    static @Nullable List<String> segments(String path) {
        if (!path.startsWith("/")) {
            return null;
        }
        List<String> decoded = new ArrayList<>();
        for (String segment : split(path)) {
            String text = decode(segment);
            if (text == null || text.equals(".") || text.equals("..")) {
                return null;
            }
            decoded.add(text);
        }
        return decoded;
    }

    private static @Nullable String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteBuffer bytes = ByteBuffer.allocate(segment.length() * 3);
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
                int low = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.put(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** The names of its variables. */
    Set<String> variables() {
        return variables;
    }

    /** What makes two templates match the same paths: the segments without the names of variables. */
    String shape() {
        StringBuilder shape = new StringBuilder();
        for (String segment : segments) {
            shape.append('/').append(isVariable(segment) ? "{}" : segment);
        }
        return shape.toString();
    }

    /**
     * Matches a path.
     *
     * @param path its decoded segments
     * @return the values of the variables by name; {@code null} if it does not match
     */
    @Nullable Map<String, String> match(List<String> path) {
        if (path.size() != segments.size()) {
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String segment = segments.get(i);
            if (isVariable(segment)) {
                if (path.get(i).isEmpty()) {
                    return null;
                }
                values.put(nameOf(segment), path.get(i));
            } else if (!segment.equals(path.get(i))) {
                return null;
            }
        }
        return values;
    }

    /** A literal segment goes before a variable, further left first. */
    @Override
    public int compareTo(UriTemplate other) {
        for (int i = 0; i < Math.min(segments.size(), other.segments.size()); i++) {
            boolean variable = isVariable(segments.get(i));
            boolean otherVariable = isVariable(other.segments.get(i));
            int order = variable != otherVariable
                    ? Boolean.compare(variable, otherVariable)
                    : variable ? 0 : segments.get(i).compareTo(other.segments.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(segments.size(), other.segments.size());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof UriTemplate template && compareTo(template) == 0;
    }

    @Override
    public int hashCode() {
        return shape().hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
