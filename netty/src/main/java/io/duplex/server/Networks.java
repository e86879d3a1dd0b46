package io.duplex.server;

import io.duplex.transport.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A set of addresses: single ones, and networks in CIDR notation (RFC 4632). Immutable and thread-safe. */
final class Networks {
    private static final String UNIX = "unix";

    private final List<Network> networks;
    private final boolean hasUnix;

    private Networks(List<Network> networks, boolean hasUnix) {
        this.networks = networks;
        this.hasUnix = hasUnix;
    }

    /**
     * Reads a set.
     *
     * @param texts such as {@code 10.0.0.0/8}, {@code 192.0.2.1}, {@code fd00::/8} or {@code unix}, for all Unix domain sockets
     * @throws IllegalArgumentException if one is none of these, or there is none
     */
    static Networks parse(String... texts) {
        List<Network> networks = new ArrayList<>();
        boolean hasUnix = false;
        for (String text : texts) {
            if (text.equals(UNIX)) {
                hasUnix = true;
            } else {
                networks.add(Network.parse(text));
            }
        }
        if (networks.isEmpty() && !hasUnix) {
            throw new IllegalArgumentException("no network is named");
        }
        return new Networks(networks, hasUnix);
    }

    /** Whether {@code address} is one of them. */
    boolean contains(SocketAddress address) {
        if (!(address instanceof InetSocketAddress socket)) {
            return hasUnix;
        }
        InetAddress host = socket.getAddress();
        if (host == null) {
            return false;
        }
        byte[] bytes = host.getAddress();
        for (Network network : networks) {
            if (network.contains(bytes)) {
                return true;
            }
        }
        return false;
    }
}
