package io.duplex.client;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.connection.ConnectionSettings;
import io.duplex.transport.LoopGroup;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of a client have in common. Thread-safe.
 *
 * @param random for keys (RFC 6455 §4.1)
 * @param connecting whose turn it is to connect
 * @param sockets that are there
 * @param connectTimeout for TCP with one address; zero for none
 * @param overallTimeout for all that an attempt takes; zero for none
 * @param maxRedirects zero to follow none
 * @param connections for those that are open
 * @param unixSocket where to connect to, whatever the host is; {@code null} to ask the host's name
 */
record ClientSettings(
        LoopGroup loops,
        LazyTls tls,
        SecureRandom random,
        HostResolver resolver,
        ConnectingQueue connecting,
        LiveSockets sockets,
        ProxyChoice proxies,
        Cookies cookies,
        Duration connectTimeout,
        Duration overallTimeout,
        int maxRedirects,
        ConnectionSettings connections,
        @Nullable Path unixSocket) {
    /** The same with other limits. */
    ClientSettings withLimits(Limits limits) {
        ConnectionSettings own = connections;
        return new ClientSettings(
                loops,
                tls,
                random,
                resolver,
                connecting,
                sockets,
                proxies,
                cookies,
                connectTimeout,
                overallTimeout,
                maxRedirects,
                new ConnectionSettings(limits, own.timeouts(), own.compression(), own.topics(), own.faults()),
                unixSocket);
    }

    Limits limits() {
        return connections.limits();
    }

    Timeouts timeouts() {
        return connections.timeouts();
    }
}
