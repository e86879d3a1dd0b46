package io.duplex.handshake;

/**
 * The version of HTTP that a message was sent with (RFC 9110 §2.5). Immutable and thread-safe.
 *
 * @param major 0 to 9
 * @param minor 0 to 9
 */
public record HttpVersion(int major, int minor) {
    /** HTTP/1.0, which knows no upgrade. */
    public static final HttpVersion HTTP_1_0 = new HttpVersion(1, 0);

    /** HTTP/1.1, the version of the opening handshake. */
    public static final HttpVersion HTTP_1_1 = new HttpVersion(1, 1);

    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if a number is no single digit
     */
    public HttpVersion {
        if (major < 0 || major > 9 || minor < 0 || minor > 9) {
            throw new IllegalArgumentException("HTTP version is " + major + "." + minor + ", range 0.0 to 9.9");
        }
    }

    /** Whether it is HTTP/1.1 or higher, as the opening handshake needs (RFC 6455 §4.2.1). */
    public boolean knowsUpgrade() {
        return major > 1 || major == 1 && minor >= 1;
    }

    /** The version as in a request line, such as {@code HTTP/1.1}. */
    @Override
    public String toString() {
        return "HTTP/" + major + "." + minor;
    }
}
