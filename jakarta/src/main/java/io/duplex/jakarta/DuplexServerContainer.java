package io.duplex.jakarta;

import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeHandler;
import io.duplex.connection.UpgradeRequest;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.OriginPolicy;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Deploys server endpoints (Jakarta WebSocket §6) of one application. It has no port: a host asks it. That of Duplex's own server
 * is
 *
 * <pre>{@code
 * var container = DuplexServerContainer.builder().build();
 * container.addEndpoint(Chat.class);
 * var server = WebSocketServer.builder().upgrades(container.at("/app")).start();
 * }</pre>
 *
 * <p>Endpoints run on virtual threads where the JVM has them, and may block; the callbacks of one session never overlap. Pages of
 * other origins may connect only if the container or the endpoint's configurator says so. Thread-safe.
 */
public final class DuplexServerContainer extends EndpointContainer implements ServerContainer, AutoCloseable {
    private final PermessageDeflate compression;
    private final OriginPolicy origins;
    private final @Nullable HttpUpgrade httpUpgrade;
    private final Deployments deployments = new Deployments();

    private DuplexServerContainer(Builder builder) {
        super(new ContainerSettings(builder.executor, "duplex-jakarta", builder.blockingSendTimeout));
        this.compression = builder.compression;
        this.origins = builder.origins;
        this.httpUpgrade = builder.httpUpgrade;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    PermessageDeflate compression() {
        return compression;
    }

    // Deployment

    /**
     * Adds an annotated endpoint. If one fails before the first request has come, the application as a whole is not deployed:
     * none of its endpoints stays, and none can be added (§6.3).
     */
    @Override
    public void addEndpoint(Class<?> endpoint) throws DeploymentException {
        deployments.add(() -> Deployment.of(endpoint));
    }

    /** Adds an endpoint with its configuration, as {@link #addEndpoint(Class)}. */
    @Override
    public void addEndpoint(ServerEndpointConfig config) throws DeploymentException {
        deployments.add(() -> Deployment.of(config));
    }

    /**
     * Deploys what was found in an application's classes (§6.2): all annotated endpoints or, where there are implementations of
     * {@link jakarta.websocket.server.ServerApplicationConfig}, what these say.
     *
     * @param classes annotated endpoints, subclasses of {@link Endpoint} and those implementations; others are passed over
     * @throws DeploymentException if one breaks a rule; then none is deployed
     */
    public void deploy(Set<Class<?>> classes) throws DeploymentException {
        deployments.addAll(classes);
    }

    // For hosts

    /**
     * The endpoint at a path; a literal segment goes before a variable (§3.1.1).
     *
     * @param path within the application, as sent: it begins with a slash and is percent-encoded
     * @return {@code null} if there is none
     */
    public @Nullable EndpointMatch match(String path) {
        Deployments.Found found = deployments.find(path);
        return found == null ? null : new EndpointMatch(this, found.deployment(), origins, found.pathParameters());
    }

    /**
     * The application at a path of a server, for {@code WebSocketServer}'s builder.
     *
     * @param contextPath empty, or beginning with a slash and not ending with one
     */
    public UpgradeHandler at(String contextPath) {
        return request -> {
            String path = request.head().path();
            EndpointMatch match =
                    path.startsWith(contextPath + "/") ? match(path.substring(contextPath.length())) : null;
            return match == null ? null : answerLater(match, request);
        };
    }

    private CompletionStage<Upgrade> answerLater(EndpointMatch match, UpgradeRequest request) {
        EndpointRequest known = EndpointRequest.of(request).build();
        return CompletableFuture.supplyAsync(() -> match.answer(known), settings()::execute);
    }

    /** Closes the sessions that were opened within an HTTP session, which has ended, with 1008 (§7.2). */
    public void httpSessionEnded(Object httpSession) {
        CloseReason reason = new CloseReason(CloseCodes.VIOLATED_POLICY, "the HTTP session has ended");
        for (EndpointSession session : settings().sessions().all()) {
            if (httpSession.equals(session.origin().httpSession())) {
                session.closeElsewhere(reason);
            }
        }
    }

    /**
     * Upgrades a servlet's request. Whether its origin may connect is for the caller to know, and for the configurator: the
     * container's policy does not hold.
     */
    @Override
    public void upgradeHttpToWebSocket(
            Object request, Object response, ServerEndpointConfig config, Map<String, String> pathParameters)
            throws IOException, DeploymentException {
        if (httpUpgrade == null) {
            throw new UnsupportedOperationException("this container's host has no servlet requests");
        }
        EndpointMatch match = new EndpointMatch(this, deployments.unlisted(config), OriginPolicy.any(), pathParameters);
        httpUpgrade.upgrade(request, response, match);
    }

    @Override
    public Set<Extension> getInstalledExtensions() {
        return compression.isEnabled() ? Set.of(NamedExtension.PERMESSAGE_DEFLATE) : Set.of();
    }

    /**
     * Takes the endpoints away, closes all sessions with 1001 and gives their endpoints up to 5 s to be told. Threads of its own end:
     * callbacks that still run are interrupted.
     */
    @Override
    public void close() {
        deployments.clear();
        close("the application is undeployed");
    }

    /** Builds {@link DuplexServerContainer}s. Confined to one thread at a time. */
    public static final class Builder {
        private @Nullable Executor executor;
        private Duration blockingSendTimeout = Duration.ofSeconds(20);
        private PermessageDeflate compression = PermessageDeflate.DEFAULT;
        private OriginPolicy origins = OriginPolicy.sameOrigin();
        private @Nullable HttpUpgrade httpUpgrade;

        private Builder() {}

        /** Sets what runs endpoints; it must have a thread for each that blocks. Default: virtual threads, or a pool of its own. */
        public Builder executor(Executor threads) {
            executor = threads;
            return this;
        }

        /**
         * Sets how long a send of {@code Session.getBasicRemote()} waits for a peer that does not read, before the session is
         * aborted. Default 20 s.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder blockingSendTimeout(Duration timeout) {
            if (timeout.isNegative() || timeout.isZero()) {
                throw new IllegalArgumentException("blockingSendTimeout is " + timeout + ", must be positive");
            }
            blockingSendTimeout = timeout;
            return this;
        }

        /** Sets whether and how messages are compressed where the client offers it. Default {@link PermessageDeflate#DEFAULT}. */
        public Builder compression(PermessageDeflate options) {
            compression = options;
            return this;
        }

        /**
         * Sets which pages may connect to endpoints whose configurator does not override {@code checkOrigin}. Default {@link
         * OriginPolicy#sameOrigin()}.
         */
        public Builder origins(OriginPolicy policy) {
            origins = policy;
            return this;
        }

        /** Sets how requests of a servlet container are upgraded. Default: not at all. */
        public Builder httpUpgrade(HttpUpgrade upgrade) {
            httpUpgrade = upgrade;
            return this;
        }

        /** Builds the container. */
        public DuplexServerContainer build() {
            return new DuplexServerContainer(this);
        }
    }
}
