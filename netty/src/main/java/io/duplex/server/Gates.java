package io.duplex.server;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who may come into a server, and who is in. Thread-safe. */
final class Gates {
    private static final System.Logger LOGGER = System.getLogger(WebSocketServer.class.getName());

    private static final long LOG_AGAIN_NANOS = Duration.ofMinutes(1).toNanos();

    private final Admissions admissions;
    private final @Nullable Forwarding forwarding;
    private final @Nullable Networks proxies;
    private final @Nullable ServerListener listener;
    private final Answer.Refused full;
    private final Answer.Refused fullOfAddress;
    private final Answer.Refused draining;
    private final Answer.Refused undecided;
    private final Answer.Refused exhausted;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong fullLoggedNanos = new AtomicLong(System.nanoTime() - LOG_AGAIN_NANOS);
    private final AtomicLong addressLoggedNanos = new AtomicLong(System.nanoTime() - LOG_AGAIN_NANOS);
    private volatile boolean isOpen = true;

    /**
     * Creates the gates of one server.
     *
     * @param forwarding {@code null} if no proxy is trusted
     * @param proxies whose connections begin with a {@link ProxyHeader}; {@code null} if none does
     */
    Gates(
            Admissions admissions,
            @Nullable Forwarding forwarding,
            @Nullable Networks proxies,
            Duration retryAfter,
            @Nullable ServerListener listener) {
        this.admissions = admissions;
        this.forwarding = forwarding;
        this.proxies = proxies;
        this.listener = listener;
        HeaderFields later = HeaderFields.builder()
                .add("Retry-After", Long.toString(Math.max(1, retryAfter.toSeconds())))
                .build();
        this.full = Answer.Refused.of(503, later, "too many connections\n");
        this.fullOfAddress = Answer.Refused.of(429, later, "too many connections from this address\n");
        this.draining = Answer.Refused.of(503, later, "server is shutting down\n");
        this.undecided = Answer.Refused.of(503, later, "authentication took too long\n");
        this.exhausted = Answer.Refused.of(503, later, "server has no memory left\n");
    }

    Admissions admissions() {
        return admissions;
    }

    @Nullable Forwarding forwarding() {
        return forwarding;
    }

    /** Whether the client may be another than the other end of its connection. */
    boolean namesClients() {
        return forwarding != null || proxies != null;
    }

    @Nullable Networks proxies() {
        return proxies;
    }

    // Answers

    /** To those that are too many. */
    Answer.Refused full() {
        logOnce(fullLoggedNanos, () -> "maxConnections is reached: handshakes are answered with 503");
        return full;
    }

    /** To those that are too many of their address. */
    Answer.Refused fullOfAddress(SocketAddress remote) {
        logOnce(
                addressLoggedNanos,
                () -> "maxConnectionsPerAddress is reached by " + remote
                        + ": its handshakes are answered with 429; if it is a proxy, name it in trustedProxies");
        return fullOfAddress;
    }

    Answer.Refused draining() {
        return draining;
    }

    Answer.Refused undecided() {
        return undecided;
    }

    /** To those for whom there is no memory. */
    Answer.Refused exhausted() {
        return exhausted;
    }

    /** At most once a minute: whoever floods the server must not flood the log. */
    private static void logOnce(AtomicLong loggedNanos, Supplier<String> what) {
        long now = System.nanoTime();
        long last = loggedNanos.get();
        if (now - last >= LOG_AGAIN_NANOS && loggedNanos.compareAndSet(last, now)) {
            LOGGER.log(System.Logger.Level.WARNING, what);
        }
    }

    // The server's life

    /** Whether new connections are taken. */
    boolean isOpen() {
        return isOpen;
    }

    /** Takes no new connections any more. */
    void shut() {
        isOpen = false;
    }

    /** Open connections. */
    int connections() {
        return connections.get();
    }

    // Connections

    void opened(WebSocket socket) {
        connections.incrementAndGet();
        if (listener != null) {
            tell(told -> told.onConnectionOpened(socket));
        }
    }

    void closed(WebSocket socket, CloseOutcome outcome, Admissions.@Nullable Count count) {
        left(count);
        closed(socket, outcome);
    }

    /** A connection has ended that is no socket's. */
    void closed(WebSocket socket, CloseOutcome outcome) {
        connections.decrementAndGet();
        if (listener != null) {
            tell(told -> told.onConnectionClosed(socket, outcome));
        }
    }

    /** A socket has gone. */
    void left(Admissions.@Nullable Count count) {
        admissions.leave();
        if (count != null) {
            admissions.leave(count);
        }
    }

    void refused(int status, SocketAddress remote) {
        if (listener != null) {
            tell(told -> told.onHandshakeRefused(status, remote));
        }
    }

    /** Something keeps an event loop busy. */
    void blocked(BlockedLoop blocked) {
        Throwable stack = new Throwable("what " + blocked.thread() + " is doing");
        stack.setStackTrace(blocked.stack().toArray(new StackTraceElement[0]));
        LOGGER.log(
                System.Logger.Level.WARNING,
                "event loop " + blocked.thread() + " is blocked for "
                        + blocked.duration().toMillis() + " ms by " + blocked.culprit()
                        + "; what waits belongs on a blockingRoute or on a thread of its own",
                stack);
        tell(told -> told.onLoopBlocked(blocked));
    }

    void tell(Consumer<? super ServerListener> what) {
        if (listener != null) {
            try {
                what.accept(listener);
            } catch (Throwable fault) {
                LOGGER.log(System.Logger.Level.ERROR, "the server's listener threw", fault);
            }
        }
    }
}
