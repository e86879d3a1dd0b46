package io.duplex.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Role;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.HttpService;
import io.duplex.connection.ServiceHost;
import io.duplex.connection.Transport;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions that a service carries, before the gates of a server: let in, counted and closed as connections are. */
@Timeout(180)
class ServiceSessionsIT {
    private static final Agreement NOTHING_AGREED = new Agreement(null, "", null);

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final Carrier carrier = new Carrier();
    private WebSocketServer server;

    @AfterEach
    void stop() {
        server.close();
    }

    private WebSocketServer.Builder builder() {
        return builder(Duration.ofMinutes(1)); // for peers that do their part, however slow the machine is
    }

    private WebSocketServer.Builder builder(Duration handshakeTimeout) {
        return WebSocketServer.builder()
                .port(0)
                .threads(1)
                .timeouts(Timeouts.builder().handshake(handshakeTimeout).build())
                .listener(new ServerListener() {
                    @Override
                    public void onConnectionOpened(WebSocket socket) {
                        events.add("opened");
                    }

                    @Override
                    public void onConnectionClosed(WebSocket socket, CloseOutcome outcome) {
                        events.add("closed " + outcome.closedBy());
                    }

                    @Override
                    public void onHandshakeRefused(int status, SocketAddress remoteAddress) {
                        events.add("refused " + status);
                    }
                });
    }

    private void serve(WebSocketServer.Builder builder) {
        server = builder.service("/session/{name}", carrier).start();
    }

    private HttpPeer.Answer open(String... fields) throws Exception {
        try (HttpPeer peer = HttpPeer.connect(server.port())) {
            return peer.get("/session/a%20b", fields);
        }
    }

    private void await(String event) throws Exception {
        assertThat(events.poll(60, TimeUnit.SECONDS)).isEqualTo(event);
    }

    @Test
    void theAuthenticatorOfAServiceDecidesAboutItsUpgrades() throws Exception {
        server = builder()
                .service(
                        "/session/{name}",
                        RouteOptions.builder()
                                .authenticator(
                                        handshake -> CompletableFuture.completedFuture(Authentication.refuse(401)))
                                .build(),
                        carrier)
                .start();

        assertThat(upgrade().status()).isEqualTo(401);
    }

    @Test
    void aServiceForEverybodyIsSoForUpgradesToo() throws Exception {
        server = builder()
                .authenticator(handshake -> CompletableFuture.completedFuture(Authentication.refuse(401)))
                .service(
                        "/session/{name}",
                        RouteOptions.builder()
                                .authenticator(Authenticator.anybody())
                                .build(),
                        carrier)
                .start();

        assertThat(upgrade().status()).isEqualTo(404); // the carrier takes none
    }

