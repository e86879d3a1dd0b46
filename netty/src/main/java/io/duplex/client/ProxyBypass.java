package io.duplex.client;

import io.duplex.handshake.IpAddress;
import io.duplex.handshake.WebSocketUri;
import io.duplex.transport.Network;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Servers that are connected to without a proxy. Immutable and thread-safe. */
final class ProxyBypass {
    private static final int ANY_PORT = 0;

    /**
     * One entry.
     *
     * @param network {@code null} if it is the name that counts
     * @param port {@link #ANY_PORT} for all
     */
    private record Rule(String name, @Nullable Network network, int port) {
        boolean matches(String host, byte @Nullable [] literal, int actualPort) {
            if (port != ANY_PORT && port != actualPort) {
                return false;
            }
            if (network != null) {
                return literal != null && network.contains(literal);
            }
            return name.equals("*") || host.equals(name) || host.endsWith("." + name);
        }
    }

    private final List<Rule> rules;

    private ProxyBypass(List<Rule> rules) {
        this.rules = rules;
    }

    static ProxyBypass of(String... hosts) {
        return new ProxyBypass(Arrays.stream(hosts)
                .filter(host -> !host.isBlank())
                .map(host -> parse(host.strip().toLowerCase(Locale.ROOT)))
                .toList());
    }

    private static Rule parse(String host) {
        if (host.indexOf('/') >= 0) {
            return new Rule("", Network.parse(host), ANY_PORT);
        }
        String name = host;
        int port = ANY_PORT;
        int colon = host.lastIndexOf(':');
        if (colon >= 0 && (host.indexOf(':') == colon || host.charAt(colon - 1) == ']')) {
            port = number(host.substring(colon + 1));
            name = host.substring(0, colon);
            if (port < 1 || port > 0xFFFF) {
                throw new IllegalArgumentException("\"" + host + "\" ends in no port");
            }
        }
        String literal = name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        if (IpAddress.parse(literal) != null) {
            return new Rule("", Network.parse(literal), port);
        }
        if (!name.equals("*")) {
            name = withoutDots(name.startsWith("*.") ? name.substring(1) : name);
        }
        if (name.isEmpty() || name.length() > 1 && name.indexOf('*') >= 0 || name.indexOf(':') >= 0) {
            throw new IllegalArgumentException("\"" + host + "\" is no host, no block of addresses and not *");
        }
        return new Rule(name, null, port);
    }

    private static int number(String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static String withoutDots(String name) {
        String end = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return end.startsWith(".") ? end.substring(1) : end;
    }

    boolean matches(WebSocketUri uri) {
        String host = withoutDots(uri.host());
        byte[] literal = IpAddress.parse(host);
        return rules.stream().anyMatch(rule -> rule.matches(host, literal, uri.port()));
    }
}
