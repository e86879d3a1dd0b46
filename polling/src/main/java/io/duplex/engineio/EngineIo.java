package io.duplex.engineio;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.Loop;
import io.duplex.connection.ServiceHost;
import io.duplex.connection.TimerWheel;
import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.polling.session.Opener;
import io.duplex.polling.session.Session;
import io.duplex.polling.session.SessionOptions;
import io.duplex.polling.session.UpgradedHandshake;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A server of Engine.IO's protocol, version 4, as {@code engine.io-client} 4 to 6 and {@code socket.io-client} 3 and 4 speak it:
 * sessions begin with long polling and go over to WebSocket, or begin with that. The handler sees an ordinary {@link
 * io.duplex.WebSocket}; a Pong that comes is the heartbeat's. A text that has U+001E cannot go by polling: it ends the session.
 * Thread-safe.
 *
 * <pre>{@code
 * WebSocketServer.builder().service("/engine.io/**", EngineIo.of(ChatHandler::new))
 * }</pre>
 */
public final class EngineIo implements HttpService {
    private static final String VERSION = "4";
    private static final int ID_BYTES = 18;
    private static final Duration LATE = Duration.ofNanos(TimerWheel.TICK_NANOS);

    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final Builder built;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, EngineSession> sessions = new ConcurrentHashMap<>();
    private volatile @Nullable Started started;

    /** What is known from the start of the server on. */
    private record Started(
            ServiceHost host, SessionOptions sessions, EngineOptions options, ServerHandshake handshake) {}

    private EngineIo(Function<? super Handshake, ? extends WebSocketHandler> handlers, Builder built) {
        this.handlers = handlers;
        this.built = built;
    }

    /** With the defaults. {@code handlers} makes one handler for each session; its callbacks run on an event loop. */
    public static EngineIo of(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return builder(handlers).build();
    }

    /**
     * Starts from the defaults.
     *
     * @param handlers as for {@link #of}; one that throws a {@link HandshakeException} refuses with its status, or, where the
     *     session begins with a WebSocket that is open by then, closes that
     */
    public static Builder builder(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return new Builder(handlers);
    }

    /** The number of sessions, by polling and by WebSocket. */
    public int sessions() {
        return sessions.size();
    }

    @Override
    public void start(ServiceHost host) {
        if (started != null) {
            throw new IllegalStateException("the service is mounted already; build one for each path");
        }
        ConnectionSettings settings = host.settings();
        EngineOptions options = new EngineOptions(
                built.pingInterval,
                built.pingTimeout,
                built.maxPayload,
                settings.limits().maxQueueBytes(),
                built.polls,
                built.upgrades);
        started = new Started(
                host,
                SessionOptions.withoutKeepalive(settings, expiry(built.pingInterval.plus(built.pingTimeout))),
                options,
                ServerHandshake.builder()
                        .origins(host.origins())
                        .deflate(settings.compression())
                        .build());
    }

    /** As the client is told, or less: timers are up to a tick late, and what its client holds to be dead must not be found. */
    private static Duration expiry(Duration told) {
        Duration early = told.minus(LATE);
        return early.compareTo(LATE) > 0 ? early : told;
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
        try {
            if (head.method().equals("OPTIONS")) {
                Answers.preflight(exchange);
                return;
            }
            requireVersion(head);
            if (!"polling".equals(parameter(head, "transport"))
                    || !started().options().polls()) {
                throw new EngineRefusal(EngineFault.UNKNOWN_TRANSPORT);
            }
            boolean reads = head.method().equals("GET");
            String id = parameter(head, "sid");
            if (id == null) {
                open(exchange, reads);
                return;
            }
            EngineSession session = session(id);
            if (!session.opener().sends(head, exchange.isSecure())) {
                throw new EngineRefusal(EngineFault.FORBIDDEN);
            }
            if (reads) {
                session.session().run(exchange.loop(), () -> session.poll(exchange));
            } else if (head.method().equals("POST")) {
                post(exchange, session);
            } else {
                throw new EngineRefusal(EngineFault.BAD_REQUEST);
            }
        } catch (EngineRefusal refusal) {
            Answers.refuse(exchange, refusal.fault());
        }
    }

    private static void requireVersion(RequestHead head) {
        if (!VERSION.equals(parameter(head, "EIO"))) {
            throw new EngineRefusal(EngineFault.UNSUPPORTED_VERSION);
        }
    }

    private EngineSession session(String id) {
        EngineSession session = sessions.get(id);
        if (session == null) {
            throw new EngineRefusal(EngineFault.UNKNOWN_SESSION);
        }
        return session;
    }

    private void post(HttpExchange exchange, EngineSession session) {
        ByteBuffer body = exchange.body();
        if (body.remaining() > started().options().maxPayload()) {
            throw new EngineRefusal(EngineFault.TOO_LONG);
        }
        session.session().run(exchange.loop(), () -> session.post(exchange, body));
    }

    private void open(HttpExchange exchange, boolean reads) {
        if (!reads) {
            throw new EngineRefusal(EngineFault.BAD_METHOD);
        }
        if (Opener.isHidden(exchange.head().fields())) {
            throw new EngineRefusal(EngineFault.FORBIDDEN);
        }
        started().host().admit(exchange, new Agreement(null, "", null)).whenComplete((handshake, fault) -> {
            if (fault != null) {
                refuse(exchange, fault);
            } else {
                exchange.loop().execute(() -> opened(exchange, handshake));
            }
        });
    }

