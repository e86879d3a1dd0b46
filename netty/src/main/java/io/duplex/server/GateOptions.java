package io.duplex.server;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Who may come into a server that is being built. Confined to one thread at a time. */
final class GateOptions {
    private static final int MAX_CONNECTIONS = 100_000;
    /** Heap for each connection by default: two to four times what an idle one takes. */
    private static final int CONNECTION_BYTES = 8 << 10;

    private int maxConnections =
            (int) Math.min(MAX_CONNECTIONS, Runtime.getRuntime().maxMemory() / CONNECTION_BYTES);
    private int maxConnectionsPerAddress = 10_000;
    /** Whether connections of this machine count by address. */
    private boolean countsLoopback;

    @Nullable Forwarding forwarding;

    @Nullable Networks proxies;

    Duration retryAfter = Duration.ofSeconds(10);

    @Nullable ServerListener listener;

    void maxConnections(int number) {
        if (number <= 0) {
            throw new IllegalArgumentException("maxConnections is " + number + ", must be positive");
        }
        maxConnections = number;
    }

    void maxConnectionsPerAddress(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("maxConnectionsPerAddress is " + number + ", must not be negative");
        }
        maxConnectionsPerAddress = number;
        countsLoopback = true;
    }

    /** Counters with these limits. */
    Admissions admissions() {
        return new Admissions(maxConnections, maxConnectionsPerAddress, countsLoopback);
    }

    Gates build() {
        return new Gates(admissions(), forwarding, proxies, retryAfter, listener);
    }
}
