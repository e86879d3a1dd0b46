package io.duplex.polling;

import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The requests of one client, and the sessions that send them, until the client closes. Thread-safe. */
final class ClientHttp {
    private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(1);

    private final HttpClient http;
    private final Set<CompletableFuture<?>> underWay = ConcurrentHashMap.newKeySet();
    private final Set<ClientSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    ClientHttp(HttpClient http) {
        this.http = http;
    }

    /** Sends a request. What keeps it from being sent comes in the future, too: who chooses the proxy may throw. */
    @SuppressWarnings("CollectionUndefinedEquality") // this very future
    <T> CompletableFuture<HttpResponse<T>> send(HttpRequest request, BodyHandler<T> bodies) {
        CompletableFuture<HttpResponse<T>> exchange;
        try {
            exchange = http.sendAsync(request, bodies);
        } catch (RuntimeException fault) {
            return CompletableFuture.failedFuture(fault);
        }
        underWay.add(exchange);
        exchange.whenComplete((answer, failure) -> underWay.remove(exchange));
        if (closed) {
            exchange.cancel(true);
        }
        return exchange;
    }

    /** A session has begun. */
    void add(ClientSession session) {
        sessions.add(session);
        if (closed) {
            session.abandon();
        }
    }

    /** Nothing is left of a session. */
    void remove(ClientSession session) {
        sessions.remove(session);
    }

    /** Gives up all that is under way, be it the farewell of a session that has ended, and the JDK's threads. */
    void close() {
        closed = true;
        sessions.forEach(ClientSession::abandon);
        underWay.forEach(exchange -> exchange.cancel(true));
        shutDown();
    }

    private void shutDown() {
        try {
            // By name: this is compiled for 17, where they end when the garbage collector finds that nobody uses the
            // client.
            HttpClient.class.getMethod("shutdownNow").invoke(http);
            HttpClient.class.getMethod("awaitTermination", Duration.class).invoke(http, SHUTDOWN_TIMEOUT);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        } catch (NoSuchMethodException | IllegalAccessException before21) {
            // nothing to call
        }
    }
}
