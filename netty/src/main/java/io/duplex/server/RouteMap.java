package io.duplex.server;

import io.duplex.BlockingWebSocketHandler;
import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.connection.BlockingHandler;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.HttpService;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.ServerHandshake;
import java.util.ArrayList;
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
    private final TreeMap<PathTemplate, OrdinaryRoute> httpRoutes = new TreeMap<>();
    private final List<Service> services = new ArrayList<>();

    private record Endpoint(RouteOptions options, BiFunction<Handshake, Executor, WebSocketHandler> handlers) {}

    private record Service(RouteOptions options, HttpService service) {}

    void add(String path, RouteOptions options, Function<? super Handshake, ? extends WebSocketHandler> handlers) {
        put(
                routes,
                PathTemplate.parse(path),
                new Endpoint(options, (handshake, blocking) -> handlers.apply(handshake)));
    }

    void addBlocking(String path, RouteOptions options, BlockingWebSocketHandler code) {
        put(
                routes,
                PathTemplate.parse(path),
                new Endpoint(options, (handshake, blocking) -> BlockingHandler.running(code, blocking)));
    }

    void addHttp(String path, HttpHandler handler) {
        put(httpRoutes, PathTemplate.parse(path), OrdinaryRoute.of(handler));
    }

    void addService(String path, RouteOptions options, HttpService service) {
        put(httpRoutes, PathTemplate.parseOpen(path), new OrdinaryRoute(service, 0, true, options));
        if (services.stream().noneMatch(each -> each.service() == service)) {
            services.add(new Service(options, service));
        }
    }

    /** Tells the services that the server starts; one that stands at several paths by the options of the first. */
    void start(ConnectionSettings settings, Sessions sessions, OriginPolicy origins, Authenticator authenticator) {
        for (Service each : services) {
            Authenticator decides = each.options().authenticatorOr(authenticator);
            each.service()
                    .start(new ServiceDoor(
                            settings,
                            sessions,
                            each.options().originsOr(origins),
                            decides instanceof Anybody ? null : decides));
        }
    }

    private static <T> void put(NavigableMap<PathTemplate, T> routes, PathTemplate template, T target) {
        PathTemplate taken = routes.ceilingKey(template);
        if (template.equals(taken)) {
            throw new IllegalArgumentException("path '" + template + "' is taken by '" + taken + "'");
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
     * @param maxBodyBytes of requests to services
     */
    Routes<OrdinaryRoute> answers(@Nullable String healthPath, Gates gates, int maxBodyBytes) {
        TreeMap<PathTemplate, OrdinaryRoute> answers = new TreeMap<>();
        httpRoutes.forEach((template, route) -> answers.put(
                template,
                route.isService() ? new OrdinaryRoute(route.service(), maxBodyBytes, true, route.options()) : route));
        if (healthPath != null) {
            put(
                    answers,
                    PathTemplate.parse(healthPath),
                    OrdinaryRoute.of(request -> gates.isOpen()
                            ? HttpResponse.text(200, "ready\n")
                            : HttpResponse.text(503, "shutting down\n")));
        }
        return new Routes<>(answers);
    }
}
