package io.duplex.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.transport.Echo;
import io.duplex.transport.RawPeer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Who decides about a peer before the upgrade, and what the peer sees of it. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.server.OpeningIT#kinds")
class AuthenticationIT {
    private static final String MASKED_HI = "81 82 00000000 6869";

    @Parameter
    String io;

    private final BlockingQueue<CompletableFuture<Authentication>> undecided = new LinkedBlockingQueue<>();
    private WebSocketServer server;

    @BeforeEach
    void start() {
        start(Duration.ofMinutes(1)); // for peers that do their part, however slow the machine is
    }

    private void start(Duration handshakeTimeout) {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(Limits.builder().maxHeaderBytes(4096).build())
                .timeouts(Timeouts.builder().handshake(handshakeTimeout).build())
                .subprotocols("chat")
                .authenticator(Authenticator.immediate(AuthenticationIT::decide))
                .route("/me", AuthenticationIT::whoami)
                .route(
                        "/open",
                        RouteOptions.builder()
                                .authenticator(Authenticator.anybody())
                                .build(),
                        AuthenticationIT::whoami)
                .route(
                        "/later",
                        RouteOptions.builder()
                                .authenticator(handshake -> {
                                    CompletableFuture<Authentication> decision = new CompletableFuture<>();
                                    undecided.add(decision);
                                    return decision;
                                })
                                .build(),
                        handshake -> new Echo())
                .route(
                        "/partners",
                        RouteOptions.builder()
                                .allowedOrigins("https://partner.example")
                                .build(),
                        handshake -> new Echo())
                .route(
                        "/programs",
                        RouteOptions.builder()
                                .origins(OriginPolicy.sameOrigin().requirePresent())
                                .authenticator(Authenticator.anybody())
                                .build(),
                        handshake -> new Echo())
                .start();
    }

    private static Authentication decide(Handshake handshake) {
        String token = handshake.cookie("token");
        if (token == null) {
            token = handshake.queryParameter("token");
        }
        if (token == null) {
            token = subprotocolToken(handshake);
        }
        return switch (String.valueOf(token)) {
            case "ada" ->
                Authentication.accept("ada")
                        .withAttributes(Map.of("role", "admin"))
                        .withFields(HeaderFields.builder()
                                .add("Set-Cookie", "seen=1")
                                .build());
            case "bad-field" ->
                Authentication.accept()
                        .withFields(HeaderFields.builder().add("Upgrade", "h2c").build());
            case "teapot" ->
                Authentication.refuse(
                        HttpResponse.of(418, "application/json", "{\"error\":\"teapot\"}".getBytes(UTF_8)));
            case "broken" -> throw new IllegalStateException("secret detail");
            case "exception" -> throw new HandshakeException(402, "pay first");
            case "none" -> null;
            default -> Authentication.refuse(401);
        };
    }

    private static String subprotocolToken(Handshake handshake) {
        for (String line : handshake.headers("Sec-WebSocket-Protocol")) {
            for (String offered : line.split(",", -1)) {
                if (offered.strip().startsWith("token.")) {
                    return offered.strip().substring("token.".length());
                }
            }
        }
        return null;
    }

