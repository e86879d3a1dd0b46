package io.duplex.server;

import io.duplex.BlockingWebSocketHandler;
import io.duplex.FlowWebSocketHandler;
import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.FixedRequest;
import io.duplex.connection.FlowHandler;
import io.duplex.connection.HttpService;
import io.duplex.connection.Topics;
import io.duplex.connection.UpgradeHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.OriginPolicy;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsProvider;
import io.duplex.topic.TopicBus;
import io.duplex.topic.TopicTree;
import io.duplex.transport.CloseOnce;
import io.duplex.transport.IoKind;
import io.duplex.transport.LoopGroup;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server. Safe by default: browsers may connect from the same origin only, and {@link Limits} and {@link Timeouts}
 * bound what a peer can hold. Thread-safe.
 *
 * <p>Most of it is {@link Builder}: one method an option, so that all are found in one place.
 *
 * <pre>{@code
 * try (var server = WebSocketServer.builder()
 *         .port(8080)
 *         .route("/chat/{room}", ChatHandler::new)
 *         .start()) {
 *     server.awaitClose();
 * }
 * }</pre>
 */
public final class WebSocketServer implements AutoCloseable {
    private static final long PATIENCE_MILLIS = 2000;

    private final Startup base;
    private final LoopGroup loops;
    private final Channel listening;
    private final @Nullable Path unixSocket;
    private final int threads;
    private final Duration closeTimeout;
    private final Topics topics;
    private final Gates gates;
    private final @Nullable Watchdog watchdog;
    private final CloseOnce closing = new CloseOnce();

