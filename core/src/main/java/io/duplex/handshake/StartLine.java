package io.duplex.handshake;

import org.jspecify.annotations.Nullable;

/**
 * The first line of a head, which is what a request and a response differ in (RFC 9112 §2.1).
 *
 * @param <H> the head that it begins
 */
interface StartLine<H> {
    /** The fault of a line that does not end within the limit. */
    HandshakeFault tooLong();

    /**
     * Parses the line in {@code bytes[from..to)}, which hold no control characters but tabs.
     *
     * @return what is wrong with it; {@code null} if it is valid
     */
    @Nullable HandshakeFault parse(byte[] bytes, int from, int to);

    /** The head of the line that was parsed last. */
    H toHead(HeaderFields fields);

    /** The version in the eight bytes {@code HTTP/d.d} at {@code from}; {@code null} if they are none. */
    static @Nullable HttpVersion version(byte[] bytes, int from) {
        boolean isVersion = bytes[from] == 'H'
                && bytes[from + 1] == 'T'
                && bytes[from + 2] == 'T'
                && bytes[from + 3] == 'P'
                && bytes[from + 4] == '/'
                && Grammar.isDigit(bytes[from + 5])
                && bytes[from + 6] == '.'
                && Grammar.isDigit(bytes[from + 7]);
        if (!isVersion) {
            return null;
        }
        if (bytes[from + 5] == '1' && bytes[from + 7] == '1') {
            return HttpVersion.HTTP_1_1;
        }
        return new HttpVersion(bytes[from + 5] - '0', bytes[from + 7] - '0');
    }
}