    private static WebSocketHandler whoami(Handshake handshake) {
        return new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.send(
                        (socket.principal() == null ? "-" : socket.principal().getName())
                                + socket.handshake().attributes()
                                + socket.subprotocol());
            }
        };
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void restart(Duration handshakeTimeout) {
        server.close();
        start(handshakeTimeout);
    }

    private String answerTo(String request) throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(request);
            return peer.readAll();
        }
    }

    private static String text(RawPeer peer) throws Exception {
        byte[] header = peer.read(2);
        return new String(peer.read(header[1]), UTF_8);
    }

    @Test
    void whoIsLetInIsKnownToTheHandlerAndMayBeGivenFields() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/me", "Cookie: a=b; token=ada"));
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ").contains("Set-Cookie: seen=1\r\n");
            assertThat(text(peer)).isEqualTo("ada{role=admin}null");
        }
    }

    @Test
    void theTokenMayBeInTheQueryOrAmongTheSubprotocols() throws Exception {
        try (RawPeer peer = RawPeer.open(server.port(), "/me?token=%61da")) {
            assertThat(text(peer)).startsWith("ada");
        }
        try (RawPeer peer = RawPeer.open(server.port(), "/me", "Sec-WebSocket-Protocol: chat, token.ada")) {
            assertThat(text(peer)).isEqualTo("ada{role=admin}chat");
        }
    }

    @Test
    void aRefusalHasAnyStatusFieldsAndBody() throws Exception {
        assertThat(answerTo(RawPeer.request("/me")))
                .startsWith("HTTP/1.1 401 Unauthorized\r\nDate: ")
                .endsWith("GMT\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(answerTo(RawPeer.request("/me?token=teapot")))
                .startsWith("HTTP/1.1 418 ")
                .contains("\r\nContent-Type: application/json\r\n", "\r\nContent-Length: 18\r\n")
                .endsWith("\r\n\r\n{\"error\":\"teapot\"}");
        assertThat(answerTo(RawPeer.request("/me?token=exception")))
                .startsWith("HTTP/1.1 402 ")
                .endsWith("pay first");
    }

    @Test
    void aFaultIsAnsweredWith500AndTellsNothing() throws Exception {
        for (String fault : new String[] {"broken", "none", "bad-field"}) {
            assertThat(answerTo(RawPeer.request("/me?token=" + fault)))
                    .startsWith("HTTP/1.1 500 ")
                    .endsWith("internal error")
                    .doesNotContain("secret", "Exception");
        }
    }

    @Test
    void aRouteMayBeOpenOnAServerThatIsNot() throws Exception {
        try (RawPeer peer = RawPeer.open(server.port(), "/open")) {
            assertThat(text(peer)).isEqualTo("-{}null");
        }
    }

    @Test
    void aRouteMayHaveOriginsOfItsOwn() throws Exception {
        String partner = "Origin: https://partner.example";
        assertThat(answerTo(RawPeer.request("/me?token=ada", partner))).startsWith("HTTP/1.1 403 ");
        RawPeer.open(server.port(), "/partners?token=ada", partner).close();
        assertThat(answerTo(RawPeer.request("/partners?token=ada", "Origin: https://other.example")))
                .startsWith("HTTP/1.1 403 ");
        assertThat(answerTo(RawPeer.request("/programs"))).startsWith("HTTP/1.1 403 ");
    }

    @Test
    void theHandshakeWaitsForTheDecisionAndSoDoesWhatFollowsIt() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            CompletableFuture<Authentication> decision = undecided.take();
            peer.sendHex(MASKED_HI);
            peer.sendHex("81 82 00000000 68");
            assertThat(peer.isSilentFor(100)).isTrue();
            decision.complete(Authentication.accept());
            assertThat(peer.head()).startsWith("HTTP/1.1 101 ");
            assertThat(peer.readHex(4)).isEqualTo("81026869");
            peer.sendHex("69");
            assertThat(peer.readHex(4)).isEqualTo("81026869");
        }
    }

    @Test
    void framesInTheSegmentOfTheHandshakeWaitToo() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            byte[] request = RawPeer.request("/later").getBytes(UTF_8);
            byte[] all = Arrays.copyOf(request, request.length + 8);
            System.arraycopy(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'}, 0, all, request.length, 8);
            peer.send(all);
            undecided.take().complete(Authentication.accept());
            peer.head();
            assertThat(peer.readHex(4)).isEqualTo("81026869");
        }
    }

    @Test
    void aPeerThatSendsMuchMeanwhileIsTurnedAway() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            byte[] request = RawPeer.request("/later").getBytes(UTF_8);
            peer.send(Arrays.copyOf(request, request.length + 250_000));
            assertThat(peer.readAll()).startsWith("HTTP/1.1 400 ").contains("came before the answer");
            assertThat(undecided.take().complete(Authentication.accept())).isTrue();
        }
    }

    @Test
    void aPeerThatSendsMeanwhileIsSlowedDownAndLosesNothing() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            CompletableFuture<Authentication> decision = undecided.take();
            peer.sendHex(MASKED_HI);
            assertThat(peer.isSilentFor(100)).isTrue();
            byte[] frame = new byte[8 + 50_000];
            frame[0] = (byte) 0x82;
            frame[1] = (byte) 0xFE;
            frame[2] = (byte) (50_000 >> 8);
            frame[3] = (byte) 50_000;
            for (int i = 0; i < 8; i++) {
                peer.send(frame);
            }
            decision.complete(Authentication.accept());
            peer.head();
            assertThat(peer.readHex(4)).isEqualTo("81026869");
            for (int i = 0; i < 8; i++) {
                assertThat(peer.readHex(4)).isEqualTo("827ec350");
                peer.read(50_000);
            }
        }
    }

    @Test
    void aLateRefusalIsSentAsWell() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            CompletableFuture<Authentication> decision = undecided.take();
            peer.sendHex(MASKED_HI);
            decision.complete(Authentication.refuse(403, "go away"));
            assertThat(peer.readAll()).startsWith("HTTP/1.1 403 ").endsWith("go away");
        }
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            undecided.take().completeExceptionally(new IllegalStateException("secret detail"));
            assertThat(peer.readAll()).startsWith("HTTP/1.1 500 ").doesNotContain("secret");
        }
    }

    @Test
    void aDecisionThatTakesTooLongIsNotWaitedFor() throws Exception {
        restart(Duration.ofSeconds(1));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            CompletableFuture<Authentication> decision = undecided.take();
            assertThat(peer.readAll())
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nRetry-After: 10\r\n")
                    .endsWith("authentication took too long\n");
            assertThat(decision).as("others may wait for it").isNotDone();
            decision.complete(Authentication.accept());
        }
    }

    @Test
    void aPeerThatSentMeanwhileIsReadFromAgainOnceNobodyWaits() throws Exception {
        restart(Duration.ofSeconds(1));
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            undecided.take();
            peer.sendHex(MASKED_HI);
            assertThat(peer.readAll()).startsWith("HTTP/1.1 503 ");
            peer.send(new byte[32 << 20]); // what is not read does not fit into TCP, and is cut in the end
            peer.shutdownOutput();
        }
    }

    @Test
    void aPeerThatLeavesIsNotWaitedForAndTheDecisionGoesOn() throws Exception {
        for (boolean resets : new boolean[] {false, true}) {
            try (RawPeer peer = RawPeer.connect(server.port())) {
                peer.send(RawPeer.request("/later"));
                CompletableFuture<Authentication> decision = undecided.take();
                if (resets) {
                    peer.reset();
                } else {
                    peer.shutdownOutput();
                    peer.awaitEof();
                }
                decision.complete(Authentication.accept());
            }
        }
        RawPeer.open(server.port(), "/open").close();
    }

    @Test
    void closingTheServerDoesNotWaitForTheDecision() throws Exception {
        try (RawPeer peer = RawPeer.connect(server.port())) {
            peer.send(RawPeer.request("/later"));
            CompletableFuture<Authentication> decision = undecided.take();
            server.close();
            peer.awaitEnd();
            assertThat(decision.complete(Authentication.accept())).isTrue();
        }
    }
}
