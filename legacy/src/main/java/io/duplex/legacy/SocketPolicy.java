package io.duplex.legacy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.duplex.connection.FixedRequest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The policy that Flash Player asks for before it lets a film open a socket: which films, by the domain that they come from, may
 * connect to which ports. For pages that bring WebSocket to old browsers by a Flash bridge. Immutable and thread-safe.
 */
public final class SocketPolicy implements FixedRequest {
    private static final byte[] REQUEST = "<policy-file-request/>\0".getBytes(US_ASCII);

    private static final Pattern DOMAIN = Pattern.compile("\\*|(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int FIRST_USER_PORT = 1024;
    private static final int MAX_PORT = 0xFFFF;

    private final byte[] answer;

    private SocketPolicy(Builder builder) {
        answer = ("<?xml version=\"1.0\"?><cross-domain-policy>" + builder.grants + "</cross-domain-policy>\0")
                .getBytes(US_ASCII);
    }

    /** Starts with a policy that grants nothing. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public byte[] request() {
        return REQUEST.clone();
    }

    @Override
    public byte[] answer() {
        return answer.clone();
    }

    /** Builds {@link SocketPolicy}s. Confined to one thread at a time. */
    public static final class Builder {
        private final StringBuilder grants = new StringBuilder();
        private boolean hasSystemPorts;

        private Builder() {}

        /**
         * Says that the policy is served from a port below 1024, so that it may grant such ports; Flash Player ignores others
         * that do. To be called before {@link #allow}.
         */
        public Builder servedFromSystemPort() {
            hasSystemPorts = true;
            return this;
        }

        /**
         * Lets films of a domain connect.
         *
         * @param domain such as {@code chat.example}, {@code *.chat.example} for all below it, or {@code *} for every one
         * @param ports numbers and ranges with commas between them, such as {@code 8080,9000-9010}, or {@code *} for all, which
         *     is no good idea: other services of this host are reached as well
         * @throws IllegalArgumentException if that is no domain, if these are no ports, or if one is below 1024 and the policy
         *     is not served from such a port
         */
        public Builder allow(String domain, String ports) {
            if (!DOMAIN.matcher(domain).matches()) {
                throw new IllegalArgumentException("\"" + domain + "\" is no domain");
            }
            if (!ports.equals("*")) {
                for (String range : ports.split(",", -1)) {
                    checkRange(range);
                }
            }
            grants.append("<allow-access-from domain=\"")
                    .append(domain)
                    .append("\" to-ports=\"")
                    .append(ports)
                    .append("\"/>");
            return this;
        }

        private void checkRange(String range) {
            Matcher numbers = PORTS.matcher(range);
            if (!numbers.matches()) {
                throw new IllegalArgumentException("\"" + range + "\" is no port and no range of ports");
            }
            int first = Integer.parseInt(numbers.group(1));
            int last = numbers.group(2) == null ? first : Integer.parseInt(numbers.group(2));
            int lowest = hasSystemPorts ? 1 : FIRST_USER_PORT;
            if (first < lowest || last < first || last > MAX_PORT) {
                throw new IllegalArgumentException(
                        "ports are " + range + ", range " + lowest + " to " + MAX_PORT + " from a port such as this");
            }
        }

        /**
         * Builds the policy.
         *
         * @throws IllegalStateException if it grants nothing
         */
        public SocketPolicy build() {
            if (grants.isEmpty()) {
                throw new IllegalStateException("a socket policy that grants nothing");
            }
            return new SocketPolicy(this);
        }
    }
}
