package io.duplex.testkit;

import io.duplex.connection.Connection;

/**
 * A client's and a server's connection, joined in memory.
 *
 * @param client the client's end
 * @param server the server's end
 * @param toServer what the client sends
 * @param toClient what the server sends
 */
public record MemoryLink(Connection client, Connection server, MemoryPipe toServer, MemoryPipe toClient) {
    /** Breaks the connection at once: both ends see a reset. */
    public void cut() {
        toServer.reset();
        toClient.reset();
    }
}
