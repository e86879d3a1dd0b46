package io.duplex.connection;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Event loops that take over TCP connections which another server has accepted, such as a servlet container that then
 * upgraded one to WebSocket. A room with a socket engine names its {@link Provider} to {@link java.util.ServiceLoader}.
 * Thread-safe.
 */
public interface SocketLoops extends AutoCloseable {
    /**
     * Takes over a connection on which a 101 response was sent. From here on nobody else reads it, writes to it or closes it.
     * Returns at once.
     *
     * @param socket connected, without TLS
     * @param early what was read from it behind the request's head; consumed
     * @param adoption what is to become of it
     */
    void adopt(SocketChannel socket, ByteBuffer early, Adoption adoption);

    /** Cuts what is left, ends the loops and gives back their memory; waits for it, but not for long. */
    @Override
    void close();

    /** Starts loops. Thread-safe. */
    interface Provider {
        /**
         * Starts loops whose threads do not keep the JVM alive.
         *
         * @param threads at least 1
         * @param name the prefix of the threads' names
         */
        SocketLoops start(int threads, String name);
    }
}
