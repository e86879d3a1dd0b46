package io.duplex.connection;

import java.nio.ByteBuffer;

/**
 * A request of fixed octets with which a connection may begin instead of HTTP, and its answer, after which the connection ends.
 * Thread-safe.
 */
public interface FixedRequest {
    /**
     * The octets of the request. The first one must be none that a method begins with (RFC 9110 §9.1): no HTTP request may be
     * taken for it.
     */
    byte[] request();

    /** The octets of the answer. */
    byte[] answer();

    /** Whether what stands in {@code in}, from its position on, is the request or the beginning of it. */
    default boolean isBegunBy(ByteBuffer in) {
        byte[] request = request();
        int length = Math.min(request.length, in.remaining());
        return length > 0 && in.slice(in.position(), length).equals(ByteBuffer.wrap(request, 0, length));
    }
}
