package io.duplex.spring;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.client.WebSocketClient;
import io.duplex.servlet.ServletHost;
import jakarta.servlet.ServletContext;
import jakarta.websocket.server.ServerContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;

/** What holds in whichever servlet container the application has: the build runs this on Tomcat and on Jetty. */
@SpringBootTest(classes = TestApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
@Timeout(240)
class AnyContainerIT {
    @Autowired
    private Environment environment;

    @Autowired
    private ServletContext servletContext;

    @Autowired
    private ServletHost host;

    @Autowired
    private TestApplication.EchoHandler echoes;

    private final WebSocketClient client = WebSocketClient.create();

    @AfterEach
    void close() {
        client.close();
        echoes.sessions.clear();
    }

    private String url(String path) {
        return "ws://localhost:" + environment.getProperty("local.server.port") + path;
    }

    @Test
    void connectionsAreServedInTheWayOfTheContainer() {
        assertThat(servletContext.getAttribute(ServerContainer.class.getName()).toString())
                .startsWith("io.duplex.jakarta.");
        client.connect(url("/greet/alice")).close();
        assertThat(host.ways())
                .singleElement()
                .asString()
                .startsWith(System.getProperty("duplex.test.way", "handed off to event loops"));
    }

    @Test
    void endpointsGreetAndAnswer() {
        try (var socket = client.connect(url("/greet/alice"))) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello alice"));
            socket.send("bob");
            assertThat(((Message.Text) socket.receive()).data()).startsWith("hello bob in duplex-endpoint-");
        }
    }

    @Test
    void endpointsLetPagesOfOtherOriginsNotIn() {
        var request = client.request(url("/greet/mallory")).origin("http://evil.example");
        assertThatThrownBy(request::connect)
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(403));
    }

    @Test
    void handlersOfSpringEchoAndMayClose() throws Exception {
        try (var socket =
                client.request(url("/echo")).subprotocols("other", "echo.v1").connect()) {
            assertThat(socket.subprotocol()).isEqualTo("echo.v1");
            socket.send("hello");
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello"));
            echoes.sessions.poll(60, SECONDS).close();
            assertThat(socket.receive()).isNull();
        }
    }

    @Test
    void sockJsHasItsWebSocket() {
        try (var socket = client.connect(url("/sockjs/000/s2/websocket"))) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("o"));
            socket.send("[\"hi\"]");
            assertThat(socket.receive()).isEqualTo(new Message.Text("a[\"hi\"]"));
        }
    }
}
