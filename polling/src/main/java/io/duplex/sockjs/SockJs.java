package io.duplex.sockjs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.WebSocketHandler;
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
import io.duplex.message.Utf8Validator;
import io.duplex.polling.session.Opener;
import io.duplex.polling.session.Session;
import io.duplex.polling.session.SessionOptions;
import io.duplex.polling.session.UpgradedHandshake;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server of SockJS, as {@code sockjs-client} 1 speaks it: WebSocket, streaming and polling by XHR, and EventSource. The handler
 * sees an ordinary {@link io.duplex.WebSocket}. SockJS has text messages only: one that is binary ends the session with 1003. The
 * ids of sessions are the clients' choice and no secret that the server could vouch for; a session is bound to its origin.
 * Thread-safe.
 *
 * <pre>{@code
 * WebSocketServer.builder().service("/chat/**", SockJs.at("/chat", ChatHandler::new))
 * }</pre>
 */
public final class SockJs implements HttpService {
    private static final Upgrade NOT_ALLOWED = new Upgrade.Refused(
            Answer.Refused.of(405, HeaderFields.builder().add("Allow", "GET").build(), ""));

    private final String base;
    private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
    private final boolean hasWebSocket;
    private final boolean hasScripts;
    private final SockJsOptions options;
    private final IframePage iframe;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, SockJsSession> sessions = new ConcurrentHashMap<>();
    private volatile @Nullable Started started;

    /** What is known from the start of the server on. */
    private record Started(ServiceHost host, SessionOptions sessions, int maxPartsBytes, ServerHandshake handshake) {}

    private SockJs(Builder builder) {
        base = builder.base;
        handlers = builder.handlers;
        hasWebSocket = builder.webSocket;
        hasScripts = builder.scripts;
        options = new SockJsOptions(builder.heartbeat, builder.expiry, builder.streamBytes, builder.cookie);
        iframe = new IframePage(builder.clientUrl);
    }

    /** With the defaults. {@code handlers} makes one handler for each session; its callbacks run on an event loop. */
    public static SockJs at(String base, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return builder(base, handlers).build();
    }

    /**
     * Starts from the defaults.
     *
     * @param base the path that the client is given; the service is to be mounted at it and below it
     * @throws IllegalArgumentException if it does not begin with a slash, or ends with one
     */
    public static Builder builder(String base, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        return new Builder(base, handlers);
    }

    /** How many sessions there are without those that go by WebSocket, and with those that have ended and are remembered. */
    public int sessions() {
        return sessions.size();
    }

    @Override
    public void start(ServiceHost host) {
        if (started != null) {
            throw new IllegalStateException("the service is mounted already; build one for each path");
        }
        ConnectionSettings settings = host.settings();
        started = new Started(
                host,
                SessionOptions.withoutKeepalive(settings, options.expiry()),
                settings.limits().maxQueueBytes(),
                ServerHandshake.builder()
                        .origins(host.origins())
                        .deflate(settings.compression())
                        .build());
    }

    private Started started() {
        Started present = started;
        if (present == null) {
            throw new IllegalStateException("the service has not been started");
        }
        return present;
    }

    private @Nullable Endpoint endpoint(RequestHead head) {
        String path = head.path();
        return path.startsWith(base) ? Endpoint.of(path.substring(base.length())) : null;
    }

    // Requests

    @Override
    public void serve(HttpExchange exchange) {
        Endpoint endpoint = endpoint(exchange.head());
        if (endpoint == null) {
            Answers.notFound(exchange);
            return;
        }
        String method = exchange.head().method();
        Endpoint.Kind kind = endpoint.kind();
        if (method.equals("OPTIONS") && kind.isCrossOrigin()) {
            Answers.preflight(exchange, kind.method());
        } else if (!kind.takes(method)) {
            Answers.notAllowed(exchange, kind);
        } else {
            serve(exchange, endpoint);
        }
    }

