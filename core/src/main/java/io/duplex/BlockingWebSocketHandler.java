package io.duplex;

/** What an application does with one connection, as straight-line code on a thread that may wait. */
@FunctionalInterface
public interface BlockingWebSocketHandler {
    /**
     * Talks over {@code socket}. On return the connection is closed with 1000, if an exception is thrown with 1011; a
     * connection that closes already is left as it is.
     *
     * @throws Exception for whatever reason; a {@link ConnectionClosedException} of this socket is no fault of the code's
     */
    void handle(BlockingWebSocket socket) throws Exception;
}
