package io.duplex;

/** What an application does with one connection, as Reactive Streams. */
@FunctionalInterface
public interface FlowWebSocketHandler {
    /**
     * The connection is open: joins its streams to others. It is called on the connection's event loop and must not block. If
     * it throws, the connection is closed with 1011.
     */
    void onOpen(FlowWebSocket socket);
}
