package io.duplex.client;

import io.duplex.handshake.WebSocketUri;
import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Servers that are connected to without a proxy. Immutable and thread-safe. */
final class ProxyBypass {
    private static final int ANY_PORT = 0;

    /** One entry: a name, an address or a block of addresses, and a port or {@link #ANY_PORT}. */
    private static final class Rule {
        private final String name;
        private final byte @Nullable [] address;
        private final int prefixBits;
        private final int port;

        Rule(String name, byte @Nullable [] address, int prefixBits, int port) {
            this.name = name;
            this.address = address;
            this.prefixBits = prefixBits;
            this.port = port;
        }

        boolean matches(String host, byte @Nullable [] literal, int actualPort) {
            if (port != ANY_PORT && port != actualPort) {
                return false;
            }
            if (address != null) {
                return literal != null && isIn(literal);
            }
            return name.equals("*") || host.equals(name) || host.endsWith("." + name);
        }

        private boolean isIn(byte[] literal) {
            byte[] block = address;
            if (block == null || literal.length != block.length) {
                return false;
            }
            for (int bit = 0; bit < prefixBits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if (((literal[bit >> 3] ^ block[bit >> 3]) & mask) != 0) {
                    return false;
                }
            }
            return true;
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
        int slash = host.indexOf('/');
        if (slash >= 0) {
            byte[] block = NetUtil.createByteArrayFromIpAddressString(host.substring(0, slash));
            int bits = number(host.substring(slash + 1));
            if (block == null || bits < 0 || bits > 8 * block.length) {
                throw new IllegalArgumentException("\"" + host + "\" is no block of addresses");
            }
            return new Rule("", block, bits, ANY_PORT);
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
        byte[] address = NetUtil.createByteArrayFromIpAddressString(
                name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name);
        if (address != null) {
            return new Rule("", address, 8 * address.length, port);
        }
        if (!name.equals("*")) {
            name = withoutDots(name.startsWith("*.") ? name.substring(1) : name);
        }
        if (name.isEmpty() || name.length() > 1 && name.indexOf('*') >= 0 || name.indexOf(':') >= 0) {
            throw new IllegalArgumentException("\"" + host + "\" is no host, no block of addresses and not *");
        }
        return new Rule(name, null, 0, port);
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
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        return rules.stream().anyMatch(rule -> rule.matches(host, literal, uri.port()));
    }
}