    private void serve(HttpExchange exchange, Endpoint endpoint) {
        String id = String.valueOf(endpoint.session());
        switch (endpoint.kind()) {
            case WELCOME -> Answers.welcome(exchange);
            case INFO -> info(exchange);
            case IFRAME -> Answers.page(exchange, iframe.html(), iframe.tag());
            case RAW_WEBSOCKET, WEBSOCKET -> refuseWithoutUpgrade(exchange);
            case XHR -> receive(exchange, id, Wire.XHR);
            case XHR_STREAMING -> receive(exchange, id, Wire.XHR_STREAMING);
            case EVENTSOURCE -> receive(exchange, id, Wire.EVENTSOURCE);
            case HTMLFILE -> script(exchange, id, true);
            case JSONP -> script(exchange, id, false);
            case XHR_SEND ->
                send(exchange, id, () -> utf8(exchange.body()), () -> Answers.noContent(exchange, options));
            case JSONP_SEND -> sendForm(exchange, id);
        }
    }

    private void info(HttpExchange exchange) {
        Answers.json(
                exchange,
                "{\"websocket\":" + hasWebSocket + ",\"cookie_needed\":" + options.cookie()
                        + ",\"origins\":[\"*:*\"],\"entropy\":"
                        + Integer.toUnsignedString(random.nextInt()) + "}");
    }

    private static void refuseWithoutUpgrade(HttpExchange exchange) {
        boolean asked = exchange.head().fields().contains("Upgrade");
        Answers.text(
                exchange,
                400,
                asked ? "\"Connection\" must be \"Upgrade\"." : "Can \"Upgrade\" only to \"WebSocket\".");
    }

    private void script(HttpExchange exchange, String id, boolean streams) {
        if (!hasScripts) {
            Answers.notFound(exchange);
            return;
        }
        String callback = callback(exchange.head().query());
        if (callback.isEmpty()) {
            Answers.text(exchange, 500, "\"callback\" parameter required");
        } else if (!Wire.isCallback(callback)) {
            Answers.text(exchange, 500, "invalid \"callback\" parameter");
        } else {
            receive(exchange, id, streams ? Wire.htmlfile(callback) : Wire.jsonp(callback));
        }
    }

    private static String callback(@Nullable String query) {
        for (String pair : query == null ? new String[0] : query.split("&", -1)) {
            for (String name : List.of("c=", "callback=")) {
                if (pair.startsWith(name)) {
                    return decode(pair.substring(name.length()));
                }
            }
        }
        return "";
    }

    private static String decode(String encoded) {
        try {
            return URLDecoder.decode(encoded, UTF_8);
        } catch (IllegalArgumentException broken) {
            return "%"; // no callback has it
        }
    }

    // Receiving requests

    private void receive(HttpExchange exchange, String id, Wire wire) {
        if (Opener.isHidden(exchange.head().fields())) {
            Answers.text(exchange, 403, "request of a page without Origin");
            return;
        }
        Opener opener = Opener.of(exchange.head().fields());
        SockJsSession fresh = new SockJsSession(opener, started().maxPartsBytes());
        SockJsSession session = sessions.putIfAbsent(id, fresh);
        if (session == null) {
            open(exchange, id, fresh, wire);
        } else if (!session.opener().sends(exchange.head(), exchange.isSecure())) {
            Answers.text(exchange, 403, "session of another origin");
        } else if (!session.isBound()) {
            Receiver.answer(exchange, wire, options, Receiver.BUSY);
        } else {
            session.session().run(exchange.loop(), () -> attach(exchange, session, wire));
        }
    }

    private void attach(HttpExchange exchange, SockJsSession session, Wire wire) {
        if (session.isClosed() || session.session().isGone()) {
            Receiver.answer(exchange, wire, options, session.closeFrame());
        } else if (session.session().carrier() != null) {
            Receiver.answer(exchange, wire, options, Receiver.BUSY);
        } else {
            new Receiver(session, exchange, wire, options).begin();
        }
    }

    private void open(HttpExchange exchange, String id, SockJsSession session, Wire wire) {
        started().host().admit(exchange, new Agreement(null, "", null)).whenComplete((handshake, fault) -> {
            if (fault != null) {
                sessions.remove(id, session);
                refuse(exchange, fault);
            } else {
                exchange.loop().execute(() -> opened(exchange, id, session, wire, handshake));
            }
        });
    }

