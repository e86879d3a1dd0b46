package io.duplex.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.jakarta.DuplexServerContainer;
import jakarta.servlet.ServletContext;
import jakarta.websocket.server.ServerContainer;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** An application with endpoints starts in a test that has no server. */
@SpringBootTest(classes = TestApplication.class)
class MockEnvironmentTest {
    @Autowired
    private ServletContext context;

    @Autowired
    private DuplexServerContainer container;

    @Test
    void endpointsAreDeployedWithoutAServer() {
        assertThat(context.getAttribute(ServerContainer.class.getName())).isNotNull();
        assertThat(container.match("/greet/alice")).isNotNull();
    }
}
