package io.duplex.polling;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Role;
import io.duplex.WebSocketHandler;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.ServiceHost;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.SubprotocolSelector;
import io.duplex.polling.session.Owner;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Refusal;
import io.duplex.polling.session.Session;
import io.duplex.polling.session.SessionOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries the sessions of a {@link WebSocketHandler} over ordinary HTTP, for clients whose network lets no WebSocket through.
 * It is to be mounted at the path of the WebSocket route that has the same handlers:
 *
 * <pre>{@code
 * Polling polling = Polling.of(ChatHandler::new);
 * }</pre>
 *
 * <p>The handler sees an ordinary {@link io.duplex.WebSocket}: limits, timeouts, topics and closing are those of the server. A
 * session moves between {@linkplain Via carriers} while it lives. {@code docs/reference/polling-protocol.md} has the wire
 * format. Thread-safe.
 */
public final class Polling implements HttpService {
    /** The subprotocol of a WebSocket connection that carries a session. */
    static final String CARRIER_PROTOCOL = "duplex.session.1";

    static final String SESSION_FIELD = "Duplex-Session";
    static final String SUBPROTOCOLS_FIELD = "Duplex-Subprotocols";
    private static final String SESSION_PARAMETER = "session";

    /** 192 bits: no two are equal, and none is guessed. */
    private static final int ID_BYTES = 24;

    private static final int MAX_PAD_BYTES = 8 << 10;

    /** What a client has to acknowledge at the latest, of {@link StreamCarrier#WINDOW_BYTES}. */
    private static final int ACK_BYTES = 32 << 10;

    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final SubprotocolSelector subprotocols;
    private final Set<Via> vias;
    private final Duration hold;
    private final Duration expiry;
    private final int maxBlockBytes;
    private final long maxStreamBytes;

    private final SecureRandom random = new SecureRandom();
    private final Map<String, Conversation> conversations = new ConcurrentHashMap<>();
    private volatile @Nullable Started started;

    /** What is known from the start of the server on. */
    private record Started(ServiceHost host, SessionOptions options, int maxBlockBytes, CarrierHandshake carriers) {}

    private Polling(Builder builder) {
        handlers = builder.handlers;
        subprotocols = builder.subprotocols;
        vias = builder.vias;
        hold = builder.hold;
        expiry = builder.expiry;
        maxBlockBytes = builder.maxBlockBytes;
        maxStreamBytes = builder.maxStreamBytes;
    }

    /** Sessions with the defaults. {@code handlers} makes one handler for each; its callbacks run on an event loop. */
    public static Polling of(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return builder(handlers).build();
    }

    /** Starts from the defaults. */
    public static Builder builder(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return new Builder(handlers);
    }

    /** The number of sessions, those included that have ended and whose last packets wait for the client. */
    public int sessions() {
        return conversations.size();
    }

    @Override
    public void start(ServiceHost host) {
        if (started != null) {
            throw new IllegalStateException("the service is mounted already; build one for each path");
        }
        // The settings' Limits bound what comes as a message of a WebSocket carrier, too.
        int blockBytes =
                Math.min(maxBlockBytes, Math.max(host.settings().limits().maxMessageBytes(), 2 * Block.HEADER_BYTES));
        started = new Started(
                host,
                SessionOptions.of(host.settings(), expiry, silence(), true),
                blockBytes,
                new CarrierHandshake(host.settings().compression()));
    }

    /** What a client may be silent for: a long poll, and a break that the session outlives. */
    private Duration silence() {
        return (hold.compareTo(expiry) > 0 ? hold : expiry).plusSeconds(5);
    }

    private Started started() {
        Started present = started;
        if (present == null) {
            throw new IllegalStateException("the service has not been started");
        }
        return present;
    }

    // Requests

    @Override
    public void serve(HttpExchange exchange) {
        RequestHead head = exchange.head();
        String origin = null;
        try {
            switch (head.method()) {
                case "OPTIONS" -> preflight(exchange);
                case "GET" -> {
                    Conversation conversation = conversation(head, true);
                    conversation.owner().require(head.fields(), false);
                    origin = conversation.owner().origin();
                    get(exchange, conversation);
                }
                case "POST" -> {
                    if (!head.fields().contains(SESSION_FIELD)) {
                        open(exchange);
                        return;
                    }
                    Conversation conversation = conversation(head, false);
                    conversation.owner().require(head.fields(), true);
                    origin = conversation.owner().origin();
                    post(exchange, conversation);
                }
                default -> throw new Refusal(405, "method is not GET or POST");
            }
        } catch (Refusal refusal) {
            Answers.refuse(exchange, refusal, origin);
        }
    }

    private static void preflight(HttpExchange exchange) {
        HeaderFields fields = exchange.head().fields();
        String origin = fields.first("Origin");
        if (origin == null || !fields.contains("Access-Control-Request-Method")) {
            throw new Refusal(405, "method is not GET or POST");
        }
        Answers.preflight(exchange, origin);
    }

