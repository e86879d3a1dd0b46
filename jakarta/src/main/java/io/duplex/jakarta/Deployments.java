package io.duplex.jakarta;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.server.ServerApplicationConfig;
import jakarta.websocket.server.ServerEndpoint;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** The endpoints of one application (Jakarta WebSocket §6). Thread-safe. */
final class Deployments {
    private final TreeMap<UriTemplate, Deployment> endpoints = new TreeMap<>();
    /** By the configuration, which its application may be done with. */
    private final Map<ServerEndpointConfig, OpenSessions> unlisted = Collections.synchronizedMap(new WeakHashMap<>());

    private volatile List<Deployment> inOrder = List.of();
    /** Whether requests come, so that the application as such stands. */
    private volatile boolean serving;

    private boolean failed;

    /** Makes a deployment. */
    @FunctionalInterface
    interface Maker {
        Deployment make() throws DeploymentException;
    }

    /**
     * What was found.
     *
     * @param pathParameters decoded, by name
     */
    record Found(Deployment deployment, Map<String, String> pathParameters) {}

    synchronized void add(Maker maker) throws DeploymentException {
        if (failed) {
            throw new DeploymentException("deployment of the application has failed before");
        }
        try {
            Deployment deployment = maker.make();
            requireFree(deployment);
            endpoints.put(deployment.template(), deployment);
            inOrder = List.copyOf(endpoints.values());
        } catch (DeploymentException fault) {
            if (!serving) {
                failed = true;
                clear();
            }
            throw fault;
        }
    }

    private void requireFree(Deployment deployment) throws DeploymentException {
        Deployment taken = endpoints.get(deployment.template());
        if (taken != null) {
            throw new DeploymentException("path " + deployment.template() + " is taken by " + taken.template() + " of "
                    + taken.config().getEndpointClass().getName());
        }
    }

    synchronized void addAll(Set<Class<?>> classes) throws DeploymentException {
        List<Maker> makers = new ArrayList<>();
        for (ServerEndpointConfig config : configured(classes)) {
            makers.add(() -> Deployment.of(config));
        }
        for (Class<?> endpoint : annotated(classes)) {
            makers.add(() -> Deployment.of(endpoint));
        }
        for (Maker maker : makers) {
            add(maker);
        }
    }

    private static List<ServerApplicationConfig> applicationConfigs(Set<Class<?>> classes) throws DeploymentException {
        List<ServerApplicationConfig> configs = new ArrayList<>();
        for (Class<?> type : classes) {
            if (ServerApplicationConfig.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
                configs.add((ServerApplicationConfig) ClientConnecting.instance(type));
            }
        }
        return configs;
    }

    private static Set<ServerEndpointConfig> configured(Set<Class<?>> classes) throws DeploymentException {
        Set<Class<? extends Endpoint>> endpoints = new HashSet<>();
        for (Class<?> type : classes) {
            if (Endpoint.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
                endpoints.add(type.asSubclass(Endpoint.class));
            }
        }
        Set<ServerEndpointConfig> configured = new HashSet<>();
        for (ServerApplicationConfig config : applicationConfigs(classes)) {
            Set<ServerEndpointConfig> chosen = config.getEndpointConfigs(new HashSet<>(endpoints));
            if (chosen != null) {
                configured.addAll(chosen);
            }
        }
        return configured;
    }

    private static Set<Class<?>> annotated(Set<Class<?>> classes) throws DeploymentException {
        Set<Class<?>> annotated = new HashSet<>();
        for (Class<?> type : classes) {
            if (type.isAnnotationPresent(ServerEndpoint.class)) {
                annotated.add(type);
            }
        }
        List<ServerApplicationConfig> configs = applicationConfigs(classes);
        if (configs.isEmpty()) {
            return annotated;
        }
        Set<Class<?>> chosen = new HashSet<>();
        for (ServerApplicationConfig config : configs) {
            Set<Class<?>> some = config.getAnnotatedEndpointClasses(new HashSet<>(annotated));
            if (some != null) {
                chosen.addAll(some);
            }
        }
        return chosen;
    }

    /** What stands at a path, as sent; {@code null} if nothing does. */
    @Nullable Found find(String path) {
        serving = true;
        List<String> segments = UriTemplate.segments(path);
        if (segments != null) {
            for (Deployment deployment : inOrder) {
                Map<String, String> pathParameters = deployment.template().match(segments);
                if (pathParameters != null) {
                    return new Found(deployment, pathParameters);
                }
            }
        }
        return null;
    }

    /** The deployment of a configuration that requests are upgraded to one by one. */
    Deployment unlisted(ServerEndpointConfig config) throws DeploymentException {
        return Deployment.unlisted(config, unlisted.computeIfAbsent(config, key -> new OpenSessions()));
    }

    /** Takes all endpoints away. */
    synchronized void clear() {
        endpoints.clear();
        inOrder = List.of();
    }
}
