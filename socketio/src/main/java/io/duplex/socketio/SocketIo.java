package io.duplex.socketio;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server of Socket.IO's protocol, version 5, as {@code socket.io-client} 3 and 4 speak it: it makes the handlers of sessions
 * that carry its packets as messages. Thread-safe.
 *
 * <pre>{@code
 * SocketIo io = SocketIo.builder()
 *         .namespace("/", socket -> socket.on("greet", event -> event.acknowledge("hello " + event.argument(0).asString())))
 *         .build();
 * }</pre>
 */
public final class SocketIo implements Function<Handshake, WebSocketHandler> {
    private static final Logger LOG = System.getLogger(SocketIo.class.getName());
    private static final int ID_BYTES = 15;

    private final Map<String, Namespace> namespaces;
    private final ObjectMapper mapper;
    private final Duration connectTimeout;
    private final int maxAttachments;
    private final long maxAttachmentBytes;
    private final SecureRandom random = new SecureRandom();

    private SocketIo(Builder builder) {
        mapper = builder.mapper;
        connectTimeout = builder.connectTimeout;
        maxAttachments = builder.maxAttachments;
        maxAttachmentBytes = builder.maxAttachmentBytes;
        Map<String, Namespace> all = new HashMap<>();
        builder.namespaces.forEach(
                (name, parts) -> all.put(name, new Namespace(name, mapper, parts.connected, parts.gate)));
        namespaces = Map.copyOf(all);
    }

    /** Starts one. */
    public static Builder builder() {
        return new Builder();
    }

    /** The handler of a new session. */
    @Override
    public WebSocketHandler apply(Handshake handshake) {
        return new SocketIoConnection(this);
    }

    /**
     * A namespace, to send to.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public Namespace of(String name) {
        Namespace namespace = namespace(name);
        if (namespace == null) {
            throw new IllegalArgumentException("no namespace " + name + ", there are " + namespaces.keySet());
        }
        return namespace;
    }

    @Nullable Namespace namespace(String name) {
        return namespaces.get(name);
    }

    ObjectMapper mapper() {
        return mapper;
    }

    int maxAttachments() {
        return maxAttachments;
    }

    long maxAttachmentBytes() {
        return maxAttachmentBytes;
    }

    String newId() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    /** Runs {@code task} when a client should have connected to a namespace; {@code null} if there is no such time. */
    @Nullable CompletableFuture<Void> afterConnectTimeout(Runnable task) {
        if (connectTimeout.isZero()) {
            return null;
        }
        CompletableFuture<Void> timeout = new CompletableFuture<>();
        timeout.thenRun(task);
        // Its timer is gone once it is cancelled.
        return timeout.completeOnTimeout(null, connectTimeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    void logFault(Throwable fault) {
        LOG.log(Level.ERROR, "a handler of Socket.IO failed", fault);
    }

    /** Collects what a server is made of. Confined to one thread at a time. */
    public static final class Builder {
        private record Parts(
                Consumer<? super SocketIoSocket> connected,
                @Nullable Function<? super SocketIoSocket, ? extends CompletionStage<?>> gate) {}

        private final Map<String, Parts> namespaces = new HashMap<>();
        private ObjectMapper mapper = JsonMapper.shared();
        private Duration connectTimeout = Duration.ofSeconds(45);
        private int maxAttachments = 10;
        private long maxAttachmentBytes = 1 << 20;

        private Builder() {}

        /**
         * Adds a namespace that everybody who has a session may connect to.
         *
         * @param name begins with a slash; {@code /} is the one that clients connect to by default
         * @param connected is told each new socket, on the event loop, before any of its events
         * @throws IllegalArgumentException if the name does not begin with a slash, has a comma or {@code ?}, or is taken
         */
        public Builder namespace(String name, Consumer<? super SocketIoSocket> connected) {
            return add(name, new Parts(connected, null));
        }

        /**
         * Adds a namespace with a gate.
         *
         * @param name as in the other form
         * @param gate decides about each client, on the event loop and without blocking: a stage that completes lets it in; one
         *     that fails with {@link ConnectRefusedException} tells it why not, any other failure is logged and tells it nothing
         * @param connected as in the other form
         * @throws IllegalArgumentException as the other form
         */
        public Builder namespace(
                String name,
                Function<? super SocketIoSocket, ? extends CompletionStage<?>> gate,
                Consumer<? super SocketIoSocket> connected) {
            return add(name, new Parts(connected, gate));
        }

        private Builder add(String name, Parts parts) {
            if (!name.startsWith("/") || name.indexOf(',') >= 0 || name.indexOf('?') >= 0) {
                throw new IllegalArgumentException("namespace " + name + " must begin with / and have no comma or ?");
            }
            if (namespaces.putIfAbsent(name, parts) != null) {
                throw new IllegalArgumentException("namespace " + name + " is there already");
            }
            return this;
        }

        /** Makes JSON of arguments and the other way round; Jackson's shared one by default. */
        public Builder mapper(ObjectMapper json) {
            mapper = json;
            return this;
        }

        /**
         * How long a session may take until it asks for its first namespace; it is closed with 1008 then.
         *
         * @param time 45 s by default, as with the original server; zero for no limit
         * @throws IllegalArgumentException if it is negative
         */
        public Builder connectTimeout(Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException("connectTimeout is " + time + ", must not be negative");
            }
            connectTimeout = time;
            return this;
        }

        /**
         * How many attachments a packet may have, and how long they may be together; each is also bound by the limit of a
         * message.
         *
         * @param number 0 to 1,000; 10 by default
         * @param bytes 0 or more; 1 MiB by default
         * @throws IllegalArgumentException if a value is out of range
         */
        public Builder maxAttachments(int number, long bytes) {
            if (number < 0 || number > 1000 || bytes < 0) {
                throw new IllegalArgumentException(
                        "maxAttachments is " + number + " of " + bytes + " bytes, range 0 to 1000 of 0 or more bytes");
            }
            maxAttachments = number;
            maxAttachmentBytes = bytes;
            return this;
        }

        /** The server. */
        public SocketIo build() {
            return new SocketIo(this);
        }
    }
}
