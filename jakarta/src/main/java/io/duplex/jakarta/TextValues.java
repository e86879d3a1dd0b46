package io.duplex.jakarta;

import jakarta.websocket.DecodeException;
import java.lang.reflect.Array;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The Java primitives and their classes as text (Jakarta WebSocket §4.3, §4.7), and strings themselves. */
final class TextValues {
    private static final Map<Class<?>, Function<String, Object>> PARSERS = Map.ofEntries(
            Map.entry(String.class, text -> text),
            Map.entry(boolean.class, Boolean::valueOf),
            Map.entry(Boolean.class, Boolean::valueOf),
            Map.entry(byte.class, Byte::valueOf),
            Map.entry(Byte.class, Byte::valueOf),
            Map.entry(char.class, TextValues::firstChar),
            Map.entry(Character.class, TextValues::firstChar),
            Map.entry(short.class, Short::valueOf),
            Map.entry(Short.class, Short::valueOf),
            Map.entry(int.class, Integer::valueOf),
            Map.entry(Integer.class, Integer::valueOf),
            Map.entry(long.class, Long::valueOf),
            Map.entry(Long.class, Long::valueOf),
            Map.entry(float.class, Float::valueOf),
            Map.entry(Float.class, Float::valueOf),
            Map.entry(double.class, Double::valueOf),
            Map.entry(Double.class, Double::valueOf));

    private TextValues() {}

    private static Object firstChar(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("text is empty");
        }
        return text.charAt(0);
    }

    /** Whether texts are read as that type. */
    static boolean isOne(Class<?> type) {
        return PARSERS.containsKey(type);
    }

    /** What stands for a text that is not there: {@code false} or zero for what cannot be {@code null}. */
    static @Nullable Object absent(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return false;
        }
        return type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0) : null;
    }

    /**
     * Reads a text.
     *
     * @param type one that {@link #isOne}
     * @throws DecodeException if the text does not say one of them
     */
    static Object parse(String text, Class<?> type) throws DecodeException {
        Function<String, Object> parser = PARSERS.get(type);
        if (parser == null) {
            throw new IllegalArgumentException(type + " is not a primitive");
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new DecodeException(text, "text is no " + type.getSimpleName(), e);
        }
    }
}
