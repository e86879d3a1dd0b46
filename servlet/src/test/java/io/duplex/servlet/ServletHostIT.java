package io.duplex.servlet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.tls.ClientTls;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections on Tomcat's port, each way of serving them: handed off, through Tomcat's sockets, through servlet streams. */
@ParameterizedClass(name = "{0}, TLS {1}")
@MethodSource("ways")
@Timeout(180)
class ServletHostIT {
    private static final int[] SIZES = {0, 1, 125, 126, 65535, 65536, 1 << 20, 8 << 20};
    private static final int MANY = 200;

    @Parameter(0)
    HandOff handOff;

    @Parameter(1)
    boolean tls;

    private final CompletableFuture<WebSocket> served = new CompletableFuture<>();
    private final CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private ServletHost host;
    private ServletHost impatient;
    private TestTomcat tomcat;
    private WebSocketClient client;

    static List<Arguments> ways() {
        return List.of(
                Arguments.of(HandOff.ALWAYS, false),
                Arguments.of(HandOff.NEVER, false),
                Arguments.of(HandOff.PORTABLE, false),
                Arguments.of(HandOff.AUTO, true));
    }

    @BeforeEach
    void start() throws Exception {
        Limits limits = Limits.builder()
                .maxMessageBytes(9 << 20)
                .maxQueueBytes(64 << 20)
                .build();
        host = ServletHost.builder()
                .limits(limits)
                .handOff(handOff)
                .subprotocols("chat.v2")
                .build();
        impatient = ServletHost.builder()
                .timeouts(Timeouts.builder()
                        .pingInterval(Duration.ofMillis(200))
                        .pong(Duration.ofMillis(300))
                        .build())
                .handOff(handOff)
                .build();
        tomcat = new TestTomcat(tls)
                .route("/impatient", impatient, handshake -> new Echo())
                .route("/echo", host, handshake -> new Echo())
                .route("/refused", host, handshake -> {
                    throw new HandshakeException(401, "who are you?");
                })
                .start();
        client = WebSocketClient.builder()
                .limits(limits)
                .tls(ClientTls.builder().insecureTrustAll().build())
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        host.close();
        impatient.close();
        tomcat.close();
    }

    private String url(String path) {
        return (tls ? "wss" : "ws") + "://127.0.0.1:" + tomcat.port() + path;
    }

    @Test
    void messagesOfAnySizeComeBack() {
        Random random = new Random(5);
        try (var socket = client.connect(url("/echo"))) {
            for (int size : SIZES) {
                byte[] payload = new byte[size];
                random.nextBytes(payload);
                socket.send(ByteBuffer.wrap(payload));
                assertThat(((Message.Binary) socket.receive()).payload()).isEqualTo(ByteBuffer.wrap(payload));
                String text = "\u00e9".repeat(size / 2);
                socket.send(text);
                assertThat(socket.receive()).isEqualTo(new Message.Text(text));
            }
        }
    }

    @Test
    void theHandshakeIsWhatTheRequestSaid() throws Exception {
        try (var socket = client.connect(url("/echo?room=a%20b"))) {
            socket.send("x");
            socket.receive();
            Handshake handshake = served.get().handshake();
            assertThat(handshake.target()).isEqualTo("/echo?room=a%20b");
            assertThat(handshake.queryParameter("room")).isEqualTo("a b");
            assertThat(handshake.isSecure()).isEqualTo(tls);
            assertThat(handshake.remoteAddress().toString()).startsWith("/127.0.0.1:");
            assertThat(served.get().isCompressed()).isTrue();
        }
    }

    @Test
    void thePeerMayClose() throws Exception {
        var socket = client.connect(url("/echo"));
        socket.close(4001, "enough");
        assertThat(ended.get(60, TimeUnit.SECONDS).status().code()).isEqualTo(4001);
        assertThat(ended.get().clean()).isTrue();
    }

    @Test
    void thisSideMayClose() throws Exception {
        var socket = client.connect(url("/echo"));
        served.get(60, TimeUnit.SECONDS).close(4002, "bye");
        assertThat(socket.receive()).isNull();
        assertThat(ended.get(60, TimeUnit.SECONDS).sent().code()).isEqualTo(4002);
        assertThat(ended.get().clean()).isTrue();
    }

