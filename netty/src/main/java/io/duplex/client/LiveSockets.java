package io.duplex.client;

import io.duplex.transport.SocketTransport;
import java.time.Duration;

/** The sockets of one client, from TCP's beginning to its end. Thread-safe. */
final class LiveSockets {
    private final Live<SocketTransport> live = new Live<>(
            socket -> socket.execute(() -> socket.listener().onShutdown()), socket -> socket.execute(socket::abort));

    /** Adds a socket whose TCP is established; {@code false} if the client closes, so that it must go. */
    boolean add(SocketTransport socket) {
        return live.add(socket);
    }

    /** Removes a socket that is gone. */
    void remove(SocketTransport socket) {
        live.remove(socket);
    }

    /** As {@link Live#close}. */
    void close(Duration closeTimeout) {
        live.close(closeTimeout);
    }
}
