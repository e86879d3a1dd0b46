package io.duplex.server;

import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.HandshakeException;
import io.duplex.connection.Connection;
import io.duplex.connection.ConnectionSettings;
import io.duplex.connection.HttpExchange;
import io.duplex.connection.ServiceHost;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HandshakeFault;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The way into a server for the sessions of one service: the same that an opening handshake goes. Thread-safe.
 *
 * @param settings of all connections
 * @param sessions where they are counted
 * @param origins which pages may open one
 * @param authenticator who decides about peers; {@code null} if everybody may come
 */
record ServiceDoor(
        ConnectionSettings settings,
        Sessions sessions,
        OriginPolicy origins,
        @Nullable Authenticator authenticator) implements ServiceHost {
    private static final int INTERNAL_ERROR = 500;

    @Override
    public CompletionStage<Handshake> admit(HttpExchange exchange, Agreement agreement) {
        if (!(exchange instanceof ServedExchange served)) {
            throw new IllegalArgumentException("the exchange is none that this server has made");
        }
        CompletableFuture<Handshake> admitted = new CompletableFuture<>();
        Answer.Refused refusal = refusal(exchange);
        if (refusal == null) {
            admit(served, agreement, admitted);
        } else {
            refuse(served, refusal, admitted);
        }
        return admitted;
    }

    /** What can be said at once; {@code null} if there is nothing against the client so far. */
    private Answer.@Nullable Refused refusal(HttpExchange exchange) {
        Answer.Refused turnedAway = sessions.turnedAway(exchange.remoteAddress());
        if (turnedAway == null && !RequestMemory.SHARED.hasRoomForHead(RequestMemory.ofHead(exchange.head()))) {
            return sessions.gates().exhausted();
        }
        return turnedAway != null || isPermitted(exchange)
                ? turnedAway
                : Answer.Refused.of(HandshakeFault.ORIGIN_NOT_ALLOWED);
    }

    private boolean isPermitted(HttpExchange exchange) {
        HeaderFields fields = exchange.head().fields();
        List<String> all = fields.all("Origin");
        String host = fields.first("Host");
        String origin = all.isEmpty() ? null : all.get(0);
        return all.size() <= 1 && origins.permits(origin, host == null ? "" : host, exchange.isSecure());
    }

    private void admit(ServedExchange exchange, Agreement agreement, CompletableFuture<Handshake> admitted) {
        Handshake agreed = handshake(exchange, agreement);
        Authenticator decides = authenticator;
        if (decides == null) {
            admitted.complete(agreed);
            return;
        }
        CompletableFuture<Authentication> decision;
        try {
            decision = decides.authenticate(agreed).toCompletableFuture();
        } catch (Throwable fault) {
            decision = CompletableFuture.failedFuture(fault);
        }
        Duration limit = settings.timeouts().handshake();
        CompletableFuture<Authentication> bounded = decision.thenApply(result -> result);
        if (!bounded.isDone() && !limit.isZero()) {
            bounded.orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS);
        }
        CompletableFuture<Authentication> waiting = decision;
        bounded.whenComplete((result, fault) -> {
            if (fault instanceof TimeoutException) {
                waiting.cancel(true);
            }
            exchange.onLoop(() -> decide(exchange, agreed, result, fault, admitted));
        });
    }

    private static Handshake handshake(ServedExchange exchange, Agreement agreement) {
        Handshake completed = new CompletedHandshake(
                exchange.head(),
                agreement,
                HeaderFields.EMPTY,
                exchange.pathParameters(),
                exchange.remoteAddress(),
                exchange.isSecure(),
                exchange.visitor().transport().peerCertificates());
        return new GatedHandshake(completed, exchange.visitor().transport().remoteAddress(), null, Map.of());
    }

    private void decide(
            ServedExchange exchange,
            Handshake agreed,
            @Nullable Authentication decision,
            @Nullable Throwable fault,
            CompletableFuture<Handshake> admitted) {
        Answer.Refused turnedAway = sessions.turnedAway(exchange.remoteAddress());
        if (turnedAway != null) {
            refuse(exchange, turnedAway, admitted);
        } else if (decision instanceof Authentication.Accepted who) {
            exchange.addFields(who.fields());
            admitted.complete(new GatedHandshake(agreed, agreed.peerAddress(), who.principal(), who.attributes()));
        } else if (decision instanceof Authentication.Refused refused) {
            HttpResponse answer = refused.answer();
            refuse(
                    exchange,
                    new HandshakeException(
                            answer.status(),
                            "refused by the authenticator",
                            answer.fields().toMap(),
                            answer.body(),
                            null),
                    admitted);
        } else {
            fail(exchange, fault, admitted);
        }
    }

    private void fail(ServedExchange exchange, @Nullable Throwable fault, CompletableFuture<Handshake> admitted) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof TimeoutException) {
            refuse(exchange, sessions.gates().undecided(), admitted);
        } else if (cause instanceof HandshakeException refusal && refusal.status() >= 300) {
            byte[] body = String.valueOf(refusal.getMessage()).getBytes(StandardCharsets.UTF_8);
            refuse(
                    exchange,
                    new HandshakeException(refusal.status(), "refused", refusal.headers(), body, refusal),
                    admitted);
        } else {
            exchange.visitor()
                    .server()
                    .logFault(
                            "authenticator of " + exchange.head().path() + " failed",
                            cause == null ? new NullPointerException("decision is null") : cause);
            refuse(exchange, Answer.Refused.of(INTERNAL_ERROR, HeaderFields.EMPTY, "internal error"), admitted);
        }
    }

    private static void refuse(ServedExchange exchange, Answer.Refused refusal, CompletableFuture<Handshake> admitted) {
        HeaderFields fields = HeaderFields.builder()
                .addAll(refusal.extraFields())
                .add("Content-Type", "text/plain; charset=utf-8")
                .build();
        byte[] body = refusal.body().getBytes(StandardCharsets.UTF_8);
        refuse(
                exchange,
                new HandshakeException(refusal.status(), refusal.body().strip(), fields.toMap(), body, null),
                admitted);
    }

    private static void refuse(
            ServedExchange exchange, HandshakeException refusal, CompletableFuture<Handshake> admitted) {
        exchange.visitor().gates().refused(refusal.status(), exchange.remoteAddress());
        admitted.completeExceptionally(refusal);
    }

    @Override
    public void opened(Connection session) {
        sessions.opened(session);
    }

    @Override
    public void closed(Connection session, CloseOutcome outcome) {
        sessions.closed(session, outcome);
    }
}