    private Conversation conversation(RequestHead head, boolean mayBeInQuery) {
        String id = head.fields().first(SESSION_FIELD);
        if (id == null && mayBeInQuery) {
            id = Query.of(head.query()).value(SESSION_PARAMETER);
        }
        if (id == null) {
            throw new Refusal(400, "session is missing");
        }
        return conversation(id);
    }

    private Conversation conversation(String id) {
        Conversation conversation = conversations.get(id);
        if (conversation == null) {
            throw new Refusal(404, "no such session");
        }
        return conversation;
    }

    /** Runs {@code task} on the session's loop, and answers what it refuses. */
    private static void inSession(HttpExchange exchange, Conversation conversation, Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (Refusal refusal) {
                Answers.refuse(exchange, refusal, conversation.owner().origin());
            }
        };
        conversation.session().run(exchange.loop(), guarded);
    }

    // Receiving

    private void get(HttpExchange exchange, Conversation conversation) {
        Query query = Query.of(exchange.head().query());
        Via via = Via.of(query.value("via"));
        if (via == null || via == Via.WEBSOCKET) {
            throw new Refusal(400, "via is not poll, long or sse");
        }
        requireOffered(via);
        long turn = query.number("turn", 0);
        long after = query.number("after", 0);
        long waitMillis = query.number("wait", hold.toMillis());
        int padBytes = (int) Math.min(query.number("pad", 0), MAX_PAD_BYTES);
        inSession(exchange, conversation, () -> {
            long last = via == Via.SSE ? Math.max(after, lastEventId(exchange)) : after;
            conversation.begin(turn, last);
            switch (via) {
                case POLL -> PollCarrier.answerShort(conversation, exchange);
                case LONG ->
                    PollCarrier.hold(
                            conversation,
                            exchange,
                            TimeUnit.MILLISECONDS.toNanos(Math.min(waitMillis, hold.toMillis())));
                case SSE ->
                    StreamCarrier.open(conversation, exchange, EventText.opening(padBytes, turn), maxStreamBytes);
                case WEBSOCKET -> throw new AssertionError(via);
            }
        });
    }

    private static long lastEventId(HttpExchange exchange) {
        String id = exchange.head().fields().first("Last-Event-ID");
        return id == null || id.isEmpty() ? 0 : Query.parse(id, "Last-Event-ID");
    }

    private void requireOffered(Via via) {
        if (!vias.contains(via)) {
            throw new Refusal(403, "carrier is switched off");
        }
    }

    // Sending

    private void post(HttpExchange exchange, Conversation conversation) {
        requireBlockType(exchange);
        if (exchange.body().remaining() > started().maxBlockBytes()) {
            throw new Refusal(413, "block is too long");
        }
        Block block = Block.parse(Role.CLIENT, exchange.body());
        if (block == null) {
            throw new Refusal(400, "body is no block");
        }
        inSession(exchange, conversation, () -> conversation.post(exchange, block));
    }

    /** A type that no form has: a page of another origin cannot send it without asking first. */
    private static void requireBlockType(HttpExchange exchange) {
        String type = exchange.head().fields().first("Content-Type");
        if (type == null || !type.equals(Answers.BLOCK)) {
            throw new Refusal(415, "Content-Type is not " + Answers.BLOCK);
        }
    }

    // Opening

    private void open(HttpExchange exchange) {
        requireBlockType(exchange);
        if (exchange.body().hasRemaining()) {
            throw new Refusal(400, "body of an opening request is not empty");
        }
        Owner.requireOrigin(exchange);
        List<String> offered = exchange.head().fields().tokens(SUBPROTOCOLS_FIELD);
        if (offered == null) {
            throw new Refusal(400, SUBPROTOCOLS_FIELD + " is no list of tokens");
        }
        String chosen = offered.isEmpty() ? null : subprotocols.select(offered, exchange.head());
        started().host().admit(exchange, new Agreement(chosen, "", null)).whenComplete((handshake, fault) -> {
            if (fault != null) {
                refuse(exchange, fault);
            } else {
                exchange.loop().execute(() -> opened(exchange, handshake));
            }
        });
    }

    private static void refuse(HttpExchange exchange, Throwable fault) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof HandshakeException refused) {
            Answers.refuse(exchange, refused);
        } else {
            Answers.refuse(exchange, new Refusal(500, "internal error"), null);
        }
    }

    private void opened(HttpExchange exchange, Handshake handshake) {
        Started now = started();
        Owner owner = Owner.of(exchange.head().fields());
        WebSocketHandler handler;
        try {
            handler = Objects.requireNonNull(handlers.apply(handshake), "handler of a session");
        } catch (HandshakeException refused) {
            Answers.refuse(exchange, refused);
            return;
        } catch (RuntimeException fault) {
            Answers.refuse(exchange, new Refusal(500, "internal error"), null);
            throw fault;
        }
        if (exchange.isClosed()) {
            return; // nobody would learn the id
        }
        String id = newId();
        Session session = new Session(
                now.host(), exchange.loop(), now.options(), handshake, handler, () -> conversations.remove(id));
        conversations.put(id, new Conversation(id, owner, session));
        Answers.json(exchange, description(id, handshake, now), owner.origin());
        session.open();
    }

    private String newId() {
        byte[] bits = new byte[ID_BYTES];
        random.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    private String description(String id, Handshake handshake, Started now) {
        // All of it is tokens and numbers: a subprotocol's quotes cannot be.
        String offered = vias.stream().map(via -> '"' + via.token() + '"').collect(Collectors.joining(","));
        String subprotocol = handshake.subprotocol() == null ? "null" : '"' + handshake.subprotocol() + '"';
        int maxMessageBytes = Math.min(
                now.options().settings().limits().maxMessageBytes(),
                now.maxBlockBytes() - Block.HEADER_BYTES - Packet.HEADER_BYTES);
        return "{\"session\":\"" + id + "\",\"subprotocol\":" + subprotocol + ",\"via\":[" + offered
                + "],\"holdMillis\":"
                + hold.toMillis() + ",\"expiryMillis\":" + expiry.toMillis() + ",\"ackBytes\":" + ACK_BYTES
                + ",\"maxBlockBytes\":" + now.maxBlockBytes() + ",\"maxMessageBytes\":" + maxMessageBytes + "}";
    }

    // The WebSocket carrier

    @Override
    public @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
        return vias.contains(Via.WEBSOCKET) ? started().carriers().answer(request, this::conversation) : null;
    }

    /** Builds a {@link Polling}. Confined to one thread at a time. */
    public static final class Builder {
        private static final Duration HOLD = Duration.ofSeconds(30);
        private static final Duration EXPIRY = Duration.ofMinutes(1);
        private static final int STREAM_BYTES = 1 << 20;

        private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
        private SubprotocolSelector subprotocols = SubprotocolSelector.preferring(List.of());
        private Set<Via> vias = EnumSet.allOf(Via.class);
        private Duration hold = HOLD;
        private Duration expiry = EXPIRY;
        private int maxBlockBytes = Integer.MAX_VALUE;
        private long maxStreamBytes = STREAM_BYTES;

        private Builder(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            this.handlers = handlers;
        }

        /**
         * Sets the subprotocols, by the server's preference. Default: none.
         *
         * @throws IllegalArgumentException if one is no token, or stands there twice
         */
        public Builder subprotocols(String... names) {
            subprotocols = SubprotocolSelector.preferring(List.of(names));
            return this;
        }

        /**
         * Sets the carriers that are offered. Default: all.
         *
         * @throws IllegalArgumentException if there is none, or nothing but {@link Via#WEBSOCKET}, which would be a WebSocket route's work
         */
        public Builder via(Via... offered) {
            Set<Via> chosen = EnumSet.noneOf(Via.class);
            chosen.addAll(List.of(offered));
            if (chosen.isEmpty() || chosen.equals(EnumSet.of(Via.WEBSOCKET))) {
                throw new IllegalArgumentException("carriers are " + chosen + ", must have one over plain HTTP");
            }
            vias = chosen;
            return this;
        }

        /**
         * Sets how long a long poll is held. Default 30 s: proxies often end what is silent for 60 s (RFC 6202 §5.5 has 30 s as
         * safe).
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder holdTime(Duration time) {
            hold = positive("hold time", time);
            return this;
        }

        /**
         * Sets how long a session lives without a request. Default 1 min.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder expiry(Duration time) {
            expiry = positive("expiry", time);
            return this;
        }

        /**
         * Sets how long a request's body may be, besides the server's own limit. Default: as {@link
         * io.duplex.Limits#maxMessageBytes}, which bounds it in any case.
         *
         * @throws IllegalArgumentException if it is below 1 KiB
         */
        public Builder maxBlockBytes(int bytes) {
            if (bytes < 1 << 10) {
                throw new IllegalArgumentException("maxBlockBytes is " + bytes + ", must be at least 1024");
            }
            maxBlockBytes = bytes;
            return this;
        }

        /**
         * Sets after how many bytes a stream of events ends, and the client opens another: clients may keep all of it. Default 1
         * MiB.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxStreamBytes(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("maxStreamBytes is " + bytes + ", must be positive");
            }
            maxStreamBytes = bytes;
            return this;
        }

        private static Duration positive(String name, Duration time) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException(name + " is " + time + ", must be positive");
            }
            return time;
        }

        /** Builds the service, for one path of one server. */
        public Polling build() {
            return new Polling(this);
        }
    }
}
