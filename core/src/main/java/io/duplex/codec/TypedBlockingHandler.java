package io.duplex.codec;

/**
 * What an application does with one connection of typed messages, as straight-line code on a thread that may wait.
 *
 * @param <T> what the messages carry
 */
@FunctionalInterface
public interface TypedBlockingHandler<T> {
    /**
     * Talks over {@code socket}, as {@link io.duplex.BlockingWebSocketHandler#handle} does.
     *
     * @throws Exception for whatever reason; what this socket threw as the connection ended is no fault of the code's
     */
    void handle(TypedBlockingWebSocket<T> socket) throws Exception;
}
