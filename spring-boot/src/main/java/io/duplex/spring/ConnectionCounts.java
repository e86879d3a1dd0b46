package io.duplex.spring;

import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.servlet.ServletHost;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The application's connections, those of its own port included. Thread-safe.
 *
 * @param port {@code null} if there is none
 */
record ConnectionCounts(ServletHost host, @Nullable OwnPort port) {
    int open() {
        return host.connections() + (port == null ? 0 : port.connections());
    }

    long opened() {
        return host.opened() + (port == null ? 0 : port.opened());
    }

    long ended(ClosedBy cause) {
        return host.ended(cause) + (port == null ? 0 : port.ended(cause));
    }

    /** How connections are served, in words. */
    Set<String> ways() {
        Set<String> ways = new TreeSet<>(host.ways());
        String own = port == null ? null : port.description();
        if (own != null) {
            ways.add(own);
        }
        return ways;
    }
}