    private void opened(HttpExchange exchange, String id, SockJsSession session, Wire wire, Handshake handshake) {
        if (exchange.isClosed()) {
            sessions.remove(id, session);
            return;
        }
        try {
            bind(session, exchange.loop(), handshake, () -> forget(id, session));
        } catch (HandshakeException refusal) {
            sessions.remove(id, session);
            Answers.refuse(exchange, refusal);
            return;
        } catch (Throwable fault) {
            sessions.remove(id, session);
            Answers.refuse(exchange, null);
            throw fault;
        }
        Receiver receiver = new Receiver(session, exchange, wire, options);
        session.session().open();
        receiver.begin();
    }

    private void bind(SockJsSession session, Loop loop, Handshake handshake, Runnable whenGone) {
        Started now = started();
        Handshake shown = new BaseHandshake(handshake, base);
        WebSocketHandler handler = Objects.requireNonNull(handlers.apply(shown), "handler of a session");
        session.bind(new Session(now.host(), loop, now.sessions(), shown, handler, whenGone));
    }

    /** At once if it was lost; one that was closed is remembered, for a client that comes back. */
    private void forget(String id, SockJsSession session) {
        if (!session.isClosed()) {
            sessions.remove(id, session);
            return;
        }
        TimerWheel.Timer timer = new TimerWheel.Timer(now -> {
            sessions.remove(id, session);
            return TimerWheel.Watch.NEVER;
        });
        session.session().loop().timers().schedule(timer, TimeUnit.NANOSECONDS.convert(options.expiry()));
    }

