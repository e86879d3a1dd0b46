package io.duplex.client;

import io.duplex.BlockingWebSocket;
import io.duplex.FlowWebSocket;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.BlockingHandler;
import io.duplex.connection.ClientCall;
import io.duplex.connection.ClientService;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Topics;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.ClientHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.WebSocketUri;
import io.duplex.tls.ClientTls;
import io.duplex.transport.CloseOnce;
import io.duplex.transport.IoKind;
import io.duplex.transport.LoopGroup;
import io.duplex.transport.TlsContext;
import java.io.IOException;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects to WebSocket servers. Make one and keep it: its connections share its few event loops, whose threads do not keep
 * the JVM alive. Certificates and host names are checked. One connection at a time is being made to an address and port (RFC
 * 6455 §4.1). Thread-safe.
 *
 * <pre>{@code
 * try (var client = WebSocketClient.create();
 *         var socket = client.connect("wss://chat.example/echo")) {
 *     socket.send("hello");
 *     System.out.println(socket.receive());
 * }
 * }</pre>
 */
public final class WebSocketClient implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(WebSocketClient.class.getName());

    private final ClientSettings settings;
    private final boolean ownsLoops;
    private final HeaderFields fields;
    private final List<String> subprotocols;
    private final Set<ConnectionAttempt> attempts = ConcurrentHashMap.newKeySet();
    private final Set<ReconnectingWebSocket> reconnecting = ConcurrentHashMap.newKeySet();
    /** Each gives up an attempt of the fallback. */
    private final Set<Runnable> sessionAttempts = ConcurrentHashMap.newKeySet();

    private final CloseOnce closing = new CloseOnce();
    /** {@code null} if there is nothing to fall back on. */
    private final @Nullable FallbackHost fallback;

    private WebSocketClient(Builder builder) {
        ClientService service = builder.fallback;
        SSLContext fallbackTls = service == null ? null : TlsContext.jdkContext(builder.tls);
        this.fields = builder.fields.build();
        this.subprotocols = builder.subprotocols;
        WebSocketClient owner = builder.owner;
        this.ownsLoops = owner == null;
        LoopGroup loops = owner == null
                ? new LoopGroup(builder.io, builder.threads, "duplex-client", true)
                : owner.settings.loops();
        Topics topics =
                owner == null ? new Topics() : owner.settings.connections().topics();
        loops.loops().forEach(loop -> topics.add(loop.core()));
        this.settings = new ClientSettings(
                loops,
                new LazyTls(builder.tls),
                new SecureRandom(),
                owner == null ? new HostResolver(builder.lookup) : owner.settings.resolver(),
                new ConnectingQueue(builder.maxConnecting),
                new LiveSockets(),
                builder.proxies,
                new Cookies(builder.cookies),
                builder.connectTimeout,
                builder.overallTimeout,
                builder.maxRedirects,
                new ConnectionSettings(
                        builder.limits, builder.timeouts, builder.compression, topics, WebSocketClient::logFault),
                builder.unixSocket);
        this.fallback = service == null ? null : new FallbackHost(service, this, settings, fallbackTls);
        if (fallback != null) {
            start(fallback);
        }
    }

    private void start(FallbackHost host) {
        try {
            host.start();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void logFault(WebSocket socket, Throwable fault) {
        LOGGER.log(
                System.Logger.Level.ERROR,
                "handler of the connection to " + socket.handshake().remoteAddress() + " threw",
                fault);
    }

    /** A client with the defaults. */
    public static WebSocketClient create() {
        return builder().build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Prepares a connection with headers, an origin or subprotocols of its own.
     *
     * @param uri {@code ws://host[:port]path[?query]}, or the same with {@code wss}
     * @throws IllegalArgumentException if it is none
     */
    public ConnectRequest request(String uri) {
        return new ConnectRequest(this, WebSocketUri.parse(uri), fields, subprotocols);
    }

    /**
     * Connects, and returns a socket whose calls wait; as {@link ConnectRequest#connect()}.
     *
     * @param uri as in {@link #request}
     */
    public BlockingWebSocket connect(String uri) {
        return request(uri).connect();
    }

    /**
     * Connects, and waits for it; as {@link ConnectRequest#connect(WebSocketHandler)}.
     *
     * @param uri as in {@link #request}
     */
    public WebSocket connect(String uri, WebSocketHandler handler) {
        return request(uri).connect(handler);
    }

    /**
     * Connects without waiting; as {@link ConnectRequest#connectAsync(WebSocketHandler)}.
     *
     * @param uri as in {@link #request}
     */
    public CompletableFuture<WebSocket> connectAsync(String uri, WebSocketHandler handler) {
        return request(uri).connectAsync(handler);
    }

    /**
     * Connects without waiting; as {@link ConnectRequest#connectAsync(Function)}.
     *
     * @param uri as in {@link #request}
     */
    public CompletableFuture<WebSocket> connectAsync(
            String uri, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return request(uri).connectAsync(handlers);
    }

    /**
     * Connects without waiting, for Reactive Streams; as {@link ConnectRequest#connectFlow()}.
     *
     * @param uri as in {@link #request}
     */
    public CompletableFuture<FlowWebSocket> connectFlow(String uri) {
        return request(uri).connectFlow();
    }

    /**
     * Opens a connection that comes back by itself when it is lost; as {@link ConnectRequest#reconnecting}, but each attempt has
     * a request of its own, with a new token, say.
     *
     * @param requests called for each attempt, on an event loop too, so it must not block. If it throws, it is given up
     */
    public ReconnectingWebSocket reconnecting(
            Supplier<ConnectRequest> requests,
            Reconnect policy,
            Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return ReconnectingWebSocket.start(this, requests, policy, handlers);
    }

    BlockingWebSocket connect(ConnectRequest request) {
        AtomicReference<@Nullable BlockingWebSocket> opened = new AtomicReference<>();
        request.connect(new BlockingHandler(opened::set));
        BlockingWebSocket socket = opened.get();
        if (socket == null) {
            throw new AssertionError("connected without onOpen");
        }
        return socket;
    }

    CompletableFuture<WebSocket> start(
            ConnectRequest request, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        Target target = request.target();
        FallbackHost host = fallback;
        if (host == null || target.extensions() != null) {
            return connectPlainly(target, settings, handlers);
        }
        if (closing.hasBegun()) {
            throw new IllegalStateException("client is closed");
        }
        CompletableFuture<WebSocket> attempt = host.service()
                .connect(
                        new ClientCall(target.uri(), target.fields(), target.subprotocols(), target.mayRedirect()),
                        handlers);
        Runnable giveUp = () -> attempt.completeExceptionally(new HandshakeException("client is closed", null));
        sessionAttempts.add(giveUp);
        attempt.whenComplete((socket, failure) -> sessionAttempts.remove(giveUp));
        if (closing.hasBegun()) {
            giveUp.run();
        }
        return attempt;
    }

    CompletableFuture<WebSocket> connectPlainly(
            Target target, ClientSettings own, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        if (target.uri().isSecure() && settings.loops().isOutside()) {
            settings.tls().prepare();
        }
        ClientHandshake handshake;
        try {
            handshake = target.handshake(own);
        } catch (IOException e) {
            throw new WebSocketException("the cookies cannot be read: " + e.getMessage(), e);
        }
        ConnectionAttempt attempt = new ConnectionAttempt(own, target, handshake, handlers);
        attempts.add(attempt);
        if (closing.hasBegun()) {
            attempts.remove(attempt);
            throw new IllegalStateException("client is closed");
        }
        attempt.future().whenComplete((socket, failure) -> attempts.remove(attempt));
        attempt.start();
        return attempt.future();
    }

    /** Closes {@code socket} with the client. */
    void keep(ReconnectingWebSocket socket) {
        reconnecting.add(socket);
        if (closing.hasBegun()) {
            reconnecting.remove(socket);
            throw new IllegalStateException("client is closed");
        }
        socket.ended().whenComplete((nothing, failure) -> reconnecting.remove(socket));
    }

    /** Has {@code task} run on an event loop after {@code delay}. */
    ScheduledFuture<?> later(Runnable task, Duration delay) {
        return settings.loops().next().eventLoop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    void requireMayWait() {
        settings.loops().requireOutside("connect()");
    }

    WebSocket await(CompletableFuture<WebSocket> connecting) {
        try {
            return connecting.get();
        } catch (InterruptedException e) {
            if (!connecting.cancel(false)) {
                connecting.thenAccept(WebSocket::abort); // it has just come to be open, and nobody will have it
            }
            Thread.currentThread().interrupt();
            throw new WebSocketException("connect was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HandshakeException failure) {
                // Anew, so that its stack trace is that of the caller.
                throw new HandshakeException(
                        failure.status(),
                        String.valueOf(failure.getMessage()),
                        failure.headers(),
                        failure.body(),
                        failure.getCause());
            }
            throw new WebSocketException("connect failed", e.getCause());
        }
    }

    /** How it talks to sockets: {@code io_uring}, {@code epoll} or {@code nio}. */
    public String io() {
        return settings.loops().kind().label();
    }

    /**
     * Closes every connection with 1001 and waits for the peers' answers, at most for the close timeout; then cuts. Attempts to
     * connect fail. Returns when all is done and no thread is left, but for those of a
     * client that it shares. Further calls wait for the first.
     *
     * @throws IllegalStateException if it is called on an event loop, which would wait for itself
     */
    @Override
    public void close() {
        LoopGroup loops = settings.loops();
        loops.requireOutside("close()");
        closing.run(() -> {
            reconnecting.forEach(ReconnectingWebSocket::giveUp);
            sessionAttempts.forEach(Runnable::run);
            attempts.forEach(attempt -> attempt.cancel("client is closed"));
            // So that all sockets of the attempts are on the list, or gone.
            loops.awaitTurn();
            if (fallback != null) {
                fallback.close(settings.timeouts().close());
            }
            settings.sockets().close(settings.timeouts().close());
            if (ownsLoops) {
                settings.resolver().close();
                loops.shutdown();
            }
            settings.tls().close();
        });
    }

    /** Builds {@link WebSocketClient}s. Confined to one thread at a time. */
    public static final class Builder {
        /** Many servers decline an offer that asks for server_no_context_takeover, so it does not. */
        private static final PermessageDeflate DEFAULT_COMPRESSION = PermessageDeflate.builder()
                .serverNoContextTakeover(false)
                .clientNoContextTakeover(true)
                .build();

        private IoKind io = IoKind.best();
        private int threads = 1;
        private Limits limits = Limits.DEFAULT;
        private Timeouts timeouts = Timeouts.DEFAULT;
        private PermessageDeflate compression = DEFAULT_COMPRESSION;
        private final HeaderFields.Builder fields = HeaderFields.builder();
        private List<String> subprotocols = List.of();
        private ClientTls tls = ClientTls.DEFAULT;
        private @Nullable Path unixSocket;
        private ProxyChoice proxies = ProxyChoice.NONE;
        private @Nullable CookieHandler cookies;
        private Duration connectTimeout = Duration.ofSeconds(5);
        private Duration overallTimeout = Duration.ofMinutes(2);
        private int maxConnecting = 256;
        private int maxRedirects;
        private @Nullable WebSocketClient owner;
        private HostLookup lookup = InetAddress::getAllByName;
        private @Nullable ClientService fallback;

        private Builder() {}

        /**
         * Sets how to talk to sockets. Default {@code auto}: epoll on Linux, NIO elsewhere.
         *
         * @param name {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}
         * @throws IllegalArgumentException if there is no such kind, or this machine does not have it
         */
        public Builder io(String name) {
            io = IoKind.parse(name);
            return this;
        }

        /**
         * Sets the number of event loops. Default 1, which serves thousands of connections that are not busy.
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

        /**
         * Shares the event loops, the topics and the look-up of hosts with another client: many clients with different settings
         * then cost no more threads than one. {@link #io} and {@link #threads} are that client's. It must outlive this one: when it is
         * closed, connections of this one are cut. Default: loops of its own.
         */
        public Builder sharing(WebSocketClient other) {
            owner = other;
            return this;
        }

        /** Sets what a server can make the client hold. */
        public Builder limits(Limits bounds) {
            limits = bounds;
            return this;
        }

        /**
         * Sets how long each phase of a connection may take. That of the handshake covers the look-up of the host, TCP, the
         * proxy, TLS and the server's answer, but not the wait for other attempts to connect to the same address; a redirect
         * begins it anew.
         */
        public Builder timeouts(Timeouts durations) {
            timeouts = durations;
            return this;
        }

        /**
         * Sets how long one address of a host may take to answer the TCP connect. Default 5 s: time for two repetitions of
         * what was lost.
         *
         * @param timeout zero for none but that of the handshake
         * @throws IllegalArgumentException if it is negative
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = notNegative("connect timeout", timeout);
            return this;
        }

        /**
         * Sets how long an attempt to connect may take with all that it waits for: its turn, the addresses, redirects. Default
         * 2 min.
         *
         * @param timeout zero for none
         * @throws IllegalArgumentException if it is negative
         */
        public Builder overallTimeout(Duration timeout) {
            overallTimeout = notNegative("overall timeout", timeout);
            return this;
        }

        private static Duration notNegative(String name, Duration value) {
            if (value.isNegative()) {
                throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
            }
            return value;
        }

        /**
         * Sets how many connections may be being made at a time, to all servers together (RFC 6455 §4.1); to one address it is
         * always one. The others wait in order. Default 256.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxConnecting(int number) {
            if (number <= 0) {
                throw new IllegalArgumentException("maxConnecting is " + number + ", must be positive");
            }
            maxConnecting = number;
            return this;
        }

        /** Sets the proxy for all servers. Default: none. */
        public Builder proxy(Proxy proxy) {
            return proxies(ProxyChoice.always(proxy));
        }

        /** Sets who chooses the proxy for a server. Default: {@link ProxyChoice#NONE}; the environment is not asked. */
        public Builder proxies(ProxyChoice choice) {
            proxies = choice;
            return this;
        }

        /**
         * Sets how many redirects (301, 302, 303, 307, 308) an attempt follows. Locations of {@code http} and {@code https}
         * count as {@code ws} and {@code wss}. Another origin gets none of the request's fields, which may hold credentials, but
         * User-Agent; subprotocols are offered to it. From {@code wss} to {@code ws} none is followed. Default 0: a redirect
         * fails the handshake.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder maxRedirects(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("maxRedirects is " + number + ", must not be negative");
            }
            maxRedirects = number;
            return this;
        }

        /**
         * Sets where cookies come from and are kept, such as a {@link java.net.CookieManager}. It is asked with the {@code http}
         * or {@code https} URI of the same server, on event loops too, so it must not block. Default: none.
         */
        public Builder cookies(CookieHandler handler) {
            cookies = handler;
            return this;
        }

        /**
         * Sets what makes the connections for networks that let no WebSocket through, such as {@code PollingClient} of the module
         * {@code duplex-polling}. Default: none.
         *
         * @param service of this client alone
         */
        public Builder fallback(ClientService service) {
            fallback = service;
            return this;
        }

        /** Sets how hosts are looked up, for tests. */
        Builder lookup(HostLookup by) {
            lookup = by;
            return this;
        }

        /**
         * Sets whether and how messages are compressed. Default: it is offered without a demand on the server, and this side
         * takes no context over ({@link PermessageDeflate.Builder#clientNoContextTakeover}).
         */
        public Builder compression(PermessageDeflate options) {
            compression = options;
            return this;
        }

        /**
         * Adds a field to every request, such as User-Agent.
         *
         * @param name a token; as in {@link ConnectRequest#header}
         * @param value characters of ISO-8859-1 without control characters
         * @throws IllegalArgumentException if the name or the value has a character that it may not have
         */
        public Builder header(String name, String value) {
            fields.add(name, value);
            return this;
        }

        /** Sets the subprotocols to offer, the preferred one first. Default: none. */
        public Builder subprotocols(String... names) {
            subprotocols = List.of(names);
            return this;
        }

        /** Sets whom to trust, and what certificate to show. Default: the JVM's. Host names are checked all the same. */
        public Builder tls(SSLContext context) {
            return tls(ClientTls.of(context));
        }

        /** Sets whom to trust, what certificate to show, and what does TLS. Default: {@link ClientTls#DEFAULT}. */
        public Builder tls(ClientTls options) {
            tls = options;
            return this;
        }

        /**
         * Connects to a Unix domain socket on this machine instead of the host that a URI names. The request still says that
         * host, and TLS still checks it. Default: to the host.
         *
         * @param path the socket's file
         */
        public Builder unixSocket(Path path) {
            unixSocket = path;
            return this;
        }

        /**
         * <strong>Dangerous: switches off all that makes TLS safe.</strong> Any certificate is taken, for any host: whoever
         * stands in between reads and changes everything. For tests against servers with a certificate of their own making only;
         * trusting that certificate by {@link #tls} is better.
         */
        public Builder insecureTrustAll() {
            return tls(ClientTls.builder().insecureTrustAll().build());
        }

        /** Starts the client's event loops. */
        public WebSocketClient build() {
            return new WebSocketClient(this);
        }
    }
}
