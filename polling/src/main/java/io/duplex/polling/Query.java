package io.duplex.polling;

import io.duplex.polling.session.Refusal;
import org.jspecify.annotations.Nullable;

/** The parameters that a request has besides those of its URL. They are digits and letters: nothing is percent-encoded. */
record Query(String text) {
    static Query of(@Nullable String text) {
        return new Query(text == null ? "" : text);
    }

    /** The value of the last parameter of that name, as a page may have one of the same name in its URL; {@code null} if there is none. */
    @Nullable String value(String name) {
        String found = null;
        for (int from = 0; from < text.length(); ) {
            int to = text.indexOf('&', from);
            to = to < 0 ? text.length() : to;
            int valueAt = from + name.length() + 1;
            if (valueAt <= to && text.startsWith(name, from) && text.charAt(valueAt - 1) == '=') {
                found = text.substring(valueAt, to);
            }
            from = to + 1;
        }
        return found;
    }

    /** The value of a parameter that is a number; {@code otherwise} if it is absent. */
    long number(String name, long otherwise) {
        String value = value(name);
        if (value == null) {
            return otherwise;
        }
        return parse(value, "parameter " + name);
    }

    /** A number in digits. */
    static long parse(String digits, String what) {
        long number = numberOf(digits);
        if (number < 0) {
            throw new Refusal(400, what + " is no number, or too high");
        }
        return number;
    }

    /** A number in digits; -1 if it is none, or as high as none is. */
    static long numberOf(String digits) {
        if (digits.isEmpty() || digits.length() > 16 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        long number = Long.parseLong(digits);
        return number < Block.MAX_NUMBER ? number : -1;
    }
}
