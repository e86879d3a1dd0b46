package io.duplex.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.jspecify.annotations.Nullable;

/**
 * What all heads that one event loop decodes are decoded with: an array to read them in, and the strings that come again and
 * again, so that ten thousand connections from one web site hold one {@code User-Agent} and not ten thousand. Of each field the
 * last value is remembered, but only of fields that are no secret, and only short ones. Confined to one thread at a time.
 */
public final class HeadScratch {
    private static final int MAX_SHARED_LENGTH = 256;

    private final @Nullable String[] lastValues = new String[FieldName.knownNames()];
    private String lastTarget = "";
    private byte[] bytes = {};

    /** Creates one that remembers nothing. */
    public HeadScratch() {}

    /** An array of at least {@code length} bytes; the same one at each call. */
    byte[] bytes(int length) {
        if (bytes.length < length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
        }
        return bytes;
    }

    /**
     * A field value.
     *
     * @param field from {@link FieldName#indexOf}
     */
    String value(int field, byte[] head, int from, int to) {
        if (to - from > MAX_SHARED_LENGTH || !FieldName.isShared(field)) {
            return new String(head, from, to - from, ISO_8859_1);
        }
        String last = lastValues[field];
        if (last == null || !isEqual(last, head, from, to)) {
            last = new String(head, from, to - from, ISO_8859_1);
            lastValues[field] = last;
        }
        return last;
    }

    /** A request target. One with a query is not shared: tokens stand there. */
    String target(byte[] head, int from, int to) {
        if (isEqual(lastTarget, head, from, to)) {
            return lastTarget;
        }
        String target = new String(head, from, to - from, ISO_8859_1);
        if (target.length() <= MAX_SHARED_LENGTH && target.indexOf('?') < 0) {
            lastTarget = target;
        }
        return target;
    }

    private static boolean isEqual(String text, byte[] head, int from, int to) {
        if (text.length() != to - from) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != (head[from + i] & 0xFF)) {
                return false;
            }
        }
        return true;
    }
}
