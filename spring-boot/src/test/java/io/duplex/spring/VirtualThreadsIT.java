package io.duplex.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.Message;
import io.duplex.client.WebSocketClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;

/** Endpoints run on virtual threads if Spring Boot's requests do. */
@EnabledForJreRange(min = JRE.JAVA_21)
@SpringBootTest(
        classes = TestApplication.class,
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "spring.threads.virtual.enabled=true")
@Timeout(240)
class VirtualThreadsIT {
    @Autowired
    private Environment environment;

    @Test
    void endpointsRunOnVirtualThreads() {
        try (WebSocketClient client = WebSocketClient.create();
                var socket =
                        client.connect("ws://localhost:" + environment.getProperty("local.server.port") + "/thread")) {
            socket.send("?");
            assertThat(((Message.Text) socket.receive()).data())
                    .startsWith("VirtualThread[")
                    .contains("duplex-endpoint-");
        }
    }
}
