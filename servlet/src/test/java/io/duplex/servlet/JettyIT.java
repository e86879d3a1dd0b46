package io.duplex.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.Timeouts;
import io.duplex.client.WebSocketClient;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections on the port of another container than Tomcat. */
@Timeout(180)
class JettyIT {
    private static final int[] SIZES = {0, 1, 125, 126, 65535, 65536, 1 << 20};
    private static final int MANY = 100;
    private static final int MESSAGES = 1600;

    private final LinkedBlockingQueue<Member> members = new LinkedBlockingQueue<>();
    private final Server jetty = new Server();
    private final ServerConnector connector = new ServerConnector(jetty);
    private final WebSocketClient client = WebSocketClient.create();
    private ServletHost host;
    private ServletHost impatient;

    @BeforeEach
    void start() throws Exception {
        host = ServletHost.builder()
                .limits(Limits.builder().maxQueueBytes(64 << 20).build())
                .build();
        impatient = ServletHost.builder()
                .timeouts(Timeouts.builder()
                        .pingInterval(Duration.ofMillis(200))
                        .pong(Duration.ofMillis(200))
                        .build())
                .build();
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(new ServletHolder(new Upgrading(host)), "/echo");
        context.addServlet(new ServletHolder(new Upgrading(impatient)), "/impatient");
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        jetty.setHandler(context);
        jetty.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        host.close();
        impatient.close();
        jetty.stop();
    }

    private String url(String path) {
        return "ws://127.0.0.1:" + connector.getLocalPort() + path;
    }

    private RawClient open(String path) throws IOException {
        return RawClient.open(connector.getLocalPort(), path);
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
        assertThat(host.ways()).singleElement().asString().startsWith("served through Jetty's ");
    }

    @Test
    void bothSidesMayClose() throws Exception {
        client.connect(url("/echo")).close(4001, "enough");
        Member left = members.take();
        assertThat(left.outcome().status().code()).isEqualTo(4001);
        assertThat(left.outcome().clean()).isTrue();
        var socket = client.connect(url("/echo"));
        Member closed = members.take();
        closed.socket().close(4002, "bye");
        assertThat(socket.receive()).isNull();
        assertThat(closed.outcome().clean()).isTrue();
    }

    @Test
    void framesBehindTheRequestAreNotLost() throws Exception {
        try (RawClient raw = new RawClient(connector.getLocalPort())) {
            raw.send(RawClient.request("/echo"), RawClient.HELLO + RawClient.HELLO);
            assertThat(raw.head()).startsWith("HTTP/1.1 101");
            assertThat(raw.readHex(14)).isEqualTo("810548656c6c6f".repeat(2));
        }
        assertThat(members.take().outcome().closedBy()).isEqualTo(ClosedBy.NETWORK);
    }

    @Test
    void aViolationFailsTheConnection() throws Exception {
        try (RawClient raw = open("/echo")) {
            raw.sendHex("83 80 00000000");
            assertThat(raw.readClose()).isEqualTo(1002);
            raw.awaitEnd();
        }
        assertThat(members.take().outcome().closedBy()).isEqualTo(ClosedBy.PROTOCOL);
    }

    @Test
    void whoAnswersNoPingIsGivenUp() throws Exception {
        try (RawClient raw = open("/impatient")) {
            assertThat(raw.readHex(2)).isEqualTo("8900");
            assertThat(members.take().outcome().closedBy()).isEqualTo(ClosedBy.TIMEOUT);
            raw.awaitEnd();
        }
        await(() -> impatient.connections() == 0);
    }

    @Test
    void whoDoesNotReadIsWaitedFor() throws Exception {
        byte[] message = new byte[14 + (64 << 10)];
        message[0] = (byte) 0x82;
        message[1] = (byte) 0xff;
        message[7] = 1;
        try (RawClient raw = RawClient.slow(connector.getLocalPort()).shakeHands("/echo")) {
            Thread flood = new Thread(() -> {
                try {
                    for (int i = 0; i < MESSAGES; i++) {
                        raw.send(message);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            flood.start();
            flood.join(1000);
            assertThat(flood.isAlive())
                    .as("the server reads on, though nobody reads")
                    .isTrue();
            for (int i = 0; i < MESSAGES; i++) {
                assertThat(raw.readHex(10)).isEqualTo("827f0000000000010000");
                assertThat(raw.read(64 << 10)).hasSize(64 << 10);
            }
        }
    }

    @Test
    void whoResetsIsNotCounted() throws Exception {
        for (int i = 0; i < MANY; i++) {
            RawClient raw = new RawClient(connector.getLocalPort());
            raw.send(RawClient.request("/echo"), i % 2 == 0 ? "" : RawClient.HELLO);
            raw.reset();
        }
        try (var last = client.connect(url("/echo"))) {
            last.send("hello");
            assertThat(last.receive()).isEqualTo(new Message.Text("hello"));
        }
        await(() -> host.connections() == 0);
    }

    @Test
    void closingTheHostSaysGoingAway() throws Exception {
        var socket = client.connect(url("/echo"));
        Member member = members.take();
        host.close();
        assertThat(member.outcome().sent().code()).isEqualTo(CloseCode.GOING_AWAY);
        assertThatThrownBy(() -> client.connect(url("/echo")))
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(503));
        socket.close();
    }

    private static void await(BooleanSupplier done) {
        while (!done.getAsBoolean() && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
        assertThat(done.getAsBoolean()).isTrue();
    }

    private final class Upgrading extends HttpServlet {
        private static final long serialVersionUID = 1;

        private final transient ServletHost upgrading;

        Upgrading(ServletHost upgrading) {
            this.upgrading = upgrading;
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            upgrading.upgrade(request, response, handshake -> {
                Member member = new Member();
                members.add(member);
                return member;
            });
        }
    }
}