    private void opened(HttpExchange exchange, Handshake handshake) {
        if (exchange.isClosed()) {
            return; // nobody would learn the id
        }
        EngineSession session;
        try {
            session = create(exchange.loop(), handshake);
        } catch (HandshakeException refusal) {
            Answers.refuse(exchange, refusal);
            return;
        } catch (Throwable fault) {
            Answers.fail(exchange);
            throw fault;
        }
        Started now = started();
        String described = now.options().describe(session.id(), true);
        Answers.text(exchange, Payload.encode(List.of(EnginePacket.of(PacketType.OPEN, described))));
        session.open();
    }

    private EngineSession create(Loop loop, Handshake handshake) {
        Started now = started();
        WebSocketHandler handler = Objects.requireNonNull(handlers.apply(handshake), "handler of a session");
        String id = newId();
        EngineSession session = new EngineSession(id, new Opener(handshake.origin()), now.options());
        session.bind(new Session(now.host(), loop, now.sessions(), handshake, handler, () -> {
            sessions.remove(id);
            session.end();
        }));
        sessions.put(id, session);
        return session;
    }

    private String newId() {
        byte[] bits = new byte[ID_BYTES];
        random.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    private static void refuse(HttpExchange exchange, Throwable fault) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof HandshakeException refusal) {
            Answers.refuse(exchange, refusal);
        } else {
            Answers.fail(exchange);
        }
    }

    // WebSocket

    @Override
    public @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
        return CompletableFuture.completedFuture(decide(request));
    }

    private Upgrade decide(UpgradeRequest request) {
        RequestHead head = request.head();
        try {
            requireVersion(head);
            if (!"websocket".equals(parameter(head, "transport"))
                    || !started().options().upgrades()) {
                throw new EngineRefusal(EngineFault.UNKNOWN_TRANSPORT);
            }
            String id = parameter(head, "sid");
            EngineSession session = id == null ? null : session(id);
            if (session != null && !session.opener().sends(head, request.isSecure())) {
                throw new EngineRefusal(EngineFault.FORBIDDEN);
            }
            Answer answer = started().handshake().answer(head, request.isSecure());
            if (answer instanceof Answer.Accepted accepted) {
                Handshake handshake = UpgradedHandshake.of(request, accepted);
                return new Upgrade.Accepted(accepted, handshake, carrier(session, handshake));
            }
            return new Upgrade.Refused((Answer.Refused) answer);
        } catch (EngineRefusal refusal) {
            EngineFault fault = refusal.fault();
            return new Upgrade.Refused(Answer.Refused.of(fault.status(), HeaderFields.EMPTY, fault.json()));
        }
    }

    private SocketCarrier carrier(@Nullable EngineSession upgraded, Handshake handshake) {
        if (upgraded != null) {
            return new SocketCarrier(true, socket -> upgraded.session().isGone() ? null : upgraded);
        }
        return new SocketCarrier(false, socket -> {
            EngineSession session = create(((Connection) socket).loop(), handshake);
            String described = started().options().describe(session.id(), false);
            socket.sendText(Payload.encodeText(EnginePacket.of(PacketType.OPEN, described)));
            session.open();
            return session;
        });
    }

    /** A parameter of the query, all of which are tokens; {@code null} if it is absent. */
    private static @Nullable String parameter(RequestHead head, String name) {
        String query = head.query();
        if (query == null) {
            return null;
        }
        for (String pair : query.split("&", -1)) {
            if (pair.startsWith(name) && pair.length() > name.length() && pair.charAt(name.length()) == '=') {
                return pair.substring(name.length() + 1);
            }
        }
        return null;
    }

    /** Builds an {@link EngineIo}. Confined to one thread at a time. */
    public static final class Builder {
        private static final int MIN_PAYLOAD = 1 << 10;
        private static final int MAX_PAYLOAD = 1 << 30;

        private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
        private Duration pingInterval = Duration.ofSeconds(25);
        private Duration pingTimeout = Duration.ofSeconds(20);
        private int maxPayload = 1_000_000;
        private boolean polls = true;
        private boolean upgrades = true;

        private Builder(Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            this.handlers = handlers;
        }

        /**
         * Time from the answer to a Ping to the next one.
         *
         * @param time above zero; 25 s by default
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder pingInterval(Duration time) {
            pingInterval = requirePositive("pingInterval", time);
            return this;
        }

        /**
         * How long the answer to a Ping may take before the session is held to be dead.
         *
         * @param time above zero; 20 s by default
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder pingTimeout(Duration time) {
            pingTimeout = requirePositive("pingTimeout", time);
            return this;
        }

        private static Duration requirePositive(String name, Duration time) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException(name + " is " + time + ", must be above zero");
            }
            return time;
        }

        /**
         * Bytes that the body of a request may have; the server's own bound of bodies holds, too.
         *
         * @param bytes 1 KiB to 1 GiB; 1,000,000 by default
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder maxPayload(int bytes) {
            if (bytes < MIN_PAYLOAD || bytes > MAX_PAYLOAD) {
                throw new IllegalArgumentException(
                        "maxPayload is " + bytes + ", range " + MIN_PAYLOAD + " to " + MAX_PAYLOAD);
            }
            maxPayload = bytes;
            return this;
        }

        /** Has sessions go by WebSocket only. */
        public Builder withoutPolling() {
            polls = false;
            return this;
        }

        /** Has sessions go by polling only. */
        public Builder withoutWebSocket() {
            upgrades = false;
            return this;
        }

        /**
         * The service.
         *
         * @throws IllegalStateException if it has neither polling nor WebSocket
         */
        public EngineIo build() {
            if (!polls && !upgrades) {
                throw new IllegalStateException("without polling and without WebSocket nobody can come");
            }
            return new EngineIo(handlers, this);
        }
    }
}
