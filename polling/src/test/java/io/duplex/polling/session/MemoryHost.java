package io.duplex.polling.session;

import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Timeouts;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.ServiceHost;
import io.duplex.connection.Topics;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.testkit.VirtualLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A server without sockets below a service. Confined to the test's thread. */
public final class MemoryHost implements ServiceHost {
    private final VirtualLoop loop = new VirtualLoop();
    private final Topics topics = new Topics();
    private final List<Throwable> faults = new ArrayList<>();
    private final List<Connection> sessions = new ArrayList<>();
    private final List<CloseOutcome> outcomes = new ArrayList<>();
    private Limits limits = Limits.DEFAULT;
    private Timeouts timeouts = Timeouts.DEFAULT;
    private OriginPolicy origins = OriginPolicy.sameOrigin();
    private boolean draining;

    public MemoryHost() {
        topics.add(loop.shared());
    }

    public MemoryHost limits(Limits bounds) {
        limits = bounds;
        return this;
    }

    public MemoryHost timeouts(Timeouts times) {
        timeouts = times;
        return this;
    }

    public MemoryHost origins(OriginPolicy policy) {
        origins = policy;
        return this;
    }

    /** From now on no session is admitted. */
    public void drain() {
        draining = true;
    }

    public VirtualLoop loop() {
        return loop;
    }

    public Topics topics() {
        return topics;
    }

    /** What handlers threw. */
    public List<Throwable> faults() {
        return faults;
    }

    /** The sessions that are open. */
    public List<Connection> sessions() {
        return sessions;
    }

    /** How sessions ended. */
    public List<CloseOutcome> outcomes() {
        return outcomes;
    }

    @Override
    public ConnectionSettings settings() {
        return new ConnectionSettings(
                limits, timeouts, PermessageDeflate.DISABLED, topics, (socket, fault) -> faults.add(fault));
    }

    @Override
    public OriginPolicy origins() {
        return origins;
    }

    @Override
    public CompletionStage<Handshake> admit(HttpExchange exchange, Agreement agreement) {
        if (draining) {
            return refuse(503, "draining");
        }
        HeaderFields fields = exchange.head().fields();
        if (!origins.permits(fields.first("Origin"), String.valueOf(fields.first("Host")), exchange.isSecure())) {
            return refuse(403, "origin");
        }
        return CompletableFuture.completedFuture(new CompletedHandshake(
                exchange.head(),
                agreement,
                HeaderFields.EMPTY,
                Map.of(),
                exchange.remoteAddress(),
                exchange.isSecure(),
                List.of()));
    }

    private static CompletionStage<Handshake> refuse(int status, String why) {
        return CompletableFuture.failedFuture(
                new HandshakeException(status, why, Map.of("retry-after", List.of("1")), new byte[0], null));
    }

    @Override
    public void opened(Connection session) {
        sessions.add(session);
    }

    @Override
    public void closed(Connection session, CloseOutcome outcome) {
        sessions.remove(session);
        outcomes.add(outcome);
    }
}
