package io.duplex.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.HandshakeException;
import io.duplex.Message;
import io.duplex.client.WebSocketClient;
import io.duplex.tls.ClientTls;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Endpoints on a port of their own, with TLS, besides the application's. */
@SpringBootTest(
        classes = TestApplication.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "duplex.server.port=0",
            "server.servlet.context-path=/app/",
            "management.endpoints.web.exposure.include=websockets"
        })
@Timeout(240)
class OwnPortIT {
    @Autowired
    private Environment environment;

    @Autowired
    private DuplexEndpoint actuator;

    private final WebSocketClient client = WebSocketClient.builder()
            .tls(ClientTls.builder().insecureTrustAll().build())
            .build();

    @DynamicPropertySource
    static void certificate(DynamicPropertyRegistry properties) {
        properties.add("duplex.server.ssl.certificate", () -> file("localhost.crt.pem"));
        properties.add("duplex.server.ssl.certificate-private-key", () -> file("localhost.key.pem"));
    }

    private static String file(String name) {
        try {
            return Path.of(OwnPortIT.class
                            .getResource("/io/duplex/transport/" + name)
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        client.close();
    }

    private String url(String path) {
        return "wss://127.0.0.1:" + environment.getProperty("local.duplex.port") + "/app" + path;
    }

    @Test
    void endpointsAreServedWithTls() {
        try (var socket = client.connect(url("/greet/alice"))) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello alice"));
            assertThat(socket.handshake().isSecure()).isTrue();
            assertThat(actuator.webSockets().open()).isPositive();
            assertThat(actuator.webSockets().opened()).isPositive();
        }
        String io = System.getProperty("os.name").equals("Linux") ? "epoll" : "nio";
        assertThat(actuator.webSockets().served())
                .contains("on port " + environment.getProperty("local.duplex.port") + " too, by " + io + " with TLS");
    }

    @Test
    void theApplicationsPortGoesOnServingThem() {
        String url = "ws://localhost:" + environment.getProperty("local.server.port") + "/app/greet/alice";
        try (var socket = client.connect(url)) {
            assertThat(socket.receive()).isEqualTo(new Message.Text("hello alice"));
        }
    }

    @Test
    void pagesOfOtherOriginsAreNotLetIn() {
        var request = client.request(url("/greet/mallory")).origin("https://evil.example");
        assertThatThrownBy(request::connect)
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(403));
    }

    @Test
    void nothingElseIsServedThere() {
        assertThatThrownBy(() -> client.connect(url("/echo")))
                .isInstanceOfSatisfying(
                        HandshakeException.class, e -> assertThat(e.status()).isEqualTo(404));
    }

    @Test
    void halfACertificateIsNone() {
        MapConfigurationPropertySource source = new MapConfigurationPropertySource();
        source.put("duplex.server.ssl.certificate", file("localhost.crt.pem"));
        DuplexProperties half = bind(source);
        assertThatIllegalArgumentException()
                .isThrownBy(half::toTls)
                .withMessage("duplex.server.ssl needs both certificate and certificate-private-key");
        source.put("duplex.server.port", "many");
        assertThatThrownBy(() -> bind(source)).isInstanceOf(BindException.class);
    }

    private static DuplexProperties bind(MapConfigurationPropertySource source) {
        return new Binder(source).bind("duplex", DuplexProperties.class).get();
    }
}
