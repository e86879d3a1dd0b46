package io.duplex.server;

import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.netty.util.NetUtil;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Under which names a server may be asked. Who owns a name can have it point to this machine: pages of that name are then of
 * the same origin as the server, in the eyes of a browser (DNS rebinding). IP addresses are nobody's, and always served.
 * Immutable and thread-safe.
 */
final class Hosts {
    /** Every name. */
    static final Hosts ALL = new Hosts(Set.of(), false);

    /** For what pages ask, {@code localhost} and the names below it (RFC 6761 §6.3); for programs that are no browsers, all. */
    static final Hosts LOCAL = new Hosts(Set.of("localhost", "*.localhost"), true);

    /** To whom another name was meant (RFC 9110 §15.5.20). */
    static final Answer.Refused MISDIRECTED =
            Answer.Refused.of(421, HeaderFields.EMPTY, "not served under this name: see the option hosts\n");

    private final Set<String> names;
    private final boolean onlyForPages;

    private Hosts(Set<String> names, boolean onlyForPages) {
        this.names = names;
        this.onlyForPages = onlyForPages;
    }

    /**
     * These names.
     *
     * @param names such as {@code chat.example}, or {@code *.chat.example} for all below it
     * @throws IllegalArgumentException if one is no name, or there is none
     */
    static Hosts of(String... names) {
        if (names.length == 0) {
            throw new IllegalArgumentException("no host is named");
        }
        Set<String> all = new HashSet<>();
        for (String name : names) {
            String lower = name.toLowerCase(Locale.ROOT);
            String host = lower.startsWith("*.") ? lower.substring(2) : lower;
            if (host.isEmpty()
                    || !host.chars()
                            .allMatch(c ->
                                    c < 0x7F && Character.isLetterOrDigit(c) || c == '-' || c == '.' || c == '_')) {
                throw new IllegalArgumentException("\"" + name + "\" is not a host name: no scheme, no port");
            }
            all.add(withoutRoot(lower));
        }
        return new Hosts(Set.copyOf(all), false);
    }

    /** Whether the request is for a name that is served. One without a valid name is for others to refuse. */
    boolean serves(RequestHead request) {
        return onlyForPages && !request.fields().contains("Origin") || servesPages(request);
    }

    /** As {@link #serves}, of a request that a page may make without an Origin, as it does with GET where it is at home. */
    boolean servesPages(RequestHead request) {
        if (names.isEmpty()) {
            return true;
        }
        String host = request.host();
        return host == null || host.startsWith("[") || NetUtil.isValidIpV4Address(host) || isNamed(withoutRoot(host));
    }

    private boolean isNamed(String host) {
        if (names.contains(host)) {
            return true;
        }
        for (int dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
            if (names.contains("*" + host.substring(dot))) {
                return true;
            }
        }
        return false;
    }

    /** A name may end in the dot of the root. */
    private static String withoutRoot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
