package io.duplex.jakarta;

import io.duplex.connection.Upgrade;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.ServerHandshake;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A server endpoint for one request: what stands at its path. Thread-safe. */
public final class EndpointMatch {
    private static final int FORBIDDEN = 403;

    private final DuplexServerContainer container;
    private final Deployment deployment;
    private final OriginPolicy origins;
    private final Map<String, String> pathParameters;

    /**
     * Creates the match.
     *
     * @param origins which pages may connect if the configurator has no opinion
     */
    EndpointMatch(
            DuplexServerContainer container,
            Deployment deployment,
            OriginPolicy origins,
            Map<String, String> pathParameters) {
        this.container = container;
        this.deployment = deployment;
        this.origins = origins;
        this.pathParameters = Collections.unmodifiableMap(pathParameters);
    }

    /** The configuration of the endpoint. */
    public ServerEndpointConfig config() {
        return deployment.config();
    }

    /** The decoded variables of the path, by name. Unmodifiable. */
    public Map<String, String> pathParameters() {
        return pathParameters;
    }

    /**
     * Answers the request: checks it, has the endpoint's configurator decide (Jakarta WebSocket §3.1), and makes the endpoint. It
     * calls the application, so it may block.
     *
     * @throws IllegalStateException if the configurator fails, or the endpoint cannot be made
     * @throws RuntimeException what the application throws
     */
    public Upgrade answer(EndpointRequest request) {
        EndpointOpening opening = new EndpointOpening(request);
        Answer answer =
                opening.handshake.answer(request.head(), request.request().isSecure());
        if (answer instanceof Answer.Accepted accepted) {
            return deployment.checksOrigin() && !opening.permitsOrigin()
                    ? new Upgrade.Refused(Answer.Refused.of(FORBIDDEN, HeaderFields.EMPTY, "origin is not allowed\n"))
                    : opening.accept(accepted);
        }
        return new Upgrade.Refused((Answer.Refused) answer);
    }

    /** The opening handshake of one connection. */
    private final class EndpointOpening {
        private final EndpointRequest request;
        private final ServerEndpointConfig.Configurator configurator;
        private final PerSessionConfig config;
        private final ServerHandshake handshake;

        EndpointOpening(EndpointRequest request) {
            this.request = request;
            this.configurator = deployment.config().getConfigurator();
            this.config = new PerSessionConfig(
                    deployment.config(),
                    new ConcurrentHashMap<>(deployment.config().getUserProperties()));
            this.handshake = ServerHandshake.builder()
                    .origins(deployment.checksOrigin() ? OriginPolicy.any() : origins)
                    .subprotocols((offered, head) -> {
                        String chosen = configurator.getNegotiatedSubprotocol(config.getSubprotocols(), offered);
                        return chosen == null || chosen.isEmpty() ? null : chosen;
                    })
                    .deflate(compression())
                    .build();
        }

        private PermessageDeflate compression() {
            List<Extension> offered = NamedExtension.parse(request.fields().all("Sec-WebSocket-Extensions"));
            List<Extension> installed = new ArrayList<>(config.getExtensions());
            if (installed.stream().noneMatch(NamedExtension::isPermessageDeflate)
                    && container.compression().isEnabled()) {
                installed.add(NamedExtension.PERMESSAGE_DEFLATE);
            }
            List<Extension> negotiated = configurator.getNegotiatedExtensions(installed, offered);
            return negotiated.stream().anyMatch(NamedExtension::isPermessageDeflate)
                    ? container.compression()
                    : PermessageDeflate.DISABLED;
        }

        boolean permitsOrigin() {
            return configurator.checkOrigin(request.fields().first("Origin"));
        }

        Upgrade accept(Answer.Accepted agreed) {
            Map<String, List<String>> parameters = parameters();
            Answer.Accepted answer = agreed.withExtraFields(modify(agreed, parameters));
            SessionSetup setup;
            try {
                setup = new SessionSetup(
                        container,
                        container.settings(),
                        deployment.endpoint(),
                        config,
                        deployment.coders(),
                        deployment.sessions(),
                        deployment.classLoader(),
                        () -> null);
            } catch (InstantiationException e) {
                throw new IllegalStateException("no endpoint for " + deployment.template(), e);
            }
            SessionOrigin origin = new SessionOrigin(
                    request.uri(),
                    parameters,
                    request.head().query(),
                    pathParameters,
                    request.principal(),
                    request.request().isSecure(),
                    request.boundHttpSession());
            EndpointSession session = new EndpointSession(setup, origin, config.userProperties());
            return new Upgrade.Accepted(
                    answer, completed(answer), new EndpointHandler(session, new CompletableFuture<>()));
        }

        private HeaderFields modify(Answer.Accepted agreed, Map<String, List<String>> parameters) {
            Map<String, List<String>> headers = FieldMap.mutable();
            headers.putAll(FieldMap.of(agreed.head().fields()));
            HandshakeResponse response = () -> headers;
            configurator.modifyHandshake(
                    config, new OpeningRequest(request, FieldMap.of(request.fields()), parameters), response);
            return FieldMap.free(headers);
        }

        /** Those of the query and those of the path. */
        private Map<String, List<String>> parameters() {
            Map<String, List<String>> all = new LinkedHashMap<>(request.parameters());
            pathParameters.forEach((name, value) -> all.putIfAbsent(name, List.of(value)));
            return Collections.unmodifiableMap(all);
        }

        private CompletedHandshake completed(Answer.Accepted answer) {
            return new CompletedHandshake(
                    request.head(),
                    answer.agreement(),
                    HeaderFields.EMPTY,
                    pathParameters,
                    request.request().remoteAddress(),
                    request.request().isSecure(),
                    request.request().peerCertificates());
        }
    }
}
