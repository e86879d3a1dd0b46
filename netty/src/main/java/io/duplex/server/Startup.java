package io.duplex.server;

import io.duplex.WebSocketException;
import io.duplex.connection.BlockingThreads;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Topics;
import io.duplex.handshake.ServerHandshake;
import io.duplex.tls.ServerTls;
import io.duplex.transport.IoKind;
import io.duplex.transport.LoopGroup;
import io.duplex.transport.TlsContext;
import io.duplex.transport.UnixSockets;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Makes what a server runs on, as its builder says, and has it listen. Confined to one thread at a time. */
final class Startup {
    private static final System.Logger LOGGER = System.getLogger(WebSocketServer.class.getName());

    private static final int SERVICE_EXTRA_BYTES = 64 << 10;
    private static final int LEAST_SERVICE_BYTES = 1 << 20;

    private final WebSocketServer.Builder options;
    final @Nullable TlsContext tls;
    final LoopGroup loops;
    final Topics topics;
    final Gates gates;
    final Sessions sessions;
    private final ServerSettings settings;
    final BlockingThreads blocking = new BlockingThreads("duplex-blocking");

    /**
     * Starts the event loops.
     *
     * @throws WebSocketException if the certificate or key cannot be read
     */
    Startup(WebSocketServer.Builder options) {
        this.options = options;
        this.topics = new Topics(options.topicBus, options.topicPolicies);
        this.gates = options.gateOptions.build();
        this.sessions = new Sessions(gates, options.gateOptions.admissions());
        this.settings = settings();
        IoKind io = options.io == null ? IoKind.best() : IoKind.parse(options.io);
        this.tls = tlsContext(options);
        // Last: what throws above leaves no threads behind.
        this.loops = new LoopGroup(io, options.threads, "duplex-server", false);
        loops.loops().forEach(loop -> topics.add(loop.core()));
    }

    private static @Nullable TlsContext tlsContext(WebSocketServer.Builder options) {
        ServerTls secure = options.tls;
        if (options.certificateChain != null && options.privateKey != null) {
            secure = ServerTls.of(options.certificateChain, options.privateKey);
        }
        try {
            return secure == null ? null : TlsContext.server(secure);
        } catch (SSLException e) {
            throw new WebSocketException("TLS cannot be used with these options: " + e.getMessage(), e);
        }
    }

    /**
     * Listens; gives all back if that is not possible.
     *
     * @throws WebSocketException if the address cannot be listened on
     */
    Channel listen() {
        Path unixSocket = options.unixSocket;
        startTopics();
        try {
            options.routes.start(settings.connections(), sessions, options.origins, options.authenticator);
            return loops.server(
                            address(unixSocket),
                            gates.proxies() != null,
                            tls,
                            options.timeouts.handshake(),
                            transport -> ServerOpening.of(settings, transport))
                    .bind()
                    .syncUninterruptibly()
                    .channel();
        } catch (RuntimeException | Error fault) {
            end();
            throw fault;
        } catch (Exception fault) { // thrown unchecked by Netty
            end();
            String where = unixSocket == null ? options.host + ":" + options.port : unixSocket.toString();
            throw new WebSocketException("cannot listen on " + where + ": " + fault.getMessage(), fault);
        }
    }

    private SocketAddress address(@Nullable Path unixSocket) throws IOException {
        if (unixSocket == null) {
            return new InetSocketAddress(options.host, options.port);
        }
        UnixSockets.claim(unixSocket);
        return loops.kind().unixAddress(unixSocket);
    }

    private ServerSettings settings() {
        ServerHandshake.Builder handshake = ServerHandshake.builder().deflate(options.compression);
        FaultLog faults = new FaultLog(LOGGER, System::nanoTime);
        ConnectionSettings connections = new ConnectionSettings(
                options.limits,
                options.timeouts,
                options.compression,
                topics,
                (socket, fault) -> faults.log("handler of " + socket.handshake().path() + " threw", fault));
        return new ServerSettings(
                options.routes.endpoints(
                        handshake, options.subprotocols, options.origins, options.authenticator, blocking),
                options.routes.answers(options.healthPath, gates, maxBodyBytes()),
                options.upgrades,
                options.fixedRequest,
                options.authenticator instanceof Anybody ? null : options.authenticator,
                hosts(),
                connections,
                faults,
                gates);
    }

    /** A message of the longest length in base64, with something around it; and never less than most servers take. */
    private int maxBodyBytes() {
        long encoded = options.limits.maxMessageBytes() / 3 * 4L + SERVICE_EXTRA_BYTES;
        return (int) Math.max(LEAST_SERVICE_BYTES, Math.min(encoded, Integer.MAX_VALUE >> 2));
    }

    private Hosts hosts() {
        if (options.hosts != null) {
            return options.hosts;
        }
        // Behind a proxy that is known as such the names are the proxy's.
        boolean isAlone = options.unixSocket == null && !gates.namesClients();
        InetAddress address = isAlone ? new InetSocketAddress(options.host, options.port).getAddress() : null;
        return address != null && address.isLoopbackAddress() ? Hosts.LOCAL : Hosts.ALL;
    }

    /** A bus that could not start is not closed. */
    private void startTopics() {
        try {
            topics.start();
        } catch (RuntimeException | Error fault) {
            endLoops();
            throw fault;
        }
    }

    /** Ends what was started. */
    void end() {
        endLoops();
        topics.close();
    }

    private void endLoops() {
        loops.shutdown();
        if (tls != null) {
            tls.release();
        }
    }
}
