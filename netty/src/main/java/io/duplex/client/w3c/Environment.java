package io.duplex.client.w3c;

import io.duplex.Limits;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.ConnectRequest;
import io.duplex.client.WebSocketClient;
import io.duplex.connection.BlockingThreads;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link BrowserWebSocket}s live in, as a page is to those of a browser: what connects them, where their events are
 * dispatched, and what belongs to all of them. Those that name none share one with the defaults. Thread-safe.
 */
public final class Environment implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(BrowserWebSocket.class.getName());
    private static final Executor THREADS = new BlockingThreads("duplex-w3c");
    private static final JvmHold JVM = new JvmHold();

    private final @Nullable WebSocketClient client;
    private final Executor executor;
    private final Duration listenerGrace;
    private final @Nullable WebUrl baseUrl;
    private final @Nullable String origin;
    private final int maxWaitingBytes;
    private final boolean keepsJvmAlive;
    private final Consumer<? super Throwable> uncaught;
    private final Set<BrowserWebSocket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private Environment(Builder builder) {
        client = builder.client;
        executor = builder.executor == null ? THREADS : builder.executor;
        listenerGrace = builder.executor == null ? builder.listenerGrace : Duration.ZERO;
        baseUrl = builder.baseUrl;
        origin = builder.origin;
        maxWaitingBytes = builder.maxWaitingBytes;
        keepsJvmAlive = builder.keepsJvmAlive;
        uncaught = builder.uncaught;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** The one of those sockets that name none. */
    static Environment shared() {
        return Shared.ENVIRONMENT;
    }

    /**
     * Makes all sockets disappear, as a browser does when it leaves a page: those that are open are closed with 1001, those that
     * connect fail. Their events still come. It does not wait, and leaves the {@link Builder#client} as it is. New sockets are
     * refused.
     */
    @Override
    public void close() {
        closed = true;
        sockets.forEach(BrowserWebSocket::disappear);
    }

    /** A socket is about to connect. */
    void enter(BrowserWebSocket socket) {
        sockets.add(socket);
        if (closed) {
            sockets.remove(socket);
            throw new IllegalStateException("environment is closed");
        }
        if (keepsJvmAlive) {
            JVM.acquire();
        }
    }

    /** A socket is closed. */
    void leave(BrowserWebSocket socket) {
        if (sockets.remove(socket) && keepsJvmAlive) {
            JVM.release();
        }
    }

    /**
     * Begins to connect.
     *
     * @return fails if what the URL names cannot be connected to at all
     * @throws IllegalStateException if the client is closed
     */
    CompletableFuture<WebSocket> connect(WebUrl url, List<String> subprotocols, WebSocketHandler handler) {
        WebSocketClient connecting = client == null ? Shared.CLIENT : client;
        ConnectRequest request;
        try {
            request = connecting.request(url.connectionUri());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        request.withoutRedirects().subprotocols(subprotocols.toArray(String[]::new));
        if (origin != null) {
            request.origin(origin);
        }
        String credentials = url.basicCredentials();
        if (credentials != null) {
            request.header("Authorization", credentials);
        }
        return request.connectAsync(handshake -> {
            if (!subprotocols.isEmpty() && handshake.subprotocol() == null) {
                throw new IllegalArgumentException("server chose none of the subprotocols " + subprotocols);
            }
            return handler;
        });
    }

    Executor executor() {
        return executor;
    }

    long listenerGraceNanos() {
        return listenerGrace.toNanos();
    }

    @Nullable WebUrl baseUrl() {
        return baseUrl;
    }

    int maxWaitingBytes() {
        return maxWaitingBytes;
    }

    /** Tells what a listener threw; never throws itself. */
    void reportUncaught(Throwable fault) {
        try {
            uncaught.accept(fault);
        } catch (Throwable ownFault) {
            LOGGER.log(System.Logger.Level.ERROR, "onUncaught threw", ownFault);
            logUncaught(fault);
        }
    }

    /** Tells developers, as a browser's console does, what scripts must not learn. */
    void logFailure(String what) {
        LOGGER.log(System.Logger.Level.INFO, () -> "WebSocket connection failed: " + what);
    }

    private static void logUncaught(Throwable fault) {
        LOGGER.log(System.Logger.Level.ERROR, "event listener threw", fault);
    }

    /** What is made when the first socket needs it. */
    private static final class Shared {
        static final WebSocketClient CLIENT = WebSocketClient.builder()
                .limits(Limits.builder()
                        .maxMessageBytes(Builder.SHARED_MAX_BYTES)
                        .maxQueueBytes(Builder.SHARED_MAX_BYTES)
                        .build())
                .build();
        static final Environment ENVIRONMENT = builder().build();
    }

    /** Builds {@link Environment}s. Confined to one thread at a time. */
    public static final class Builder {
        private static final int SHARED_MAX_BYTES = 64 << 20;

        private @Nullable WebSocketClient client;
        private @Nullable Executor executor;
        private Duration listenerGrace = Duration.ofMillis(100);
        private @Nullable WebUrl baseUrl;
        private @Nullable String origin;
        private int maxWaitingBytes = 1 << 20;
        private boolean keepsJvmAlive = true;
        private Consumer<? super Throwable> uncaught = Environment::logUncaught;

        private Builder() {}

        /**
         * Sets what connects: its limits, timeouts, TLS, compression, headers and cookies apply, but not its redirects, which
         * are failures here; and it must stay open as long as the sockets. Default: a client that all environments without one share, with the defaults but for a message, and what
         * waits to be sent, which may have 64 MiB each: a script sends without looking.
         */
        public Builder client(WebSocketClient connecting) {
            client = connecting;
            return this;
        }

        /**
         * Sets where events are dispatched, one after the other for each socket. Default: on virtual threads from JDK 21 on, on
         * those of a pool before; a listener that waits holds up nothing but its own socket.
         *
         * <p>An executor of your own is taken for an event loop: if it has one thread, and sockets are made and used on that, then
         * nothing happens at the same time as something else, and a listener that is added in the task that makes the socket
         * misses no event. Its refusal of a task ends the connection.
         */
        public Builder executor(Executor eventLoop) {
            executor = eventLoop;
            return this;
        }

        /**
         * Sets for how long after its constructor has returned a socket holds back an event that nobody listens to yet, so that
         * {@code new BrowserWebSocket(url)} and {@code onopen} may stand one below the other on a thread that is no event loop.
         * Default 100 ms; without meaning where there is an {@link #executor}.
         *
         * @throws IllegalArgumentException if it is negative
         */
        public Builder listenerGrace(Duration grace) {
            if (grace.isNegative()) {
                throw new IllegalArgumentException("listener grace is " + grace + ", must not be negative");
            }
            listenerGrace = grace;
            return this;
        }

        /**
         * Sets what URLs may be relative to. Default: nothing, so that they must be absolute.
         *
         * @param url {@code http}, {@code https}, {@code ws} or {@code wss}
         * @throws DomException SyntaxError if it is none
         */
        public Builder baseUrl(String url) {
            baseUrl = WebUrlParser.parse(url);
            return this;
        }

        /**
         * Sets the Origin (RFC 6454) that servers are told. Default: none.
         *
         * @param value such as {@code https://chat.example}; what is none makes the constructor of sockets throw an {@link
         *     IllegalArgumentException}
         */
        public Builder origin(String value) {
            origin = value;
            return this;
        }

        /**
         * Sets how much of what came may wait for its event, for each socket, before nothing more is read from the network.
         * Default 1 MiB. A message counts with its bytes, those of UTF-8 for text, and 256 more.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxWaitingBytes(int bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("maxWaitingBytes is " + bytes + ", must be positive");
            }
            maxWaitingBytes = bytes;
            return this;
        }

        /** Sets whether the JVM goes on as long as a socket is not closed. Default {@code true}. */
        public Builder keepsJvmAlive(boolean keeps) {
            keepsJvmAlive = keeps;
            return this;
        }

        /**
         * Sets who is told what listeners throw, on the thread they were called on. What it throws itself is logged. Default:
         * the log, as an error.
         */
        public Builder onUncaught(Consumer<? super Throwable> handler) {
            uncaught = handler;
            return this;
        }

        /** Builds the environment. */
        public Environment build() {
            return new Environment(this);
        }
    }
}
