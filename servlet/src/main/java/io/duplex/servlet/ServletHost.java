package io.duplex.servlet;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Role;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Adoption;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.Loop;
import io.duplex.connection.SocketLoops;
import io.duplex.connection.TimerWheel;
import io.duplex.connection.Topics;
import io.duplex.connection.Transport;
import io.duplex.connection.UpgradeRequest;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.ServerHandshake;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Serves WebSocket connections inside a servlet container, on the container's port. A servlet or filter gives it requests:
 *
 * <pre>{@code
 * host.upgrade(request, response, handshake -> new Echo());
 * }</pre>
 *
 * <p>On Tomcat, connections without TLS are handed off to event loops of their own if {@code duplex-netty} is on the class path;
 * all others are served through the container ({@link HandOff}). Which way was taken is logged once. Callbacks run on the
 * connection's event loop and must not block.
 *
 * <p>Thread-safe. {@link #close} it when the application stops.
 */
public final class ServletHost implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ServletHost.class.getName());

    private static final int UNAVAILABLE = 503;
    private static final int INTERNAL_ERROR = 500;
    private static final int BAD_REQUEST = 400;
    private static final long LOOK_AGAIN_MILLIS = 10;
    private static final long MARGIN_NANOS = 1_000_000_000L;
    /** How long a container may take from the answer to the connection. */
    private static final long UPGRADE_NANOS = 500_000_000L;

    private final ServerHandshake handshake;
    private final ConnectionSettings connections;
    private final HandOff handOff;
    private final int threads;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final Set<String> ways = ConcurrentHashMap.newKeySet();
    private final Set<String> impossible = ConcurrentHashMap.newKeySet();
    private final LongAdder opened = new LongAdder();
    private final Map<ClosedBy, LongAdder> ended;
    private final AtomicInteger turn = new AtomicInteger();
    /** Upgrades that were agreed and have no connection yet; containers forget those whose peer leaves meanwhile. */
    private final AtomicInteger upgrading = new AtomicInteger();

    /** {@code null} if sockets cannot be handed off. */
    private final SocketLoops.@Nullable Provider socketLoopsProvider;

    // Guarded by this.
    private @Nullable SocketLoops socketLoops;
    private List<ContainerLoop> containerLoops = List.of();
    private @Nullable ScheduledThreadPoolExecutor executor;
    private volatile boolean closed;
    /** Whether those that are open still are cut, and no thread is started any more. */
    private volatile boolean cut;

    private ServletHost(Builder builder) {
        handshake = ServerHandshake.builder()
                .subprotocols(builder.subprotocols)
                .origins(builder.origins)
                .deflate(builder.compression)
                .build();
        connections = new ConnectionSettings(
                builder.limits, builder.timeouts, builder.compression, builder.topics, ServletHost::logFault);
        Map<ClosedBy, LongAdder> counts = new EnumMap<>(ClosedBy.class);
        for (ClosedBy cause : ClosedBy.values()) {
            counts.put(cause, new LongAdder());
        }
        ended = Collections.unmodifiableMap(counts);
        handOff = builder.handOff;
        threads = builder.threads;
        socketLoopsProvider = handOff == HandOff.AUTO || handOff == HandOff.ALWAYS ? findSocketLoops() : null;
        if (handOff == HandOff.ALWAYS && socketLoopsProvider == null) {
            throw new IllegalStateException(
                    "no event loops on the class path to hand sockets off to: add duplex-netty");
        }
    }

    private static SocketLoops.@Nullable Provider findSocketLoops() {
        return ServiceLoader.load(SocketLoops.Provider.class, ServletHost.class.getClassLoader())
                .findFirst()
                .orElse(null);
    }

    private static void logFault(WebSocket socket, Throwable fault) {
        LOGGER.log(System.Logger.Level.ERROR, "handler of " + socket.handshake().path() + " failed", fault);
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    // Requests

    /**
     * Answers a request to a WebSocket endpoint: with 101 if it is a good opening handshake (RFC 6455 §4.2), else with what was
     * wrong. To be called before anything was written to the response; nothing may be written afterwards.
     *
     * @param handlers makes the handler of the connection, on the calling thread. It refuses by throwing a
     *     {@link HandshakeException} with a status
     */
    public void upgrade(
            HttpServletRequest request,
            HttpServletResponse response,
            Function<? super Handshake, ? extends WebSocketHandler> handlers)
            throws IOException, ServletException {
        UpgradeRequest asked;
        try {
            asked = request(request);
        } catch (IllegalArgumentException malformed) {
            refuse(response, Answer.Refused.of(BAD_REQUEST, HeaderFields.EMPTY, "malformed request\n"));
            return;
        }
        Answer answer = handshake.answer(asked.head(), asked.isSecure());
        if (answer instanceof Answer.Accepted accepted) {
            Handshake agreed = new ServletHandshake(asked, accepted.agreement(), request.getUserPrincipal());
            WebSocketHandler handler;
            try {
                handler = handlers.apply(agreed);
            } catch (RuntimeException fault) {
                refuse(response, refusal(agreed, fault));
                return;
            }
            upgrade(request, response, accepted, agreed, handler);
        } else if (answer instanceof Answer.Refused refused) {
            refuse(response, refused);
        }
    }

    private static Answer.Refused refusal(Handshake agreed, RuntimeException fault) {
        if (fault instanceof HandshakeException refusal && refusal.status() >= 300 && refusal.status() <= 599) {
            HeaderFields.Builder fields = HeaderFields.builder();
            refusal.headers().forEach((name, values) -> values.forEach(value -> fields.add(name, value)));
            return Answer.Refused.of(refusal.status(), fields.build(), String.valueOf(refusal.getMessage()));
        }
        LOGGER.log(System.Logger.Level.ERROR, "making the handler of " + agreed.path() + " failed", fault);
        return Answer.Refused.of(INTERNAL_ERROR, HeaderFields.EMPTY, "internal error\n");
    }

    /**
     * Upgrades a request that was accepted already, by whoever negotiates for itself.
     *
     * @param accepted what is answered
     * @param agreed what the connection is told of it
     * @param handler of this connection alone. If the upgrade fails, nothing is called
     */
    public void upgrade(
            HttpServletRequest request,
            HttpServletResponse response,
            Answer.Accepted accepted,
            Handshake agreed,
            WebSocketHandler handler)
            throws IOException, ServletException {
        upgrade(request, response, accepted, new HandlerAdoption(agreed, accepted, handler));
    }

    /**
     * As {@link #upgrade(HttpServletRequest, HttpServletResponse, Answer.Accepted, Handshake, WebSocketHandler)}, for who makes
     * the connection, too.
     *
     * @param accepted what is answered
     * @param adoption what becomes of the connection. If the upgrade fails, only {@link Adoption#ended} is called, or nothing if
     *     this throws
     */
    public void upgrade(
            HttpServletRequest request, HttpServletResponse response, Answer.Accepted accepted, Adoption adoption)
            throws IOException, ServletException {
        // First counted, then looked at: close() does it the other way round.
        upgrading.incrementAndGet();
        if (closed) {
            upgrading.decrementAndGet();
            refuse(response, Answer.Refused.of(UNAVAILABLE, HeaderFields.EMPTY, "shutting down\n"));
            adoption.ended(null);
            return;
        }
        HeaderFields fields = accepted.head().fields();
        for (int line = 0; line < fields.size(); line++) {
            response.addHeader(fields.name(line), fields.value(line));
        }
        try {
            upgrade(request, response, new Opening(this, adoption));
        } catch (IOException | ServletException | RuntimeException failure) {
            upgrading.decrementAndGet();
            throw failure;
        }
    }

    private void upgrade(HttpServletRequest request, HttpServletResponse response, Opening opening)
            throws IOException, ServletException {
        boolean mayBeKnown = handOff != HandOff.PORTABLE;
        if (mayBeKnown && TomcatRequests.PRESENT && TomcatRequests.contain(request)) {
            TomcatRequests.upgrade(request, opening);
        } else if (!mayBeKnown || !JettyRequests.PRESENT || !JettyRequests.upgrade(request, response, opening)) {
            request.upgrade(PortableUpgrade.class).prepare(opening);
        }
    }

    /**
     * A request, as its container read it.
     *
     * @throws IllegalArgumentException if its head has characters that a head may not have
     */
    public static UpgradeRequest request(HttpServletRequest request) {
        return ServletRequests.of(request);
    }

    /** Answers with a refusal. */
    public static void refuse(HttpServletResponse response, Answer.Refused refused) throws IOException {
        response.setStatus(refused.status());
        HeaderFields fields = refused.head().fields();
        for (int line = 0; line < fields.size(); line++) {
            String name = fields.name(line);
            if (!name.equals("Content-Length") && !name.equals("Connection")) {
                response.addHeader(name, fields.value(line));
            }
        }
        if (fields.contains("Upgrade")) {
            response.addHeader("Connection", "Upgrade");
        }
        byte[] body = refused.body().getBytes(StandardCharsets.UTF_8);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    /** Makes connections with a handler of their own. */
    private final class HandlerAdoption implements Adoption {
        private final Handshake agreed;
        private final Answer.Accepted accepted;
        private final WebSocketHandler handler;

        HandlerAdoption(Handshake agreed, Answer.Accepted accepted, WebSocketHandler handler) {
            this.agreed = agreed;
            this.accepted = accepted;
            this.handler = handler;
        }

        @Override
        public Connection connect(Loop loop, Transport transport) {
            connections.topics().add(loop);
            return new Connection(
                    Role.SERVER, agreed, accepted.agreement().deflate(), handler, connections, loop, transport);
        }

        @Override
        public void ended(@Nullable CloseOutcome outcome) {}
    }

    // What upgrade handlers ask

    HandOff handOff() {
        return handOff;
    }

    boolean hasEnded() {
        return cut;
    }

    /** An upgrade has come to its connection, or to nothing. */
    void upgraded() {
        upgrading.decrementAndGet();
    }

    /** Where sockets are handed off to; {@code null} if they are not, or the host has ended. */
    @Nullable SocketLoops socketLoops() {
        if (socketLoopsProvider == null) {
            return null;
        }
        synchronized (this) {
            SocketLoops started = socketLoops;
            if (started == null && !cut) {
                started = socketLoopsProvider.start(threads, "duplex-servlet");
                socketLoops = started;
            }
            return started;
        }
    }

    /** The loop whose turn it is to get a connection that the container serves; {@code null} once the host has ended. */
    @Nullable ContainerLoop nextLoop() {
        List<ContainerLoop> loops = containerLoops();
        return loops.isEmpty() ? null : loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    private synchronized List<ContainerLoop> containerLoops() {
        if (containerLoops.isEmpty() && !cut) {
            ScheduledThreadPoolExecutor workers = new ScheduledThreadPoolExecutor(threads, task -> {
                Thread thread = new Thread(task, "duplex-servlet-turns");
                thread.setDaemon(true);
                return thread;
            });
            executor = workers;
            SecureRandom random = new SecureRandom();
            List<ContainerLoop> loops = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                ContainerLoop loop = new ContainerLoop(workers, random);
                workers.scheduleAtFixedRate(
                        loop::tick, TimerWheel.TICK_NANOS, TimerWheel.TICK_NANOS, TimeUnit.NANOSECONDS);
                loops.add(loop);
            }
            containerLoops = loops;
        }
        return containerLoops;
    }

    void opened(Connection connection) {
        opened.increment();
        open.add(connection);
        if (cut) {
            connection.abort();
        } else if (closed) {
            connection.close(CloseCode.GOING_AWAY, "");
        }
    }

    void closed(Connection connection, @Nullable CloseOutcome outcome) {
        open.remove(connection);
        if (outcome != null) {
            Objects.requireNonNull(ended.get(outcome.closedBy())).increment();
        }
    }

    void logWay(String way) {
        if (ways.add(way)) {
            LOGGER.log(System.Logger.Level.INFO, "WebSocket connections are " + way);
        }
    }

    void logImpossible(String socket) {
        if (impossible.add(socket)) {
            LOGGER.log(
                    System.Logger.Level.ERROR,
                    "a WebSocket connection was cut: HandOff.ALWAYS, but a " + socket + " cannot be handed off");
        }
    }

    // The whole

    /** The number of open connections, those that close included. */
    public int connections() {
        return open.size();
    }

    /** The number of connections that were ever opened. */
    public long opened() {
        return opened.sum();
    }

    /** The number of connections that {@code cause} has ended. */
    public long ended(ClosedBy cause) {
        return Objects.requireNonNull(ended.get(cause)).sum();
    }

    /** How connections have been served so far, in words. */
    public Set<String> ways() {
        return Set.copyOf(ways);
    }

    /** The topics of all its connections. */
    public Topics topics() {
        return connections.topics();
    }

    /** What {@link #upgrade(HttpServletRequest, HttpServletResponse, Function)} makes connections with. */
    public ConnectionSettings settings() {
        return connections;
    }

    /**
     * Takes no more connections, closes those that are open with 1001 and waits for their peers' answers, for as long as
     * {@link Timeouts#close}; then ends what event loops were started. Must not be called by a handler.
     */
    @Override
    public void close() {
        closed = true;
        for (Connection connection : open) {
            connection.close(CloseCode.GOING_AWAY, "");
        }
        awaitNone(connections.timeouts().close());
        cut = true;
        for (Connection connection : open) {
            connection.abort();
        }
        synchronized (this) {
            if (socketLoops != null) {
                socketLoops.close();
                socketLoops = null;
            }
            containerLoops.forEach(ContainerLoop::release);
            containerLoops = List.of();
            if (executor != null) {
                executor.shutdown();
                executor = null;
            }
        }
    }

    private void awaitNone(Duration closeTimeout) {
        long start = System.nanoTime();
        long patienceNanos = closeTimeout.toNanos() + MARGIN_NANOS;
        try {
            for (long waited = 0;
                    upgrading.get() > 0 && waited < UPGRADE_NANOS
                            || !open.isEmpty() && (closeTimeout.isZero() || waited < patienceNanos);
                    waited = System.nanoTime() - start) {
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Builds {@link ServletHost}s. Confined to one thread at a time. */
    public static final class Builder {
        private Limits limits = Limits.DEFAULT;
        private Timeouts timeouts = Timeouts.DEFAULT;
        private PermessageDeflate compression = PermessageDeflate.DEFAULT;
        private OriginPolicy origins = OriginPolicy.sameOrigin();
        private List<String> subprotocols = List.of();
        private Topics topics = new Topics();
        private HandOff handOff = HandOff.AUTO;
        private int threads = Runtime.getRuntime().availableProcessors();

        private Builder() {}

        /** Sets what a peer can make the host hold. */
        public Builder limits(Limits bounds) {
            limits = bounds;
            return this;
        }

        /** Sets how long each phase of a connection may take. */
        public Builder timeouts(Timeouts durations) {
            timeouts = durations;
            return this;
        }

        /** Sets whether and how messages are compressed. Default {@link PermessageDeflate#DEFAULT}. */
        public Builder compression(PermessageDeflate options) {
            compression = options;
            return this;
        }

        /** Sets which pages may connect. Default {@link OriginPolicy#sameOrigin()}. */
        public Builder origins(OriginPolicy policy) {
            origins = policy;
            return this;
        }

        /** Sets the subprotocols that are spoken, the preferred one first. Default: none. */
        public Builder subprotocols(String... names) {
            subprotocols = List.of(names);
            return this;
        }

        /** Sets the topics, to share them with other hosts. Default: its own. */
        public Builder topics(Topics shared) {
            topics = shared;
            return this;
        }

        /** Sets whether sockets leave the container. Default {@link HandOff#AUTO}. */
        public Builder handOff(HandOff when) {
            handOff = when;
            return this;
        }

        /**
         * Sets the number of event loops. Default: one for each processor.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder threads(int number) {
            if (number < 1) {
                throw new IllegalArgumentException("threads is " + number + ", minimum 1");
            }
            threads = number;
            return this;
        }

        /**
         * Builds the host. It starts no thread before its first connection.
         *
         * @throws IllegalStateException if sockets are always to be handed off, and there is nothing to hand them off to
         */
        public ServletHost build() {
            return new ServletHost(this);
        }
    }
}
