package io.duplex.client;

import io.duplex.WebSocketException;
import io.duplex.tls.ClientTls;
import io.duplex.transport.TlsContext;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS of a client, made when it is first needed: to read the JVM's trusted certificates takes longer than to connect.
 * Thread-safe.
 */
final class LazyTls {
    private final ClientTls options;
    private volatile @Nullable TlsContext context;
    private boolean closed;

    LazyTls(ClientTls options) {
        this.options = options;
    }

    /** Whether {@link #handler} has nothing to wait for. */
    boolean isReady() {
        return context != null;
    }

    /**
     * Has it ready, so that no event loop has to wait for it.
     *
     * @throws WebSocketException if the options cannot be used
     * @throws IllegalStateException if it is closed
     */
    void prepare() {
        context();
    }

    private TlsContext context() {
        TlsContext present = context;
        return present == null ? make() : present;
    }

    private synchronized TlsContext make() {
        TlsContext present = context;
        if (present == null) {
            if (closed) {
                throw new IllegalStateException("client is closed");
            }
            try {
                present = TlsContext.client(options);
            } catch (SSLException e) {
                throw new WebSocketException("TLS cannot be used with these options: " + e.getMessage(), e);
            }
            context = present;
        }
        return present;
    }

    /**
     * What does TLS on one connection.
     *
     * @param host the name that the certificate must have
     */
    SslHandler handler(String host, int port) {
        return context().clientHandler(host, port);
    }

    /** Gives back native memory. */
    synchronized void close() {
        closed = true;
        TlsContext made = context;
        if (made != null) {
            made.release();
            context = null;
        }
    }
}