    private WebSocketServer(Startup base, Channel listening, Builder builder) {
        this.base = base;
        this.loops = base.loops;
        this.topics = base.topics;
        this.gates = base.gates;
        this.watchdog = Watchdog.start(loops.loops(), builder.watchdog, gates::blocked);
        this.listening = listening;
        this.unixSocket = builder.unixSocket;
        this.threads = builder.threads;
        this.closeTimeout = builder.timeouts.close();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The port that the server listens on: the one that was chosen, if 0 was asked for.
     *
     * @throws IllegalStateException if it listens on a Unix domain socket
     */
    public int port() {
        return address().getPort();
    }

    /**
     * The address that the server listens on.
     *
     * @throws IllegalStateException if it listens on a Unix domain socket
     */
    public InetSocketAddress address() {
        if (unixSocket != null) {
            throw new IllegalStateException("server listens on " + unixSocket + ", which has no port");
        }
        return (InetSocketAddress) listening.localAddress();
    }

    /** The Unix domain socket that the server listens on; {@code null} if it listens on a port. */
    public @Nullable Path unixSocket() {
        return unixSocket;
    }

    /** Whether the server speaks TLS ({@code wss}). */
    public boolean isSecure() {
        return base.tls != null;
    }

    /** What does TLS; {@code null} if the server does not speak it. */
    public @Nullable TlsProvider tlsProvider() {
        return base.tls == null ? null : base.tls.provider();
    }

    /** How it talks to sockets: {@code io_uring}, {@code epoll} or {@code nio}. */
    public String io() {
        return loops.kind().label();
    }

    /** The number of its event loops. */
    public int threads() {
        return threads;
    }

    /**
     * Sends a text message to every socket of the topic, as {@link io.duplex.WebSocket#publish(String, String)} does, on behalf
     * of nobody.
     */
    public SendStatus publish(String topic, String text) {
        return topics.publish(topic, text);
    }

    /** Sends a binary message, which is consumed, to every socket of the topic. */
    public SendStatus publish(String topic, ByteBuffer payload) {
        return topics.publish(topic, payload);
    }

    /**
     * Sends a text message that stands as UTF-8, which is consumed, to every socket of the topic.
     *
     * @throws IllegalArgumentException if the bytes are not valid UTF-8
     */
    public SendStatus publishText(String topic, ByteBuffer utf8) {
        return topics.publishText(topic, utf8);
    }

    /** Whether the server takes new connections: from its start until it is drained or closed. */
    public boolean isReady() {
        return gates.isOpen();
    }

    /** The number of open connections, those that close included. */
    public int connections() {
        return gates.connections();
    }

    /** Waits until the server has been closed. */
    public void awaitClose() throws InterruptedException {
        closing.await();
    }

    /**
     * Stops: accepts no more, closes every connection with 1001 and waits for the peers' answers, at most for the close
     * timeout; then cuts. Returns when all is done. Further calls wait for the first.
     *
     * @throws IllegalStateException if it is called on an event loop, which would wait for itself
     */
    @Override
    public void close() {
        loops.requireOutside("close()");
        closing.run(this::stop);
    }

    /** {@link #drain(Drain)} with {@link Drain#DEFAULT}. */
    public void drain() {
        drain(Drain.DEFAULT);
    }

    /**
     * Empties the server, then closes it. From now on {@link #isReady} is false and new handshakes are answered with 503 and
     * Retry-After; ordinary HTTP, the health route among it, goes on being answered. Open connections are closed a few at a
     * time; what is left at the deadline is cut. Returns when all is done. If the server is being closed or drained already,
     * this waits for that. An interrupt cuts what is left at once.
     *
     * @throws IllegalStateException if it is called on an event loop, which would wait for itself
     */
    public void drain(Drain how) {
        loops.requireOutside("drain()");
        closing.run(() -> {
            gates.shut();
            gates.tell(listener -> listener.onDrain(this));
            try {
                new Draining(loops, base.sessions, how, gates::connections).run();
            } finally {
                stop();
            }
        });
    }

    private void stop() {
        gates.shut();
        // Whoever blocks its event loop must not keep the server alive.
        listening.close().awaitUninterruptibly(PATIENCE_MILLIS);
        base.sessions.close();
        loops.drain(closeTimeout);
        if (base.sessions.abort()) {
            loops.awaitTurn();
            loops.awaitTurn();
        }
        base.blocking.close();
        if (watchdog != null) {
            watchdog.stop();
        }
        base.end();
        gates.tell(listener -> listener.onStop(this));
    }

    /** Builds {@link WebSocketServer}s. Confined to one thread at a time. */
    public static final class Builder {
        String host = "127.0.0.1";
        int port = 8080;

        @Nullable Path unixSocket;

        @Nullable String io;

        int threads = Runtime.getRuntime().availableProcessors();
        Limits limits = Limits.DEFAULT;
        Timeouts timeouts = Timeouts.DEFAULT;
        OriginPolicy origins = OriginPolicy.sameOrigin();

        @Nullable Hosts hosts;

        PermessageDeflate compression = PermessageDeflate.DEFAULT;
        List<String> subprotocols = List.of();

        @Nullable Path certificateChain;

        @Nullable Path privateKey;

        @Nullable ServerTls tls;

        Authenticator authenticator = Authenticator.anybody();
        final GateOptions gateOptions = new GateOptions();
        Duration watchdog = Duration.ofSeconds(1);

        @Nullable String healthPath;

        @Nullable UpgradeHandler upgrades;

        @Nullable FixedRequest fixedRequest;

        final RouteMap routes = new RouteMap();

        final Map<String, SendPolicy> topicPolicies = new LinkedHashMap<>();
        TopicBus topicBus = TopicBus.NONE;

        private Builder() {}

        /** Sets the address to listen on. Default {@code 127.0.0.1}: this machine only. */
        public Builder host(String address) {
            host = address;
            return this;
        }

        /**
         * Sets the port. Default 8080.
         *
         * @param number 0 to 65535; 0 lets the system choose
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder port(int number) {
            if (number < 0 || number > 0xFFFF) {
                throw new IllegalArgumentException("port is " + number + ", range 0 to 65535");
            }
            port = number;
            return this;
        }

        /**
         * Listens on a Unix domain socket instead of a port: for a reverse proxy or another program on this machine. Who may
         * connect is decided by the permissions of the file and its directory. A socket that nobody listens on any more is
         * replaced; the file is removed when the server is closed. Default: a port.
         *
         * @param path the socket's file; at most about 100 bytes on most systems
         */
        public Builder unixSocket(Path path) {
            unixSocket = path;
            return this;
        }

        /**
         * Sets how to talk to sockets. Default {@code auto}: epoll on Linux, NIO elsewhere.
         *
         * @param name {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}
         * @throws IllegalArgumentException if there is no such kind, or this machine does not have it
         */
        public Builder io(String name) {
            IoKind.parse(name);
            io = name;
            return this;
        }

        /**
         * Sets the number of event loops. Default: one for each processor.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder threads(int number) {
            if (number <= 0) {
                throw new IllegalArgumentException("threads is " + number + ", must be positive");
            }
            threads = number;
            return this;
        }

        /** Sets what a peer can make the server hold. */
        public Builder limits(Limits bounds) {
            limits = bounds;
            return this;
        }

        /** Sets how long each phase of a connection may take. */
        public Builder timeouts(Timeouts durations) {
            timeouts = durations;
            return this;
        }

        /**
         * Lets pages of these origins connect, besides those of the server's own. Default: none. Programs that are no browsers
         * send no Origin and are not concerned.
         *
         * @param allowed such as {@code https://chat.example}
         * @throws IllegalArgumentException if one is no origin
         */
        public Builder allowedOrigins(String... allowed) {
            origins = OriginPolicy.allow(List.of(allowed)).orSameOrigin();
            return this;
        }

        /** Sets which pages may connect, in full. */
        public Builder origins(OriginPolicy policy) {
            origins = policy;
            return this;
        }

        /**
         * Sets the names that are served, beside IP addresses; requests for others are answered with 421. Default: all, but a
         * server that listens on a loopback address and knows of no proxy serves web pages as {@code localhost} and names
         * below it only. Otherwise any site could have a name of its own point to this machine, and its pages would be of the
         * server's own origin.
         *
         * @param names such as {@code chat.example}, or {@code *.chat.example} for all below it; without a port
         * @throws IllegalArgumentException if one is no name, or there is none
         */
        public Builder hosts(String... names) {
            hosts = Hosts.of(names);
            return this;
        }

        /** Sets whether and how messages are compressed. Default {@link PermessageDeflate#DEFAULT}. */
        public Builder compression(PermessageDeflate options) {
            compression = options;
            return this;
        }

        /** Sets the subprotocols that the server speaks, the preferred one first. Default: none. */
        public Builder subprotocols(String... names) {
            subprotocols = List.of(names);
            return this;
        }

        /**
         * Sets what becomes of a topic's messages to sockets that do not keep up. Default: what {@link Limits#sendPolicy} says
         * for all that is sent to a socket.
         *
         * @param topic a topic, or with {@code *} and {@code >} (see {@link io.duplex.WebSocket#subscribePattern}) all that match
         *     and have no policy by their own name; of several patterns any one
         * @throws IllegalArgumentException if it has wildcards and is no pattern
         */
        public Builder topic(String topic, SendPolicy policy) {
            if (TopicTree.isPattern(topic)) {
                TopicTree.requirePattern(topic);
            }
            topicPolicies.put(topic, policy);
            return this;
        }

        /**
         * Joins the topics of this server with those of others. Default {@link TopicBus#NONE}.
         *
         * @param bus the server's from now on, which starts and closes it; for one server only
         */
        public Builder topicBus(TopicBus bus) {
            topicBus = bus;
            return this;
        }

        /**
         * Speaks TLS with the defaults; as {@link #tls(ServerTls)}. The files are read when the server starts, and again when
         * they change.
         *
         * @param chain the certificate chain, a PEM file
         * @param key the private key, a PEM file in PKCS #8
         */
        public Builder tls(Path chain, Path key) {
            tls = null;
            certificateChain = chain;
            privateKey = key;
            return this;
        }

        /** Speaks TLS. Default: it does not. */
        public Builder tls(ServerTls options) {
            certificateChain = null;
            privateKey = null;
            tls = options;
            return this;
        }

        /**
         * Sets who decides which peers may connect, for all routes that have no authenticator of their own. Default:
         * everybody may.
         */
        public Builder authenticator(Authenticator decides) {
            authenticator = decides;
            return this;
        }

        /**
         * Sets how many sockets the server has at a time, from accept to close. Some more are accepted to answer their
         * handshakes with 503 and Retry-After; yet more are closed at once. Default 100,000: idle ones take some 400 MB.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxConnections(int number) {
            gateOptions.maxConnections(number);
            return this;
        }

        /**
         * Sets how many sockets one client address has at a time; for IPv6, a network of 64 bits. Some more are accepted to
         * answer their handshakes with 429 and Retry-After; yet more are closed at once. Default 10,000, a tenth of all, but
         * addresses of this machine have no limit: many share an address behind a translator, and all do behind a proxy that
         * is not in {@link #trustedProxies}. A limit that is set holds for this machine, too.
         *
         * @param number 0 for no limit
         * @throws IllegalArgumentException if it is negative
         */
        public Builder maxConnectionsPerAddress(int number) {
            gateOptions.maxConnectionsPerAddress(number);
            return this;
        }

        /**
         * Sets after which time clients that are turned away with 503 or 429 are asked to come back. Default 10 s.
         *
         * @throws IllegalArgumentException if it is below a second
         */
        public Builder retryAfter(Duration time) {
            if (time.toSeconds() < 1) {
                throw new IllegalArgumentException("retryAfter is " + time + ", must be at least a second");
            }
            gateOptions.retryAfter = time;
            return this;
        }

        /**
         * Believes reverse proxies what they say about the client: its address becomes {@link Handshake#remoteAddress()}, and
         * whether it uses TLS {@link Handshake#isSecure()}. Default: nobody is believed.
         *
         * @param header the field that the proxies set
         * @param networks where they are, such as {@code 10.0.0.0/8}, {@code 192.0.2.1}, {@code fd00::/8}, or {@code unix} for
         *     Unix domain sockets
         * @throws IllegalArgumentException if one is none of these, or there is none
         */
        public Builder trustedProxies(ForwardedHeader header, String... networks) {
            gateOptions.forwarding = new Forwarding(header, Networks.parse(networks));
            return this;
        }

        /**
         * Expects the PROXY protocol, version 1 or 2, at the start of each connection, before TLS. Its address becomes {@link
         * Handshake#remoteAddress()}. Connections from elsewhere, or that begin otherwise, are closed. Default: off.
         *
         * @param networks where the proxies are, as in {@link #trustedProxies}
         * @throws IllegalArgumentException if one is no network, or there is none
         */
        public Builder proxyProtocol(String... networks) {
            gateOptions.proxies = Networks.parse(networks);
            return this;
        }

        /**
         * Adds an ordinary answer for load balancers: 200 while {@link WebSocketServer#isReady}, else 503.
         *
         * @param path as in {@link #route}
         * @throws IllegalArgumentException if the path is no template
         */
        public Builder healthRoute(String path) {
            PathTemplate.parse(path);
            healthPath = path;
            return this;
        }

        /** Sets who is told what the server goes through. Default: nobody. */
        public Builder listener(ServerListener told) {
            gateOptions.listener = told;
            return this;
        }

        /**
         * Sets how long something may keep an event loop busy before a warning names it, with the stack, once an incident.
         * Default 1 s. It is looked at from a thread of its own and costs the loops nothing.
         *
         * @param after zero switches it off
         * @throws IllegalArgumentException if it is negative
         */
        public Builder watchdog(Duration after) {
            if (after.isNegative()) {
                throw new IllegalArgumentException("watchdog is " + after + ", must not be negative");
            }
            watchdog = after;
            return this;
        }

        /**
         * Adds an endpoint. Its handlers run on the event loop and must not block.
         *
         * @param path whole segments may be parameters, such as <code>/chat/{room}</code>
         * @param handlers makes the handler of one connection from its handshake. A {@link io.duplex.HandshakeException} that
         *     it throws refuses the handshake with its status; any other exception with 500
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder route(String path, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            return route(path, RouteOptions.NONE, handlers);
        }

        /**
         * Adds an endpoint, as {@link #route(String, Function)} does, that differs from the server in some options.
         *
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder route(
                String path, RouteOptions options, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            routes.add(path, options, handlers);
            return this;
        }

        /**
         * Adds an endpoint of straight-line code, which may wait. Each connection has a thread, virtual where the JVM has them;
         * it is interrupted when the server has closed.
         *
         * @param path as in {@link #route}
         * @param code what to do with one connection; its return closes it
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder blockingRoute(String path, BlockingWebSocketHandler code) {
            return blockingRoute(path, RouteOptions.NONE, code);
        }

        /**
         * Adds an endpoint, as {@link #blockingRoute(String, BlockingWebSocketHandler)} does, that differs from the server in
         * some options.
         *
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder blockingRoute(String path, RouteOptions options, BlockingWebSocketHandler code) {
            routes.addBlocking(path, options, code);
            return this;
        }

        /**
         * Adds an endpoint of Reactive Streams ({@link java.util.concurrent.Flow}).
         *
         * @param path as in {@link #route}
         * @param handler called for each connection, on its event loop: must not block
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder flowRoute(String path, FlowWebSocketHandler handler) {
            return flowRoute(path, RouteOptions.NONE, handler);
        }

        /**
         * Adds an endpoint, as {@link #flowRoute(String, FlowWebSocketHandler)} does, that differs from the server in some
         * options.
         *
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder flowRoute(String path, RouteOptions options, FlowWebSocketHandler handler) {
            routes.add(path, options, handshake -> new FlowHandler(handler));
            return this;
        }

        /**
         * Sets who answers requests for WebSocket at paths that have no route, such as a container of Jakarta endpoints. It checks
         * the origin and agrees on extensions by rules of its own; {@link #authenticator}, limits and timeouts of this server
         * hold. Default: nobody.
         */
        public Builder upgrades(UpgradeHandler handler) {
            upgrades = handler;
            return this;
        }

        /**
         * Sets what else than HTTP a connection may begin with, such as a request for a socket policy of {@code duplex-legacy}.
         * Default: nothing.
         */
        public Builder fixedRequest(FixedRequest answers) {
            fixedRequest = answers;
            return this;
        }

        /**
         * Adds an ordinary answer to GET and HEAD.
         *
         * @param path as in {@link #route}
         * @throws IllegalArgumentException if the path is no template, or taken by another ordinary answer
         */
        public Builder httpRoute(String path, HttpHandler handler) {
            routes.addHttp(path, handler);
            return this;
        }

        /**
         * Adds a service: what answers ordinary requests and may carry sessions in them, such as those of clients that cannot
         * have WebSocket. Its path may be that of a {@link #route}, too, which then gets the requests for WebSocket.
         *
         * @param path as in {@link #route}; one that ends in {@code /**} is that before it and all below
         * @throws IllegalArgumentException if the path is no template, or taken by another ordinary answer
         */
        public Builder service(String path, HttpService service) {
            return service(path, RouteOptions.NONE, service);
        }

        /**
         * Adds a service, as {@link #service(String, HttpService)} does, to whose sessions other peers may come than to the
         * server. Subprotocols are its own matter.
         *
         * @throws IllegalArgumentException if the path is no template, or taken by another ordinary answer
         */
        public Builder service(String path, RouteOptions options, HttpService service) {
            routes.addService(path, options, service);
            return this;
        }

        /**
         * Starts the server; it listens when this returns.
         *
         * @throws WebSocketException if the address cannot be listened on, or the certificate or key cannot be read
         */
        public WebSocketServer start() {
            Startup base = new Startup(this);
            WebSocketServer server = new WebSocketServer(base, base.listen(), this);
            base.gates.tell(told -> told.onStart(server));
            return server;
        }
    }
}
