package io.duplex.jakarta;

import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.connection.Connector;
import io.duplex.extension.ExtensionElement;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.HeaderFields;
import jakarta.websocket.ClientEndpoint;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The client's half of a container (Jakarta WebSocket §2.1.4, §3.2). Thread-safe. */
final class ClientConnecting {
    private final ContainerSettings settings;
    private final PermessageDeflate compression;
    /** By the class of the endpoint, which its application may be done with. */
    private final Map<Class<?>, OpenSessions> sessions = Collections.synchronizedMap(new WeakHashMap<>());

    /** What threads wait for. */
    private final Map<Thread, CompletableFuture<EndpointSession>> waiting = new ConcurrentHashMap<>();

    // Guarded by this.
    private @Nullable Connector connector;
    private boolean closed;

    ClientConnecting(ContainerSettings settings, PermessageDeflate compression) {
        this.settings = settings;
        this.compression = compression;
    }

    /** Connects an annotated endpoint. */
    Session connect(WebSocketContainer container, Object endpoint, URI uri) throws DeploymentException, IOException {
        ClientEndpoint annotation = endpoint.getClass().getAnnotation(ClientEndpoint.class);
        if (annotation == null) {
            throw new DeploymentException(endpoint.getClass().getName() + " is no @ClientEndpoint");
        }
        ClientEndpointConfig config = ClientEndpointConfig.Builder.create()
                .configurator(instance(annotation.configurator()))
                .encoders(List.of(annotation.encoders()))
                .decoders(List.of(annotation.decoders()))
                .preferredSubprotocols(List.of(annotation.subprotocols()))
                .build();
        CoderTypes coders = CoderTypes.of(config);
        EndpointModel model = EndpointModel.of(endpoint.getClass(), coders);
        return connect(container, new AnnotatedEndpoint(model, endpoint), endpoint.getClass(), config, coders, uri);
    }

    /** Connects a programmatic endpoint. */
    Session connect(WebSocketContainer container, Endpoint endpoint, @Nullable ClientEndpointConfig config, URI uri)
            throws DeploymentException, IOException {
        ClientEndpointConfig given =
                config == null ? ClientEndpointConfig.Builder.create().build() : config;
        return connect(container, endpoint, endpoint.getClass(), given, CoderTypes.of(given), uri);
    }

    /** Makes an object with its constructor without parameters. */
    static <T> T instance(Class<T> type) throws DeploymentException {
        try {
            return type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new DeploymentException(type.getName() + " cannot be made: " + e, e);
        }
    }

    private Session connect(
            WebSocketContainer container,
            Endpoint endpoint,
            Class<?> type,
            ClientEndpointConfig config,
            CoderTypes coders,
            URI uri)
            throws DeploymentException, IOException {
        Connector.Request request = request(config, uri);
        ClassLoader classLoader = Thread.currentThread().getContextClassLoader();
        OpenSessions siblings = sessions.computeIfAbsent(type, key -> new OpenSessions());
        CompletableFuture<EndpointSession> opened = new CompletableFuture<>();
        waiting.put(Thread.currentThread(), opened);
        try {
            connector()
                    .connect(request, handshake -> {
                        SessionSetup setup = new SessionSetup(
                                container, settings, endpoint, config, coders, siblings, classLoader, () -> {
                                    config.getConfigurator().afterResponse(response(handshake));
                                    return null;
                                });
                        return new EndpointHandler(
                                new EndpointSession(setup, origin(handshake, uri), config.getUserProperties()), opened);
                    })
                    .whenComplete((socket, failure) -> {
                        if (failure != null) {
                            opened.completeExceptionally(failure);
                        }
                    });
            return opened.get();
        } catch (IllegalArgumentException e) {
            throw new DeploymentException("cannot connect to " + uri + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted while connecting to " + uri);
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HandshakeException failure) {
                throw new DeploymentException(String.valueOf(failure.getMessage()), failure);
            }
            throw new IOException("cannot connect to " + uri, e.getCause());
        } finally {
            waiting.remove(Thread.currentThread());
        }
    }

    private Connector.Request request(ClientEndpointConfig config, URI uri) throws DeploymentException {
        String scheme = uri.getScheme();
        if (scheme == null || !scheme.toLowerCase(Locale.ROOT).matches("wss?") || uri.getHost() == null) {
            throw new DeploymentException(uri + " is no ws: or wss: URI");
        }
        Map<String, List<String>> headers = FieldMap.mutable();
        config.getConfigurator().beforeRequest(headers);
        HeaderFields fields;
        try {
            fields = FieldMap.free(headers);
        } catch (IllegalArgumentException e) {
            throw new DeploymentException("the configurator set a header field that cannot be sent", e);
        }
        PermessageDeflate offered = PermessageDeflate.DISABLED;
        List<ExtensionElement> others = new ArrayList<>();
        for (Extension extension : config.getExtensions()) {
            if (NamedExtension.isPermessageDeflate(extension)) {
                offered = compression;
            } else {
                others.add(NamedExtension.element(extension));
            }
        }
        return new Connector.Request(
                uri.toString(), fields, config.getPreferredSubprotocols(), offered, others, config.getSSLContext());
    }

    private static HandshakeResponse response(Handshake handshake) {
        Map<String, List<String>> headers = FieldMap.mutable();
        headers.putAll(handshake.responseHeaders());
        return () -> headers;
    }

    private static SessionOrigin origin(Handshake handshake, URI uri) {
        return new SessionOrigin(
                uri,
                QueryParameters.parse(handshake.query()),
                handshake.query(),
                Map.of(),
                null,
                handshake.isSecure(),
                null);
    }

    private synchronized Connector connector() {
        if (closed) {
            throw new IllegalStateException("the container is closed");
        }
        Connector present = connector;
        if (present == null) {
            present = load();
            connector = present;
        }
        return present;
    }

    private static Connector load() {
        Iterator<Connector.Provider> found = ServiceLoader.load(
                        Connector.Provider.class, Connector.Provider.class.getClassLoader())
                .iterator();
        if (!found.hasNext()) {
            found = ServiceLoader.load(Connector.Provider.class).iterator();
        }
        if (!found.hasNext()) {
            throw new IllegalStateException("no transport to connect with: add duplex-netty");
        }
        return found.next().connector();
    }

    /** Closes all connections, and has nobody wait for one any more. */
    void close() {
        Connector toClose;
        synchronized (this) {
            closed = true;
            toClose = connector;
        }
        waiting.values().forEach(opened -> opened.completeExceptionally(new IOException("the container is closed")));
        if (toClose != null) {
            toClose.close();
        }
    }
}
