package io.duplex.server;

import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who the client behind trusted proxies is. Each proxy adds, at the right, whom it was called by; so the list is
 * walked from the right for as long as the one who says so is trusted. What stands further left anybody may have written.
 * Immutable and thread-safe.
 */
final class Forwarding {
    private final ForwardedHeader header;
    private final Networks trusted;

    Forwarding(ForwardedHeader header, Networks trusted) {
        this.header = header;
        this.trusted = trusted;
    }

    /**
     * A client.
     *
     * @param address its address as far as it is known; the port is 0 if only that is not
     * @param isSecure whether it uses TLS
     */
    record Client(SocketAddress address, boolean isSecure) {}

    /** Whether the other end of a connection may speak for others. */
    boolean isTrusted(SocketAddress peer) {
        return trusted.contains(peer);
    }

    /**
     * The client on whose behalf {@code peer} sent these fields.
     *
     * @param isSecure whether the peer's own connection uses TLS
     * @return the peer itself if it is not trusted or names nobody; {@code null} if what a trusted peer sent is malformed
     */
    @Nullable Client find(SocketAddress peer, boolean isSecure, HeaderFields fields) {
        if (!trusted.contains(peer)) {
            return new Client(peer, isSecure);
        }
        List<ForwardedElement> hops = header == ForwardedHeader.FORWARDED
                ? ForwardedElement.parse(fields.all("Forwarded"))
                : xForwarded(fields);
        if (hops == null) {
            return null;
        }
        SocketAddress client = peer;
        boolean secure = isSecure;
        for (int i = hops.size() - 1; i >= 0 && trusted.contains(client); i--) {
            ForwardedElement hop = hops.get(i);
            secure = isSecure(hop.proto(), secure);
            SocketAddress next = hop.node() == null ? null : parseNode(hop.node());
            if (next == null) {
                break; // unknown, or hidden on purpose
            }
            client = next;
        }
        return new Client(client, secure);
    }

    private static boolean isSecure(@Nullable String proto, boolean otherwise) {
        if (proto == null) {
            return otherwise;
        }
        return switch (proto.toLowerCase(Locale.ROOT)) {
            case "https", "wss" -> true;
            case "http", "ws" -> false;
            default -> otherwise;
        };
    }

    /** Protocols belong to the addresses beside them if there are as many; else the last one, that of the nearest proxy, counts. */
    private static List<ForwardedElement> xForwarded(HeaderFields fields) {
        List<String> nodes = elements(fields.all("X-Forwarded-For"));
        List<String> protos = elements(fields.all("X-Forwarded-Proto"));
        if (nodes.isEmpty()) {
            nodes = Collections.singletonList("unknown");
        }
        List<ForwardedElement> hops = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            String proto = null;
            if (protos.size() == nodes.size()) {
                proto = protos.get(i);
            } else if (!protos.isEmpty()) {
                proto = protos.get(protos.size() - 1);
            }
            hops.add(new ForwardedElement(nodes.get(i), proto));
        }
        return hops;
    }

    /** Without empty ones, which do not count (RFC 9110 §5.6.1.2). */
    private static List<String> elements(List<String> lines) {
        List<String> elements = new ArrayList<>();
        for (String line : lines) {
            for (String element : line.split(",", -1)) {
                if (!element.isBlank()) {
                    elements.add(element.strip());
                }
            }
        }
        return elements;
    }

    /** {@code 192.0.2.1}, {@code 192.0.2.1:80}, {@code [2001:db8::1]:80} or, as X-Forwarded-For has it, {@code 2001:db8::1}. */
    private static @Nullable SocketAddress parseNode(String node) {
        String host = node;
        int port = 0;
        int colon = node.lastIndexOf(':');
        int bracket = node.indexOf(']');
        boolean hasPort = colon > bracket && (bracket >= 0 || node.indexOf(':') == colon);
        if (hasPort) {
            host = node.substring(0, colon);
            port = parsePort(node.substring(colon + 1));
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        byte[] address = IpAddress.parse(host);
        if (address == null) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // the length is right
        }
    }

    /** A port may be hidden, too (RFC 7239 §6.2). */
    private static int parsePort(String text) {
        if (text.isEmpty() || text.length() > 5 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        int port = Integer.parseInt(text);
        return port > 0xFFFF ? 0 : port;
    }
}
