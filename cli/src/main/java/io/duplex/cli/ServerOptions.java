package io.duplex.cli;

import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.OriginPolicy;
import io.duplex.server.Drain;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsIdentity;
import io.duplex.tls.TlsProvider;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that all servers of the command have. */
final class ServerOptions {
    private static final String ANY_ORIGIN = "*";

    /** {@code --compression}. */
    enum Switch {
        ON,
        OFF;

        @Override
        public String toString() {
            return this == ON ? "on" : "off";
        }
    }

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address to listen on; 0.0.0.0 for all of this machine's. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "9001",
            description = "Port to listen on; 0 picks a free one. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(
            names = "--io",
            paramLabel = "KIND",
            defaultValue = "auto",
            description = "How to talk to sockets: io_uring, epoll, nio, or auto: epoll on Linux, nio elsewhere."
                    + " Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private String io;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Number of event loops. Default: one for each processor")
    private @Nullable Integer threads;

    @Option(
            names = "--idle-timeout",
            paramLabel = "SECONDS",
            defaultValue = "300",
            converter = Seconds.class,
            description = "Closes a connection with 1001 after this time without a byte from its peer, a pong being"
                    + " enough; 0 never does. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration idleTimeout;

    @Option(
            names = "--ping-interval",
            paramLabel = "SECONDS",
            defaultValue = "25",
            converter = Seconds.class,
            description = "Pings a peer that was silent for this time; 0 never does. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration pingInterval;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "1",
            converter = Seconds.class,
            description =
                    "Spreads the closing of the connections over this time after SIGTERM or Ctrl+C; 0 closes all at"
                            + " once. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Duration drain;

    @Option(
            names = "--compression",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "Whether to agree to permessage-deflate. Default: ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Switch compression;

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            description = "Lets pages of this origin connect, such as https://chat.example, besides the server's own;"
                    + " * lets every page. Can be repeated. Default: the server's own only")
    private List<String> allowedOrigins = List.of();

    @ArgGroup(exclusive = false, heading = "%nTLS, both or neither:%n")
    private @Nullable Tls tls;

    @Option(names = "--faults", description = FaultEndpoints.DESCRIPTION)
    private boolean faults;

    @ArgGroup(exclusive = false, heading = "%nClients from before RFC 6455, both or neither:%n")
    private @Nullable LegacyOptions legacy;

    /** Certificate and key, which come together or not at all. */
    static final class Tls {
        @Option(
                names = "--tls-cert",
                paramLabel = "FILE",
                required = true,
                description = "Speaks TLS (wss) with this certificate chain, a PEM file.")
        @SuppressWarnings("NullAway.Init")
        private Path certificate;

        @Option(
                names = "--tls-key",
                paramLabel = "FILE",
                required = true,
                description = "The certificate's private key, a PEM file in PKCS #8.")
        @SuppressWarnings("NullAway.Init")
        private Path key;

        @Option(
                names = "--tls-provider",
                paramLabel = "NAME",
                defaultValue = "auto",
                description = "What does TLS: boringssl, jdk, or auto: boringssl where it is there."
                        + " Default: ${DEFAULT-VALUE}")
        @SuppressWarnings("NullAway.Init")
        private String provider;
    }

    /** The host as the user wrote it, in brackets if it is an IPv6 address. */
    String authorityHost() {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** The port as the user wrote it. */
    int port() {
        return port;
    }

    /** Whether the address stands for all of this machine's. */
    boolean isWildcard() {
        return address().isAnyLocalAddress();
    }

    /** How the server ends. */
    Drain drain() {
        return Drain.builder()
                .period(drain)
                .deadline(drain.plus(Timeouts.DEFAULT.close()))
                .build();
    }

    /**
     * What the routes have.
     *
     * @throws ParameterException if an option is not valid
     */
    RouteOptions routeOptions() {
        LegacyOptions old = legacy;
        if (old == null) {
            return RouteOptions.builder().build();
        }
        try {
            return old.routeOptions();
        } catch (IllegalArgumentException e) {
            throw wrong("--legacy-origin", String.valueOf(e.getMessage()));
        }
    }

    /** Whether the endpoints that misbehave are wanted. */
    boolean faults() {
        return faults;
    }

    /**
     * A server with these options and no routes.
     *
     * @throws ParameterException if an option does not fit this machine
     */
    WebSocketServer.Builder builder(int maxMessageBytes) {
        address();
        WebSocketServer.Builder builder = WebSocketServer.builder()
                .host(host)
                .limits(Limits.builder().maxMessageBytes(maxMessageBytes).build())
                .timeouts(Timeouts.builder()
                        .idle(idleTimeout)
                        .pingInterval(pingInterval)
                        .build())
                .compression(compression == Switch.ON ? PermessageDeflate.DEFAULT : PermessageDeflate.DISABLED);
        checked("--port", () -> builder.port(port));
        checked("--io", () -> builder.io(io));
        Integer loops = threads;
        if (loops != null) {
            checked("--threads", () -> builder.threads(loops));
        }
        if (allowedOrigins.contains(ANY_ORIGIN)) {
            builder.origins(OriginPolicy.any());
        } else {
            checked("--allow-origin", () -> builder.allowedOrigins(allowedOrigins.toArray(new String[0])));
        }
        Tls pair = tls;
        if (pair != null) {
            Path certificate = readable("--tls-cert", pair.certificate);
            ServerTls.Builder secure = ServerTls.builder(TlsIdentity.of(certificate, readable("--tls-key", pair.key)));
            checked("--tls-provider", () -> secure.provider(TlsProvider.parse(pair.provider)));
            builder.tls(secure.build());
        }
        return builder;
    }

    /** Where the server listens. */
    InetAddress address() {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw wrong("--host", "no address is known for '" + host + "'");
        }
    }

    private Path readable(String option, Path file) {
        if (!Files.isReadable(file)) {
            throw wrong(option, "cannot read '" + file + "'");
        }
        return file;
    }

    private void checked(String option, Runnable setter) {
        try {
            setter.run();
        } catch (IllegalArgumentException e) {
            throw wrong(option, e.getMessage());
        }
    }

    private ParameterException wrong(String option, @Nullable String why) {
        CommandLine command = spec.commandLine();
        return new ParameterException(command, option + ": " + why);
    }
}
