package io.duplex.server;

import io.duplex.BlockingWebSocketHandler;
import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.BlockingHandler;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Topics;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.ServerHandshake;
import io.duplex.tls.ServerTls;
import io.duplex.tls.TlsProvider;
import io.duplex.topic.TopicBus;
import io.duplex.topic.TopicTree;
import io.duplex.transport.CloseOnce;
import io.duplex.transport.IoKind;
import io.duplex.transport.LoopGroup;
import io.duplex.transport.SocketTransport;
import io.duplex.transport.TlsContext;
import io.duplex.transport.UnixSockets;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket server. Safe by default: browsers may connect from the same origin only, and {@link Limits} and {@link Timeouts}
 * bound what a peer can hold. Thread-safe.
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
    private static final System.Logger LOGGER = System.getLogger(WebSocketServer.class.getName());

    private final LoopGroup loops;
    private final Channel listening;
    private final @Nullable Path unixSocket;
    private final int threads;
    private final Duration closeTimeout;
    private final @Nullable TlsContext tls;
    private final BlockingThreads blocking;
    private final Topics topics;
    private final CloseOnce closing = new CloseOnce();

    private WebSocketServer(
            LoopGroup loops,
            @Nullable TlsContext tls,
            Channel listening,
            BlockingThreads blocking,
            Topics topics,
            Builder builder) {
        this.loops = loops;
        this.listening = listening;
        this.unixSocket = builder.unixSocket;
        this.blocking = blocking;
        this.topics = topics;
        this.threads = builder.threads;
        this.closeTimeout = builder.timeouts.close();
        this.tls = tls;
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
        return tls != null;
    }

    /** What does TLS; {@code null} if the server does not speak it. */
    public @Nullable TlsProvider tlsProvider() {
        return tls == null ? null : tls.provider();
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
        closing.run(() -> {
            listening.close().awaitUninterruptibly();
            loops.drain(closeTimeout);
            blocking.close();
            loops.shutdown();
            release(tls);
            topics.close();
        });
    }

    private static void release(@Nullable TlsContext tls) {
        if (tls != null) {
            tls.release();
        }
    }

    /** Builds {@link WebSocketServer}s. Confined to one thread at a time. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port = 8080;
        private @Nullable Path unixSocket;
        private @Nullable String io;
        private int threads = Runtime.getRuntime().availableProcessors();
        private Limits limits = Limits.DEFAULT;
        private Timeouts timeouts = Timeouts.DEFAULT;
        private OriginPolicy origins = OriginPolicy.sameOrigin();
        private PermessageDeflate compression = PermessageDeflate.DEFAULT;
        private List<String> subprotocols = List.of();
        private @Nullable Path certificateChain;
        private @Nullable Path privateKey;
        private @Nullable ServerTls tls;
        private final TreeMap<PathTemplate, BiFunction<Handshake, Executor, WebSocketHandler>> routes = new TreeMap<>();
        private final TreeMap<PathTemplate, HttpHandler> httpRoutes = new TreeMap<>();

        private final Map<String, SendPolicy> topicPolicies = new LinkedHashMap<>();
        private TopicBus topicBus = TopicBus.NONE;

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
         * Adds an endpoint. Its handlers run on the event loop and must not block.
         *
         * @param path whole segments may be parameters, such as <code>/chat/{room}</code>
         * @param handlers makes the handler of one connection from its handshake. A {@link io.duplex.HandshakeException} that
         *     it throws refuses the handshake with its status; any other exception with 500
         * @throws IllegalArgumentException if the path is no template, or taken
         */
        public Builder route(String path, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            put(routes, path, (handshake, blocking) -> handlers.apply(handshake));
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
            put(routes, path, (handshake, blocking) -> BlockingHandler.running(code, blocking));
            return this;
        }

        /**
         * Adds an ordinary answer to GET and HEAD.
         *
         * @param path as in {@link #route}
         * @throws IllegalArgumentException if the path is no template, or taken by another ordinary answer
         */
        public Builder httpRoute(String path, HttpHandler handler) {
            put(httpRoutes, path, handler);
            return this;
        }

        private static <T> void put(NavigableMap<PathTemplate, T> routes, String path, T target) {
            PathTemplate template = PathTemplate.parse(path);
            PathTemplate taken = routes.ceilingKey(template);
            if (template.equals(taken)) {
                throw new IllegalArgumentException("path '" + path + "' is taken by '" + taken + "'");
            }
            routes.put(template, target);
        }

        /**
         * Starts the server; it listens when this returns.
         *
         * @throws WebSocketException if the address cannot be listened on, or the certificate or key cannot be read
         */
        public WebSocketServer start() {
            TlsContext tls = tlsContext();
            LoopGroup loops =
                    new LoopGroup(io == null ? IoKind.best() : IoKind.parse(io), threads, "duplex-server", false);
            Topics topics = new Topics(topicBus, topicPolicies);
            loops.loops().forEach(loop -> topics.add(loop.core()));
            BlockingThreads blocking = new BlockingThreads();
            ServerSettings settings = settings(topics, blocking);
            try {
                topics.start();
            } catch (RuntimeException | Error fault) {
                loops.shutdown();
                release(tls);
                throw fault;
            }
            try {
                SocketAddress address = listeningAddress(loops.kind());
                Channel channel = loops.server(
                                unixSocket != null, tls, timeouts.handshake(), transport -> open(settings, transport))
                        .bind(address)
                        .syncUninterruptibly()
                        .channel();
                return new WebSocketServer(loops, tls, channel, blocking, topics, this);
            } catch (RuntimeException | Error fault) {
                topics.close();
                loops.shutdown();
                release(tls);
                throw fault;
            } catch (Exception fault) { // thrown unchecked by Netty
                topics.close();
                loops.shutdown();
                release(tls);
                String where = unixSocket == null ? host + ":" + port : unixSocket.toString();
                throw new WebSocketException("cannot listen on " + where + ": " + fault.getMessage(), fault);
            }
        }

        private SocketAddress listeningAddress(IoKind kind) throws IOException {
            if (unixSocket == null) {
                return new InetSocketAddress(host, port);
            }
            UnixSockets.claim(unixSocket);
            return kind.unixAddress(unixSocket);
        }

        private static ServerOpening open(ServerSettings settings, SocketTransport transport) {
            return new ServerOpening(settings, transport);
        }

        private ServerSettings settings(Topics topics, Executor blocking) {
            ServerHandshake handshake = ServerHandshake.builder()
                    .origins(origins)
                    .deflate(compression)
                    .subprotocols(subprotocols)
                    .build();
            TreeMap<PathTemplate, WebSocketRoute> endpoints = new TreeMap<>();
            routes.forEach((template, handlers) -> endpoints.put(
                    template, new WebSocketRoute(template, handshake, opened -> handlers.apply(opened, blocking))));
            ConnectionSettings connections = new ConnectionSettings(
                    limits,
                    timeouts,
                    compression,
                    topics,
                    (socket, fault) -> LOGGER.log(
                            System.Logger.Level.ERROR,
                            "handler of " + socket.handshake().path() + " threw",
                            fault));
            return new ServerSettings(new Routes<>(endpoints), new Routes<>(httpRoutes), connections);
        }

        private @Nullable TlsContext tlsContext() {
            ServerTls options = tls;
            if (certificateChain != null && privateKey != null) {
                options = ServerTls.of(certificateChain, privateKey);
            }
            try {
                return options == null ? null : TlsContext.server(options);
            } catch (SSLException e) {
                throw new WebSocketException("TLS cannot be used with these options: " + e.getMessage(), e);
            }
        }
    }
}
