package io.duplex.jakarta;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server endpoint, checked and ready for connections. Thread-safe.
 *
 * @param template its path
 * @param config its configuration
 * @param coders its encoders and decoders
 * @param model its methods; {@code null} if it is a programmatic one
 * @param checksOrigin whether its configurator has an opinion on origins
 * @param classLoader the application's
 * @param sessions those that are open
 */
record Deployment(
        UriTemplate template,
        ServerEndpointConfig config,
        CoderTypes coders,
        @Nullable EndpointModel model,
        boolean checksOrigin,
        @Nullable ClassLoader classLoader,
        OpenSessions sessions) {
    /**
     * An annotated endpoint.
     *
     * @throws DeploymentException if it is none, or breaks a rule for them
     */
    static Deployment of(Class<?> endpoint) throws DeploymentException {
        ServerEndpoint annotation = endpoint.getAnnotation(ServerEndpoint.class);
        if (annotation == null) {
            throw new DeploymentException(endpoint.getName() + " is no @ServerEndpoint");
        }
        ServerEndpointConfig.Builder config = ServerEndpointConfig.Builder.create(
                        endpoint, UriTemplate.parse(annotation.value()).toString())
                .encoders(List.of(annotation.encoders()))
                .decoders(List.of(annotation.decoders()))
                .subprotocols(List.of(annotation.subprotocols()));
        if (annotation.configurator() != ServerEndpointConfig.Configurator.class) {
            config.configurator(ClientConnecting.instance(annotation.configurator()));
        }
        return of(config.build());
    }

    /**
     * An endpoint of either kind.
     *
     * @throws DeploymentException if it breaks a rule
     */
    static Deployment of(ServerEndpointConfig config) throws DeploymentException {
        return of(config, UriTemplate.parse(config.getPath()), new OpenSessions());
    }

    /**
     * An endpoint whose path says nothing, as somebody else has matched the request.
     *
     * @throws DeploymentException if it breaks a rule
     */
    static Deployment unlisted(ServerEndpointConfig config, OpenSessions sessions) throws DeploymentException {
        return of(config, UriTemplate.unchecked(config.getPath()), sessions);
    }

    private static Deployment of(ServerEndpointConfig config, UriTemplate template, OpenSessions sessions)
            throws DeploymentException {
        Class<?> type = config.getEndpointClass();
        CoderTypes coders = CoderTypes.of(config);
        return new Deployment(
                template,
                config,
                coders,
                Endpoint.class.isAssignableFrom(type) ? null : EndpointModel.of(type, coders),
                checksOrigin(config.getConfigurator()),
                Thread.currentThread().getContextClassLoader(),
                sessions);
    }

    /** What endpoints get that name none: another container's, if its jar is found first. It is no application's opinion. */
    private static ServerEndpointConfig.Configurator platformDefault() {
        return ServerEndpointConfig.Builder.create(Endpoint.class, "/").build().getConfigurator();
    }

    /** Whether the application has its own rule for origins, by overriding {@code checkOrigin}. */
    private static boolean checksOrigin(ServerEndpointConfig.Configurator configurator) throws DeploymentException {
        try {
            Class<?> declares = configurator
                    .getClass()
                    .getMethod("checkOrigin", String.class)
                    .getDeclaringClass();
            return declares != DuplexConfigurator.class && !declares.isInstance(platformDefault());
        } catch (NoSuchMethodException e) {
            throw new DeploymentException(configurator + " is no configurator", e);
        }
    }

    /** The endpoint of a new connection. */
    Endpoint endpoint() throws InstantiationException {
        Object instance = config.getConfigurator().getEndpointInstance(config.getEndpointClass());
        return model == null ? (Endpoint) instance : new AnnotatedEndpoint(model, instance);
    }
}
