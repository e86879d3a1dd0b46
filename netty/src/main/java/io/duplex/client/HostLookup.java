package io.duplex.client;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a host; may block. Thread-safe. */
@FunctionalInterface
interface HostLookup {
    /**
     * Looks a host up.
     *
     * @return its addresses, at least one, the preferred one first
     */
    InetAddress[] addressesOf(String host) throws UnknownHostException;
}
