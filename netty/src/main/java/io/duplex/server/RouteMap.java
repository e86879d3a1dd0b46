package io.duplex.server;

import io.duplex.BlockingWebSocketHandler;
import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.connection.BlockingHandler;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.ServerHandshake;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a server that is being built has at which path. Confined to one thread at a time. */
final class RouteMap {
    private final TreeMap<PathTemplate, Endpoint> routes = new TreeMap<>();
    private final TreeMap<PathTemplate, HttpHandler> httpRoutes = new TreeMap<>();

    private record Endpoint(RouteOptions options, BiFunction<Handshake, Executor, WebSocketHandler> handlers) {}

    void add(String path, RouteOptions options, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        put(routes, path, new Endpoint(options, (handshake, blocking) -> handlers.apply(handshake)));
    }

    void addBlocking(String path, RouteOptions options, BlockingWebSocketHandler code) {
        put(routes, path, new Endpoint(options, (handshake, blocking) -> BlockingHandler.running(code, blocking)));
    }

    void addHttp(String path, HttpHandler handler) {
        put(httpRoutes, path, handler);
    }

    private static <T> void put(NavigableMap<PathTemplate, T> routes, String path, T target) {
        PathTemplate template = PathTemplate.parse(path);
        PathTemplate taken = routes.ceilingKey(template);
        if (template.equals(taken)) {
            throw new IllegalArgumentException("path '" + path + "' is taken by '" + taken + "'");
        }
        routes.put(template, target);
    }

    /**
     * The endpoints.
     *
     * @param handshake what all agree on
     * @param subprotocols those of routes that have none of their own
     * @param blocking runs the code of blocking routes
     */
    Routes<WebSocketRoute> endpoints(
            ServerHandshake.Builder handshake,
            List<String> subprotocols,
            OriginPolicy origins,
            Authenticator authenticator,
            Executor blocking) {
        TreeMap<PathTemplate, WebSocketRoute> endpoints = new TreeMap<>();
        routes.forEach((template, endpoint) -> {
            Authenticator decides = endpoint.options().authenticatorOr(authenticator);
            endpoints.put(
                    template,
                    new WebSocketRoute(
                            template,
                            handshake
                                    .origins(endpoint.options().originsOr(origins))
                                    .subprotocols(endpoint.options().subprotocolsOr(subprotocols))
                                    .build(),
                            endpoint.options().dialect(),
                            decides instanceof Anybody ? null : decides,
                            opened -> endpoint.handlers().apply(opened, blocking)));
        });
        return new Routes<>(endpoints);
    }

    /**
     * The ordinary answers.
     *
     * @param healthPath where to tell whether {@code gates} are open; {@code null} for nowhere
     */
    Routes<HttpHandler> answers(@Nullable String healthPath, Gates gates) {
        TreeMap<PathTemplate, HttpHandler> answers = new TreeMap<>(httpRoutes);
        if (healthPath != null) {
            put(
                    answers,
                    healthPath,
                    request -> gates.isOpen()
                            ? HttpResponse.text(200, "ready\n")
                            : HttpResponse.text(503, "shutting down\n"));
        }
        return new Routes<>(answers);
    }
}
