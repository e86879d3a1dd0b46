package io.duplex.examples;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Polls an endpoint that exists, once for all, and publishes what has changed to a topic: its clients need not ask any more. It
 * knows two manners. State: every answer is the whole, an ETag saves those that are the same. Changes: every answer has what is
 * new since the last one, which the next request names. Thread-safe.
 */
final class EndpointBridge implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(EndpointBridge.class.getName());
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int OK = 200;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "endpoint-bridge");
        thread.setDaemon(true);
        return thread;
    });
    private final String topic;
    private final Function<HttpResponse<String>, URI> next;
    private URI uri;
    private @Nullable String etag;
    /** What a new subscriber gets; {@code null} before the first answer, and where answers are changes. */
    private volatile @Nullable String state;

    private final boolean hasState;

    private EndpointBridge(URI uri, String topic, boolean hasState, Function<HttpResponse<String>, URI> next) {
        this.uri = uri;
        this.topic = topic;
        this.hasState = hasState;
        this.next = next;
    }

    /** A bridge from an endpoint whose every answer is the whole state. */
    static EndpointBridge ofState(URI endpoint, String topic) {
        return new EndpointBridge(endpoint, topic, true, answer -> endpoint);
    }

    /**
     * A bridge from an endpoint whose answers are changes.
     *
     * @param first what to ask first
     * @param next what to ask after an answer with changes, such as the same with another {@code since=}
     */
    static EndpointBridge ofChanges(URI first, String topic, Function<HttpResponse<String>, URI> next) {
        return new EndpointBridge(first, topic, false, next);
    }

    // tag::subscriber
    /** What a route is given: who connects has the state at once, then each change. */
    WebSocketHandler subscriber() {
        return new WebSocketHandler() {
            @Override
            public void onOpen(WebSocket socket) {
                socket.subscribe(topic); // first: what is published from here on comes behind the state
                String present = state;
                if (present != null) {
                    socket.send(present);
                }
            }
        };
    }
    // end::subscriber

    /** Polls from now on, and publishes to the sockets of {@code server}. */
    void start(WebSocketServer server, Duration interval) {
        clock.scheduleWithFixedDelay(() -> poll(server), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    // tag::poll
    private void poll(WebSocketServer server) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
            if (etag != null) {
                request.header("If-None-Match", etag);
            }
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == OK && !answer.body().equals(state)) {
                if (hasState) {
                    state = answer.body();
                    etag = answer.headers().firstValue("ETag").orElse(null);
                }
                uri = next.apply(answer);
                server.publish(topic, answer.body());
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "polling " + uri + " failed; it goes on", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
    // end::poll

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
