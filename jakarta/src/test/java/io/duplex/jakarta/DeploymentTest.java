package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.PathParam;
import jakarta.websocket.server.ServerApplicationConfig;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.Reader;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be deployed, and what becomes of it (Jakarta WebSocket §4, §5.2, §6). */
class DeploymentTest {
    private final DuplexServerContainer container =
            DuplexServerContainer.builder().build();

    /** As plain as can be. */
    @ServerEndpoint("/plain")
    public static class Plain {}

    /** Has a variable. */
    @ServerEndpoint("/{any}")
    public static class Any {}

    /** Has the same with another name. */
    @ServerEndpoint("/{other}")
    public static class Other {}

    /** Not annotated. */
    public static class Nothing {}

    /** Two methods of a kind. */
    @ServerEndpoint("/x")
    public static class TwoOpens {
        @OnOpen
        public void one() {}

        @OnOpen
        public void two(Session session) {}
    }

    /** An error that is not asked for. */
    @ServerEndpoint("/x")
    public static class ErrorWithoutFault {
        @OnError
        public void error(Session session) {}
    }

    /** A parameter that a close does not have. */
    @ServerEndpoint("/x")
    public static class CloseWithConfig {
        @OnClose
        public void close(CloseReason reason, EndpointConfig config) {}
    }

    /** Two texts. */
    @ServerEndpoint("/x")
    public static class TwoTexts {
        @OnMessage
        public void one(String text) {}

        @OnMessage
        public void two(Reader text) {}
    }

    /** A stream in parts. */
    @ServerEndpoint("/x")
    public static class StreamInParts {
        @OnMessage
        public void text(Reader text, boolean last) {}
    }

    /** A Pong in parts. */
    @ServerEndpoint("/x")
    public static class PongInParts {
        @OnMessage
        public void pong(PongMessage pong, boolean last) {}
    }

    /** Nobody decodes that. */
    @ServerEndpoint("/x")
    public static class NoDecoder {
        @OnMessage
        public void number(BigDecimal number) {}
    }

    /** A parameter too many. */
    @ServerEndpoint("/x")
    public static class TextAndNumber {
        @OnMessage
        public void text(String text, int number) {}
    }

    /** A variable that is no text. */
    @ServerEndpoint("/{x}")
    public static class VariableOfObject {
        @OnOpen
        public void open(@PathParam("x") StringBuilder x) {}
    }

    /** A method that nobody can call. */
    @ServerEndpoint("/x")
    public static class HiddenMethod {
        @OnMessage
        void text(String text) {}
    }

    /** A programmatic one. */
    public static class Programmatic extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {}
    }

    /** Chooses. */
    public static class Choice implements ServerApplicationConfig {
        @Override
        public Set<ServerEndpointConfig> getEndpointConfigs(Set<Class<? extends Endpoint>> endpoints) {
            assertThat(endpoints).containsExactly(Programmatic.class);
            return Set.of(ServerEndpointConfig.Builder.create(Programmatic.class, "/programmatic")
                    .build());
        }

        @Override
        public Set<Class<?>> getAnnotatedEndpointClasses(Set<Class<?>> scanned) {
            assertThat(scanned).contains(Plain.class, Any.class);
            return Set.of(Plain.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                Nothing.class,
                TwoOpens.class,
                ErrorWithoutFault.class,
                CloseWithConfig.class,
                TwoTexts.class,
                StreamInParts.class,
                PongInParts.class,
                NoDecoder.class,
                TextAndNumber.class,
                VariableOfObject.class,
                HiddenMethod.class
            })
    void whatBreaksARuleIsNotDeployed(Class<?> endpoint) { // §5.2.1
        assertThatThrownBy(() -> container.addEndpoint(endpoint))
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining(endpoint.getSimpleName());
    }

    @Test
    void aPathBelongsToOneEndpoint() throws DeploymentException { // §5.2.1
        container.addEndpoint(Any.class);
        assertThatThrownBy(() -> container.addEndpoint(Other.class))
                .isInstanceOf(DeploymentException.class)
                .hasMessageContaining("taken");
    }

    @Test
    void anApplicationIsDeployedAsAWholeOrNotAtAll() throws DeploymentException { // §6.3
        container.addEndpoint(Plain.class);
        assertThatThrownBy(() -> container.addEndpoint(Nothing.class)).isInstanceOf(DeploymentException.class);
        assertThat(container.match("/plain")).isNull();
        assertThatThrownBy(() -> container.addEndpoint(Plain.class)).isInstanceOf(DeploymentException.class);
    }

    @Test
    void anEndpointThatIsAddedLaterFailsAlone() throws DeploymentException {
        container.addEndpoint(Plain.class);
        assertThat(container.match("/plain")).isNotNull();
        assertThatThrownBy(() -> container.addEndpoint(Nothing.class)).isInstanceOf(DeploymentException.class);
        container.addEndpoint(Any.class);
        assertThat(container.match("/plain").config().getEndpointClass()).isEqualTo(Plain.class);
        assertThat(container.match("/other").pathParameters()).isEqualTo(Map.of("any", "other"));
    }

    @Test
    void withoutAnApplicationConfigAllAnnotatedEndpointsAreDeployed() throws DeploymentException { // §6.2
        container.deploy(Set.of(Plain.class, Any.class, Programmatic.class, Nothing.class));
        assertThat(container.match("/plain").config().getEndpointClass()).isEqualTo(Plain.class);
        assertThat(container.match("/programmatic").config().getEndpointClass()).isEqualTo(Any.class);
    }

    @Test
    void anApplicationConfigChooses() throws DeploymentException { // §6.2
        container.deploy(Set.of(Plain.class, Any.class, Programmatic.class, Choice.class));
        assertThat(container.match("/plain")).isNotNull();
        assertThat(container.match("/programmatic").config().getEndpointClass()).isEqualTo(Programmatic.class);
        assertThat(container.match("/other")).isNull();
    }
}