    private HttpPeer.Answer upgrade() throws Exception {
        return open(
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }

    /** Opens a session with each request, which then waits for nothing but its end. */
    private static final class Carrier implements HttpService {
        final Map<String, Connection> sessions = new ConcurrentHashMap<>();
        final BlockingQueue<Handshake> handshakes = new LinkedBlockingQueue<>();
        private ServiceHost host;

        @Override
        public void start(ServiceHost started) {
            assertThat(host).isNull();
            host = started;
        }

        @Override
        public void serve(HttpExchange exchange) {
            if (exchange.head().method().equals("DELETE")) {
                sessions.values().forEach(Connection::abort);
                exchange.respond(204, HeaderFields.EMPTY, ByteBuffer.allocate(0));
                return;
            }
            host.admit(exchange, NOTHING_AGREED).whenComplete((handshake, fault) -> answer(exchange, handshake, fault));
        }

        private void answer(HttpExchange exchange, Handshake handshake, Throwable fault) {
            if (fault == null) {
                handshakes.add(handshake);
                open(exchange, handshake);
                exchange.respond(200, HeaderFields.EMPTY, ByteBuffer.wrap("open".getBytes(UTF_8)));
                return;
            }
            HandshakeException refusal =
                    (HandshakeException) (fault instanceof CompletionException ? fault.getCause() : fault);
            HeaderFields.Builder fields = HeaderFields.builder();
            refusal.headers().forEach((name, values) -> values.forEach(value -> fields.add(name, value)));
            exchange.respond(refusal.status(), fields.build(), ByteBuffer.wrap(refusal.body()));
        }

        private void open(HttpExchange exchange, Handshake handshake) {
            Nowhere transport = new Nowhere(exchange, host);
            Connection session = new Connection(
                    Role.SERVER,
                    handshake,
                    null,
                    new WebSocketHandler() {},
                    host.settings(),
                    exchange.loop(),
                    transport);
            transport.session = session;
            sessions.put("session " + sessions.size(), session);
            host.opened(session);
            session.onOpen();
        }
    }

    /** Carries nothing; the closing handshake is answered by closing. */
    private static final class Nowhere implements Transport {
        private final HttpExchange exchange;
        private final ServiceHost host;
        private final ByteBuffer room = ByteBuffer.allocate(MAX_ROOM);
        private final Thread loop = Thread.currentThread();
        private Connection session;
        private boolean ended;

        Nowhere(HttpExchange exchange, ServiceHost host) {
            this.exchange = exchange;
            this.host = host;
        }

        @Override
        public ByteBuffer room(int bytes) {
            execute(this::abort); // all that is sent is a Close
            return room.clear();
        }

        @Override
        public void write(ByteBuffer payload) {
            payload.position(payload.limit());
        }

        @Override
        public boolean isInLoop() {
            return Thread.currentThread() == loop;
        }

        @Override
        public void execute(Runnable task) {
            exchange.loop().execute(task);
        }

        @Override
        public long pendingBytes() {
            return 0;
        }

        @Override
        public void whenFlushed(Runnable task) {
            task.run();
        }

        @Override
        public boolean isCongested() {
            return false;
        }

        @Override
        public void setReading(boolean reading) {}

        @Override
        public void close() {
            abort();
        }

        @Override
        public void abort() {
            execute(() -> {
                if (!ended) {
                    ended = true;
                    host.closed(session, session.onTransportClosed(null));
                }
            });
        }
    }

    @Test
    void aSessionCountsAsAConnectionAndItsHandshakeTellsWhoseItIs() throws Exception {
        serve(builder());
        assertThat(open().status()).isEqualTo(200);
        await("opened");
        assertThat(server.connections()).isEqualTo(1);
        Handshake handshake = carrier.handshakes.remove();
        assertThat(handshake.pathParameter("name")).isEqualTo("a b");
        assertThat(handshake.isSecure()).isFalse();
        assertThat(handshake.principal()).isNull();
        assertThat(handshake.remoteAddress().toString()).contains("127.0.0.1");
        assertThat(carrier.host.origins()).isSameAs(OriginPolicy.sameOrigin());
        try (HttpPeer peer = HttpPeer.connect(server.port())) {
            peer.send(HttpPeer.request("DELETE", "/session/x")).readHead();
        }
        await("closed SELF");
        assertThat(server.connections()).isZero();
    }

    @Test
    void pagesOfOtherOriginsOpenNone() throws Exception {
        serve(builder());
        assertThat(open("Origin: http://localhost").status()).isEqualTo(200);
        await("opened");
        for (String origin : new String[] {"https://evil.example", "null", "http://localhost\r\nOrigin: http://b"}) {
            HttpPeer.Answer refused = open("Origin: " + origin);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.body()).startsWith("origin is not allowed");
            await("refused 403");
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void aServiceMayHaveOptionsOfItsOwn() throws Exception {
        server = builder()
                .authenticator(handshake -> CompletableFuture.completedFuture(Authentication.refuse(401)))
                .service(
                        "/session/{name}",
                        RouteOptions.builder()
                                .origins(OriginPolicy.any().requirePresent())
                                .authenticator(Authenticator.anybody())
                                .build(),
                        carrier)
                .service("/elsewhere", carrier)
                .start();
        assertThat(open("Origin: https://friend.example").status()).isEqualTo(200);
        assertThat(open().status()).isEqualTo(403);
    }

    @Test
    void aNameThatWasMadeToPointHereIsNotServedEvenWithoutAnOrigin() throws Exception {
        serve(builder());
        try (HttpPeer peer = HttpPeer.connect(server.port())) {
            String request = HttpPeer.request("GET", "/session/a");
            peer.send(request.replace("localhost", "rebound.example"));
            assertThat(peer.read().status()).isEqualTo(421);
        }
        try (HttpPeer peer = HttpPeer.connect(server.port())) {
            peer.send(HttpPeer.request("GET", "/session/a").replace("localhost", "127.0.0.1"));
            assertThat(peer.read().status()).isEqualTo(200);
        }
    }

    @Test
    void theAuthenticatorDecidesAndItsFieldsAreSent() throws Exception {
        serve(builder()
                .authenticator(handshake -> CompletableFuture.supplyAsync(() -> {
                    String name = handshake.header("X-Name");
                    if (name == null) {
                        return Authentication.refuse(HttpResponse.text(401, "who are you"));
                    }
                    if (name.equals("broken")) {
                        throw new IllegalStateException("secret");
                    }
                    if (name.equals("moved")) {
                        throw new HandshakeException(410, "gone");
                    }
                    return Authentication.accept(name)
                            .withAttributes(Map.of("shoe", 42))
                            .withFields(HeaderFields.builder()
                                    .add("Set-Cookie", "a=b")
                                    .build());
                })));
        HttpPeer.Answer accepted = open("X-Name: Ada");
        assertThat(accepted.status()).isEqualTo(200);
        assertThat(accepted.has("set-cookie: a=b")).isTrue();
        Handshake handshake = carrier.handshakes.remove();
        assertThat(handshake.principal().getName()).isEqualTo("Ada");
        assertThat(handshake.attributes()).containsEntry("shoe", 42);
        HttpPeer.Answer refused = open();
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.body()).isEqualTo("who are you");
        assertThat(refused.has("www-authenticate: bearer")).isTrue();
        HttpPeer.Answer broken = open("X-Name: broken");
        assertThat(broken.status()).isEqualTo(500);
        assertThat(broken.body()).isEqualTo("internal error");
        assertThat(open("X-Name: moved").status()).isEqualTo(410);
    }

    @Test
    void anAuthenticatorThatTakesTooLongIsNotWaitedFor() throws Exception {
        CompletableFuture<Authentication> never = new CompletableFuture<>();
        serve(builder(Duration.ofMillis(300)).authenticator(handshake -> never));
        HttpPeer.Answer answer = open();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.head()).contains("\r\nretry-after: 10\r\n");
        assertThat(never).isCancelled();
        await("refused 503");
    }