    private static void refuse(HttpExchange exchange, Throwable fault) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        Answers.refuse(exchange, cause instanceof HandshakeException refusal ? refusal : null);
    }

    // Sending requests

    private void sendForm(HttpExchange exchange, String id) {
        if (!hasScripts) {
            Answers.notFound(exchange);
            return;
        }
        send(exchange, id, () -> formValue(exchange), () -> Answers.ok(exchange, options));
    }

    private static @Nullable String formValue(HttpExchange exchange) {
        String body = utf8(exchange.body());
        String type = exchange.head().fields().first("Content-Type");
        if (body != null && type != null && type.startsWith("application/x-www-form-urlencoded")) {
            return body.startsWith("d=") ? decode(body.substring(2)) : "";
        }
        return body;
    }

    /** The body as text; {@code null} if it is not UTF-8. */
    private static @Nullable String utf8(ByteBuffer body) {
        return Utf8Validator.isValid(body, body.position(), body.limit())
                ? UTF_8.decode(body).toString()
                : null;
    }

    /** Has the messages in {@code body} taken, which is decoded only then: a request may have to wait for that. */
    private void send(HttpExchange exchange, String id, Supplier<@Nullable String> body, Runnable whenTaken) {
        SockJsSession session = sessions.get(id);
        if (session == null || !session.isBound()) {
            Answers.notFound(exchange);
            return;
        }
        if (!session.opener().sends(exchange.head(), exchange.isSecure())) {
            Answers.text(exchange, 403, "session of another origin");
            return;
        }
        session.session().run(exchange.loop(), () -> {
            if (session.session().isOver()) {
                Answers.notFound(exchange);
            } else if (!session.whenReading(exchange, () -> take(exchange, session, body, whenTaken))) {
                Answers.text(exchange, 503, "the messages before have yet to be taken");
            }
        });
    }

    private static void take(
            HttpExchange exchange, SockJsSession session, Supplier<@Nullable String> encoded, Runnable whenTaken) {
        String body = encoded.get();
        List<String> texts = body == null || body.isEmpty() ? null : Frames.read(body, false);
        if (body != null && body.isEmpty()) {
            Answers.text(exchange, 500, "Payload expected.");
        } else if (texts == null) {
            Answers.text(exchange, 500, "Broken JSON encoding.");
        } else {
            session.receive(texts);
            whenTaken.run();
        }
    }

    // WebSocket

    @Override
    public @Nullable CompletionStage<Upgrade> upgrade(UpgradeRequest request) {
        Endpoint endpoint = endpoint(request.head());
        if (endpoint == null || !hasWebSocket) {
            return null;
        }
        boolean raw = endpoint.kind() == Endpoint.Kind.RAW_WEBSOCKET;
        if (!raw && endpoint.kind() != Endpoint.Kind.WEBSOCKET) {
            return null;
        }
        return CompletableFuture.completedFuture(
                endpoint.kind().takes(request.head().method()) ? decide(request, raw) : NOT_ALLOWED);
    }

    private Upgrade decide(UpgradeRequest request, boolean raw) {
        Answer answer = started().handshake().answer(request.head(), request.isSecure());
        if (answer instanceof Answer.Accepted accepted) {
            Handshake handshake = UpgradedHandshake.of(request, accepted);
            return new Upgrade.Accepted(accepted, handshake, raw ? handlers.apply(handshake) : carrier(handshake));
        }
        return new Upgrade.Refused((Answer.Refused) answer);
    }

    private SocketCarrier carrier(Handshake handshake) {
        return new SocketCarrier(options, connection -> {
            SockJsSession session =
                    new SockJsSession(new Opener(null), started().maxPartsBytes());
            bind(session, connection.loop(), handshake, () -> {});
            return session;
        });
    }

    /** Builds a {@link SockJs}. Confined to one thread at a time. */
    public static final class Builder {
        private static final int STREAM_BYTES = 128 << 10;
        private static final int MIN_STREAM_BYTES = 4 << 10;

        private final String base;
        private final Function<? super Handshake, ? extends WebSocketHandler> handlers;
        private Duration heartbeat = Duration.ofSeconds(25);
        private Duration expiry = Duration.ofSeconds(5);
        private int streamBytes = STREAM_BYTES;
        private boolean webSocket = true;
        private boolean scripts;
        private boolean cookie;
        private String clientUrl = "/sockjs.min.js";

        private Builder(String base, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
            if (!base.startsWith("/") || base.endsWith("/")) {
                throw new IllegalArgumentException("base is " + base + ", must begin with / and not end with it");
            }
            this.base = base;
            this.handlers = handlers;
        }

        /**
         * Time between two heartbeats on a connection that is silent.
         *
         * @param time above zero; 25 s by default
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder heartbeat(Duration time) {
            heartbeat = requirePositive("heartbeat", time);
            return this;
        }

        /**
         * How long a session lives without a request that receives.
         *
         * @param time above zero; 5 s by default
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder expiry(Duration time) {
            expiry = requirePositive("expiry", time);
            return this;
        }

        private static Duration requirePositive(String name, Duration time) {
            if (time.isNegative() || time.isZero()) {
                throw new IllegalArgumentException(name + " is " + time + ", must be above zero");
            }
            return time;
        }

        /**
         * Bytes after which a stream ends, so that the memory of clients that keep all of it does not fill.
         *
         * @param bytes 4 KiB or more; 128 KiB by default
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder maxStreamBytes(int bytes) {
            if (bytes < MIN_STREAM_BYTES) {
                throw new IllegalArgumentException(
                        "maxStreamBytes is " + bytes + ", must be " + MIN_STREAM_BYTES + " or more");
            }
            streamBytes = bytes;
            return this;
        }

        /** Has sessions go without WebSocket. */
        public Builder withoutWebSocket() {
            webSocket = false;
            return this;
        }

        /**
         * Switches on JSONP and HTML files, which old browsers need. They run scripts of this server in pages of others: only
         * with origins that are all trusted.
         */
        public Builder withScripts() {
            scripts = true;
            return this;
        }

        /**
         * Sets the cookie {@code JSESSIONID} with answers to requests of sessions, for a balancer that keeps clients at one server
         * by it, and has {@code /info} say so. A value that the client brings is kept; the first one is {@code dummy}. Not for a host
         * that has servlets, too: the cookie is theirs there.
         */
        public Builder withStickyCookie() {
            cookie = true;
            return this;
        }

        /**
         * Where clients of another origin load {@code sockjs-client} from.
         *
         * @param url of the script; {@code /sockjs.min.js} by default
         */
        public Builder clientUrl(String url) {
            clientUrl = url;
            return this;
        }

        /** The service. */
        public SockJs build() {
            return new SockJs(this);
        }
    }
}
