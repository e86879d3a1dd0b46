package io.duplex.spring;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.servlet.ServletHost;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.ServletContext;
import jakarta.websocket.server.ServerContainer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.web.socket.WebSocketSession;

/** What Spring builds on a container's WebSocket works on ours, with Tomcat's on the class path, too. */
@SpringBootTest(
        classes = TestApplication.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "management.endpoints.web.exposure.include=websockets,metrics",
            "duplex.hand-off=always",
            "duplex.limits.max-message-size=2MB"
        })
@Timeout(240)
class SpringIT {
    private static final int SUBSCRIBERS = 100;
    private static final int MESSAGES = 1000;

    @Autowired
    private Environment environment;

    @Autowired
    private ServletContext servletContext;

    @Autowired
    private ServletHost host;

    @Autowired
    private DuplexMeters meters;

    @Autowired
    private TestApplication.EchoHandler echoes;

    @Autowired
    private SimpMessagingTemplate messages;

    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocketClient client = WebSocketClient.create();

    @AfterEach
    void close() {
        client.close();
        echoes.sessions.clear();
    }

    private String address(String path) {
        return "localhost:" + environment.getProperty("local.server.port") + path;
    }

    private String url(String path) {
        return "ws://" + address(path);
    }

    @Test
    void theContainerIsOursThoughTomcatHasOne() {
        assertThat(servletContext.getAttribute(ServerContainer.class.getName()).toString())
                .startsWith("io.duplex.jakarta.");
        client.connect(url("/greet/alice")).close();
        assertThat(host.ways()).containsExactly("handed off to event loops");
    }