    @Test
    void sessionsHaveTheLimitsOfConnectionsCountedApart() throws Exception {
        serve(builder().maxConnections(2));
        assertThat(open().status()).isEqualTo(200);
        assertThat(open().status()).isEqualTo(200);
        HttpPeer.Answer surplus = open();
        assertThat(surplus.status()).isEqualTo(503);
        assertThat(surplus.body()).isEqualTo("too many connections\n");
        carrier.sessions.values().forEach(Connection::abort);
        await("opened");
        await("opened");
        await("refused 503");
        await("closed SELF");
        await("closed SELF");
        assertThat(open().status()).isEqualTo(200);
    }

    @Test
    void oneAddressHasItsShareOfThem() throws Exception {
        serve(builder().maxConnectionsPerAddress(1));
        assertThat(open().status()).isEqualTo(200);
        assertThat(open().status()).isEqualTo(429);
        carrier.sessions.values().forEach(Connection::abort);
        await("opened");
        await("refused 429");
        await("closed SELF");
        assertThat(open().status()).isEqualTo(200);
    }

    @Test
    void aDrainClosesThemBitByBitAndLetsNobodyIn() throws Exception {
        serve(builder());
        for (int i = 0; i < 10; i++) {
            assertThat(open().status()).isEqualTo(200);
            await("opened");
        }
        BlockingQueue<Integer> left = new LinkedBlockingQueue<>();
        CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Drain.builder()
                .notice(Duration.ofSeconds(3)) // in which another asks to come in
                .period(Duration.ofSeconds(2))
                .progress(left::add)
                .build()));
        while (server.isReady()) {
            Thread.onSpinWait();
        }
        HttpPeer.Answer late = open();
        assertThat(late.status()).isEqualTo(503);
        assertThat(late.body()).isEqualTo("server is shutting down\n");
        await("refused 503");
        drained.get(60, TimeUnit.SECONDS);
        for (int i = 0; i < 10; i++) {
            await("closed SELF");
        }
        assertThat(left.size()).isGreaterThan(3);
        assertThat(left).startsWith(10).endsWith(0);
    }

    @Test
    void closingTheServerEndsThem() throws Exception {
        serve(builder());
        assertThat(open().status()).isEqualTo(200);
        await("opened");
        server.close();
        await("closed SELF");
        assertThat(server.connections()).isZero();
    }
}
