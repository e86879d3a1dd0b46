package io.duplex.server;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Who may come into a server that is being built. Confined to one thread at a time. */
final class GateOptions {
    int maxConnections = 100_000;
    int maxConnectionsPerAddress = 10_000;
    /** Whether connections of this machine count by address. */
    boolean countsLoopback;

    @Nullable Forwarding forwarding;

    @Nullable Networks proxies;

    Duration retryAfter = Duration.ofSeconds(10);

    @Nullable ServerListener listener;

    Gates build() {
        Admissions admissions = new Admissions(maxConnections, maxConnectionsPerAddress, countsLoopback);
        return new Gates(admissions, forwarding, proxies, retryAfter, listener);
    }
}
