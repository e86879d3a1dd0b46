package io.duplex.connection;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One ordinary HTTP request and its answer, which is given once: whole by {@link #respond}, or bit by bit by {@link #stream}.
 * A request that is never answered holds its connection until the peer leaves. Thread-safe; callbacks run on {@link #loop}.
 */
public interface HttpExchange {
    /** The request, of which only HTTP's grammar and the Host field have been checked. */
    RequestHead head();

    /** The body as it was sent, without transfer coding; empty if there was none. Each call gives a buffer of its own. */
    ByteBuffer body();

    /** As {@link io.duplex.Handshake#remoteAddress}. */
    SocketAddress remoteAddress();

    /** As {@link io.duplex.Handshake#isSecure}. */
    boolean isSecure();

    /** The event loop of the connection that the request came on. */
    Loop loop();

    /** Whether the peer has left, so that no answer would arrive. */
    boolean isClosed();

    /**
     * Has {@code task} run if the peer leaves before the answer has been written whole; at once if it has left. A later one
     * takes the place of an earlier one.
     */
    void whenClosed(Runnable task);

    /**
     * Answers. The connection stays for the next request where HTTP allows it.
     *
     * @param status 200 to 599
     * @param fields all but those of framing: Content-Length, Transfer-Encoding and Connection are the server's
     * @param body is copied before this returns; left out in the answer to HEAD
     * @param whenWritten runs when the operating system has taken all of the answer; never if the peer leaves before. {@code null} for none
     * @throws IllegalStateException if the answer has begun
     */
    void respond(int status, HeaderFields fields, ByteBuffer body, @Nullable Runnable whenWritten);

    /** As the other form, for which nobody waits. */
    default void respond(int status, HeaderFields fields, ByteBuffer body) {
        respond(status, fields, body, null);
    }

    /**
     * Begins an answer of unknown length: chunked, or up to the end of the connection where the peer knows no chunks (RFC 9112
     * §6.3). Its head leaves at once.
     *
     * @throws IllegalStateException if the answer has begun
     */
    ResponseStream stream(int status, HeaderFields fields);
}