    @Test
    void closingTheHostSaysGoingAway() throws Exception {
        var socket = client.connect(url("/echo"));
        served.get(60, TimeUnit.SECONDS);
        host.close();
        assertThat(ended.get(60, TimeUnit.SECONDS).sent().code()).isEqualTo(CloseCode.GOING_AWAY);
        assertThat(host.connections()).isZero();
        assertThatThrownBy(() -> client.connect(url("/echo")))
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(503));
        socket.close();
    }

    @Test
    void theApplicationMayRefuse() {
        assertThatThrownBy(() -> client.connect(url("/refused")))
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(401));
    }

    @Test
    void tomcatCountsConnectionsRight() throws Exception {
        List<AutoCloseable> sockets = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            var socket = client.connect(url("/echo"));
            socket.send("hello");
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello"));
            sockets.add(socket);
        }
        assertThat(host.connections()).isEqualTo(MANY);
        // Tomcat counts the one that its acceptor waits for, too.
        assertThat(tomcat.connections()).isBetween((long) MANY, MANY + 1L);
        for (AutoCloseable socket : sockets) {
            socket.close();
        }
        await(() -> host.connections() == 0 && tomcat.connections() <= 1);
    }

    @Test
    void whoResetsAtOnceIsNotCounted() throws Exception {
        assumeFalse(tls);
        for (int i = 0; i < MANY; i++) {
            RawClient raw = new RawClient(tomcat.port());
            raw.send(RawClient.request("/echo"), i % 2 == 0 ? "" : RawClient.HELLO);
            raw.reset();
        }
        try (var last = client.connect(url("/echo"))) {
            last.send("hello");
            assertThat(last.receive()).isEqualTo(new Message.Text("hello"));
        }
        await(() -> host.connections() == 0 && tomcat.connections() <= 1);
    }

    @Test
    void whoDoesNotReadIsWaitedFor() throws Exception {
        CompletableFuture<Void> mayRead = new CompletableFuture<>();
        CompletableFuture<Integer> received = new CompletableFuture<>();
        WebSocket peer = client.connect(url("/echo"), new WebSocketHandler() {
            private int bytes;

            @Override
            public void onOpen(WebSocket socket) {
                socket.pause();
                mayRead.thenRun(socket::resume);
            }

            @Override
            public void onBinary(WebSocket socket, ByteBuffer payload) {
                bytes += payload.remaining();
                if (bytes == 32 << 20) {
                    received.complete(bytes);
                }
            }
        });
        WebSocket server = served.get(60, TimeUnit.SECONDS);
        SendStatus status = SendStatus.SENT;
        byte[] noise = new byte[1 << 20];
        new Random(1).nextBytes(noise);
        for (int i = 0; i < 32; i++) {
            status = server.send(ByteBuffer.wrap(noise));
        }
        assertThat(status).isEqualTo(SendStatus.QUEUED);
        assertThat(server.bufferedAmount()).isPositive();
        mayRead.complete(null);
        assertThat(received.get(60, TimeUnit.SECONDS)).isEqualTo(32 << 20);
        drained.get(60, TimeUnit.SECONDS);
        peer.close();
    }

    @Test
    void aHandlerMayPause() throws Exception {
        CompletableFuture<Integer> received = new CompletableFuture<>();
        WebSocket peer = client.connect(url("/echo"), new WebSocketHandler() {
            private int bytes;

            @Override
            public void onBinary(WebSocket socket, ByteBuffer payload) {
                bytes += payload.remaining();
                if (bytes == 8 << 20) {
                    received.complete(bytes);
                }
            }
        });
        WebSocket server = served.get(60, TimeUnit.SECONDS);
        server.pause();
        for (int i = 0; i < 8; i++) {
            peer.send(ByteBuffer.allocate(1 << 20));
        }
        assertThat(received).isNotDone();
        server.resume();
        assertThat(received.get(60, TimeUnit.SECONDS)).isEqualTo(8 << 20);
        peer.close();
    }

    @Test
    void framesBehindTheRequestAreNotLost() throws Exception {
        assumeFalse(tls);
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send(RawClient.request("/echo"), RawClient.HELLO + " " + RawClient.HELLO);
            assertThat(raw.head())
                    .startsWith("HTTP/1.1 101")
                    .containsIgnoringCase("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            assertThat(new String(raw.read(14), ISO_8859_1)).isEqualTo("\u0081\u0005Hello\u0081\u0005Hello");
        }
        assertThat(ended.get(60, TimeUnit.SECONDS).closedBy()).isEqualTo(CloseOutcome.ClosedBy.NETWORK);
    }

    @Test
    void whoAnswersNoPingIsCut() throws Exception {
        // Servlet streams cannot close a socket from outside of an event of theirs.
        assumeFalse(tls || handOff == HandOff.PORTABLE);
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send(RawClient.request("/impatient"), "");
            assertThat(raw.head()).startsWith("HTTP/1.1 101");
            served.get(60, TimeUnit.SECONDS);
            readToItsEnd(raw);
        }
        assertThat(ended.get(60, TimeUnit.SECONDS).closedBy()).isEqualTo(CloseOutcome.ClosedBy.TIMEOUT);
        await(() -> tomcat.connections() <= 1);
    }

    private static void readToItsEnd(RawClient raw) {
        try {
            raw.readToEnd();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBadHandshakeIsRefused() throws Exception {
        assumeFalse(tls);
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send(RawClient.request("/echo", "Origin: http://evil.example\r\n"), "");
            assertThat(raw.head()).startsWith("HTTP/1.1 403");
        }
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", "");
            assertThat(raw.head()).startsWith("HTTP/1.1 426").containsIgnoringCase("Upgrade: websocket");
        }
        try (RawClient raw = new RawClient(tomcat.port())) {
            raw.send(RawClient.request("/echo", "Sec-WebSocket-Protocol: chat.v1, chat.v2\r\n"), "");
            assertThat(raw.head()).startsWith("HTTP/1.1 101").containsIgnoringCase("Sec-WebSocket-Protocol: chat.v2");
        }
    }

    private static void await(BooleanSupplier done) {
        while (!done.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
        assertThat(done.getAsBoolean()).isTrue();
    }

    private final class Echo implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            served.complete(socket);
        }

        @Override
        public void onText(WebSocket socket, String text) {
            socket.send(text);
        }

        @Override
        public void onBinary(WebSocket socket, ByteBuffer payload) {
            socket.send(payload);
        }

        @Override
        public void onDrain(WebSocket socket) {
            drained.complete(null);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            ended.complete(outcome);
        }
    }
}