    @Test
    void endpointBeansHaveTheirDependencies() {
        try (var socket = client.connect(url("/greet/alice"))) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello alice"));
            socket.send("bob");
            assertThat(((Message.Text) socket.receive()).data()).startsWith("hello bob in duplex-endpoint-");
        }
    }

    @Test
    void endpointsKnowTheUser() {
        try (var socket =
                client.request(url("/greet/nobody")).header("X-User", "carol").connect()) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello carol"));
        }
    }

    @Test
    void endpointsTakeMessagesAsLongAsThePropertySays() throws Exception {
        CompletableFuture<String> answered = new CompletableFuture<>();
        CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
        WebSocket socket = client.connect(url("/length"), new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                answered.complete(text);
            }

            @Override
            public void onClose(WebSocket socket, CloseOutcome outcome) {
                ended.complete(outcome);
            }
        });
        socket.send("x".repeat(2 << 20));
        assertThat(answered.get(60, SECONDS)).isEqualTo("2097152");
        socket.send("x".repeat((2 << 20) + 1));
        assertThat(ended.get(60, SECONDS).status().code()).isEqualTo(CloseCode.TOO_BIG);
    }

    @Test
    void endpointsLetPagesOfOtherOriginsNotIn() {
        var request = client.request(url("/greet/mallory")).origin("http://evil.example");
        assertThatThrownBy(request::connect)
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(403));
    }

    @Test
    void handlersOfSpringGetMessagesSubprotocolAndUser() throws Exception {
        var request = client.request(url("/echo?x=1")).header("X-User", "dave").subprotocols("other", "echo.v1");
        try (var socket = request.connect()) {
            assertThat(socket.subprotocol()).isEqualTo("echo.v1");
            socket.send("hello");
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello"));
            WebSocketSession session = echoes.sessions.poll(60, SECONDS);
            assertThat(session.getUri().getQuery()).isEqualTo("x=1");
            assertThat(session.getPrincipal().getName()).isEqualTo("dave");
            assertThat(session.getAcceptedProtocol()).isEqualTo("echo.v1");
            assertThat(session.getRemoteAddress()).isNotNull();
        }
    }

    @Test
    void handlersOfSpringMayClose() throws Exception {
        CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
        client.connect(url("/echo"), new WebSocketHandler() {
            @Override
            public void onClose(WebSocket socket, CloseOutcome outcome) {
                ended.complete(outcome);
            }
        });
        echoes.sessions.poll(60, SECONDS).close();
        assertThat(ended.get(60, SECONDS).status().code()).isEqualTo(1000);
        assertThat(ended.get().clean()).isTrue();
    }

    @Test
    void sockJsFallsBackToHttp() throws Exception {
        String session = "http://" + address("/sockjs/000/s1");
        assertThat(post(session + "/xhr", "")).isEqualTo("o\n");
        assertThat(post(session + "/xhr_send", "[\"hello\"]")).isEmpty();
        assertThat(post(session + "/xhr", "")).isEqualTo("a[\"hello\"]\n");
        try (var socket = client.connect(url("/sockjs/000/s2/websocket"))) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("o"));
            socket.send("[\"hi\"]");
            assertThat(socket.receive()).isEqualTo(new Message.Text("a[\"hi\"]"));
        }
    }

    private String post(String url, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    @Test
    void stompRelaysAThousandMessagesToAHundredSubscribers() throws Exception {
        CountDownLatch subscribed = new CountDownLatch(SUBSCRIBERS);
        CountDownLatch done = new CountDownLatch(SUBSCRIBERS);
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            sockets.add(
                    client.request(url("/stomp")).subprotocols("v12.stomp").connect(new Subscriber(subscribed, done)));
        }
        // The simple broker does not say when it has subscribed somebody.
        do {
            messages.convertAndSend("/topic/shouts", "probe");
        } while (!subscribed.await(50, MILLISECONDS));
        sockets.get(0).send("SEND\ndestination:/app/shout\n\nmessage 0\0");
        for (int i = 1; i < MESSAGES; i++) {
            messages.convertAndSend("/topic/shouts", "MESSAGE " + i);
        }
        assertThat(done.await(120, SECONDS)).isTrue();
        sockets.forEach(WebSocket::close);
    }

    /** Subscribes once it is connected, and counts. */
    private static final class Subscriber implements WebSocketHandler {
        private final CountDownLatch subscribed;
        private final CountDownLatch done;
        private final AtomicInteger received = new AtomicInteger();
        private boolean probed;

        Subscriber(CountDownLatch subscribed, CountDownLatch done) {
            this.subscribed = subscribed;
            this.done = done;
        }

        @Override
        public void onOpen(WebSocket socket) {
            socket.send("CONNECT\naccept-version:1.2\nhost:localhost\n\n\0");
        }

        @Override
        public void onText(WebSocket socket, String text) {
            if (text.startsWith("CONNECTED")) {
                socket.send("SUBSCRIBE\nid:0\ndestination:/topic/shouts\n\n\0");
            } else if (text.contains("probe")) {
                if (!probed) {
                    probed = true;
                    subscribed.countDown();
                }
            } else if (text.contains("\n\nMESSAGE ") && received.incrementAndGet() == MESSAGES) {
                done.countDown();
            }
        }
    }

    @Test
    void metersCountConnectionsAndHaveOneTagOfFewValues() throws Exception {
        try (var socket = client.connect(url("/greet/alice"))) {
            socket.receive();
            assertThat(get("/actuator/metrics/duplex.connections")).contains("\"availableTags\":[]");
            assertThat(get("/actuator/metrics/duplex.connections.opened")).contains("\"availableTags\":[]");
        }
        assertThat(get("/actuator/metrics/duplex.connections.closed?tag=by:peer"))
                .contains("\"statistic\":\"COUNT\"");
        MeterRegistry registry = new SimpleMeterRegistry();
        meters.bindTo(registry);
        assertThat(registry.get("duplex.connections.opened").functionCounter().count())
                .isPositive();
        assertThat(registry.getMeters()).hasSize(2 + ClosedBy.values().length);
        assertThat(registry.getMeters())
                .flatExtracting(meter -> meter.getId().getTags())
                .extracting(Tag::getKey)
                .containsOnly("by");
    }

    @Test
    void actuatorShowsConnections() throws Exception {
        assertThat(get("/actuator/websockets"))
                .contains("\"open\":")
                .contains("\"opened\":")
                .contains("\"served\":");
    }

    private String get(String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address(path))).build();
        return http.send(request, BodyHandlers.ofString()).body();
    }
}
