package io.duplex;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks up {@code name=value} in Cookie fields and queries. */
final class Parameters {
    private Parameters() {}

    /** The first cookie of that name in Cookie fields; {@code null} if there is none. */
    static @Nullable String cookie(List<String> fields, String name) {
        for (String field : fields) {
            int from = 0;
            while (from < field.length()) {
                int to = end(field, ';', from, field.length());
                int equals = end(field, '=', from, to);
                if (equals < to && field.substring(from, equals).strip().equals(name)) {
                    return unquote(field.substring(equals + 1, to).strip());
                }
                from = to + 1;
            }
        }
        return null;
    }

    private static String unquote(String value) {
        boolean isQuoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return isQuoted ? value.substring(1, value.length() - 1) : value;
    }

    /** The first parameter of that name in a query; {@code null} if there is none, or it is not valid. */
    static @Nullable String query(@Nullable String query, String name) {
        if (query == null) {
            return null;
        }
        int from = 0;
        while (from < query.length()) {
            int to = end(query, '&', from, query.length());
            int equals = end(query, '=', from, to);
            if (name.equals(decode(query, from, equals))) {
                return decode(query, Math.min(equals + 1, to), to);
            }
            from = to + 1;
        }
        return null;
    }

    private static int end(String text, char mark, int from, int to) {
        int at = from;
        while (at < to && text.charAt(at) != mark) {
            at++;
        }
        return at;
    }

    /** Undoes {@code application/x-www-form-urlencoded}; {@code null} if an escape is incomplete or the bytes are no UTF-8. */
    private static @Nullable String decode(String text, int from, int to) {
        ByteBuffer bytes = ByteBuffer.allocate(to - from);
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < to ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < to ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else {
                bytes.put((byte) (c == '+' ? ' ' : c));
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
