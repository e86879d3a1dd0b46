package io.duplex.spring;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.WebSocket;
import io.duplex.server.ServerListener;
import io.duplex.server.WebSocketServer;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Serves Jakarta endpoints on a port of their own, and counts its connections. Thread-safe. */
final class OwnPort implements ServerListener {
    /** The property that says which port it is, as {@code local.server.port} does for the application's. */
    static final String LOCAL_PORT = "local.duplex.port";

    private final WebSocketServer.Builder builder;
    private final ConfigurableEnvironment environment;
    private final LongAdder opened = new LongAdder();
    private final Map<ClosedBy, LongAdder> ended;
    private volatile @Nullable WebSocketServer server;

    OwnPort(WebSocketServer.Builder builder, ConfigurableEnvironment environment) {
        this.builder = builder.listener(this);
        this.environment = environment;
        Map<ClosedBy, LongAdder> counts = new EnumMap<>(ClosedBy.class);
        for (ClosedBy cause : ClosedBy.values()) {
            counts.put(cause, new LongAdder());
        }
        this.ended = Collections.unmodifiableMap(counts);
    }

    void start() {
        WebSocketServer started = builder.start();
        server = started;
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("duplex.ports", Map.of(LOCAL_PORT, started.port())));
        System.getLogger(OwnPort.class.getName())
                .log(System.Logger.Level.INFO, "Jakarta endpoints are {0}", description(started));
    }

    void close() {
        WebSocketServer started = server;
        if (started != null) {
            started.close();
        }
    }

    /** How connections are served; {@code null} before it has started. */
    @Nullable String description() {
        WebSocketServer started = server;
        return started == null ? null : description(started);
    }

    private static String description(WebSocketServer started) {
        return "on port " + started.port() + " too, by " + started.io()
                + (started.isSecure() ? " with TLS" : " without TLS");
    }

    int connections() {
        WebSocketServer started = server;
        return started == null ? 0 : started.connections();
    }

    long opened() {
        return opened.sum();
    }

    long ended(ClosedBy cause) {
        return Objects.requireNonNull(ended.get(cause)).sum();
    }

    @Override
    public void onConnectionOpened(WebSocket socket) {
        opened.increment();
    }

    @Override
    public void onConnectionClosed(WebSocket socket, CloseOutcome outcome) {
        Objects.requireNonNull(ended.get(outcome.closedBy())).increment();
    }
}
