package io.duplex.examples;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The way from polling to push, step by step: each step brings the same changes to the same number of clients over real sockets,
 * and what it took is counted.
 *
 * <p>{@code FromPollingToPush [clients] [changes] [millis between changes] [millis between polls]}
 */
final class FromPollingToPush {
    private static final String TOPIC = "prices";

    private final int clients;
    private final int changes;
    private final Duration pause;
    private final Duration interval;

    /**
     * What one step took.
     *
     * @param requests that the application answered
     * @param bytes on all connections, headers and all
     * @param updates that clients saw: each state counts once for each client
     */
    record Result(String step, long requests, long bytes, long updates) {}

    FromPollingToPush(int clients, int changes, Duration pause, Duration interval) {
        this.clients = clients;
        this.changes = changes;
        this.pause = pause;
        this.interval = interval;
    }

    public static void main(String[] arguments) throws Exception {
        int[] numbers = {50, 10, 3000, 500};
        for (int i = 0; i < arguments.length; i++) {
            numbers[i] = Integer.parseInt(arguments[i]);
        }
        FromPollingToPush way = new FromPollingToPush(
                numbers[0], numbers[1], Duration.ofMillis(numbers[2]), Duration.ofMillis(numbers[3]));
        List<Result> results = way.run();
        Result first = results.get(0);
        System.out.printf("%-34s %10s %10s %12s %10s %9s%n", "step", "requests", "saved", "bytes", "saved", "updates");
        for (Result result : results) {
            System.out.printf(
                    "%-34s %10d %9.1f%% %12d %9.1f%% %9d%n",
                    result.step(),
                    result.requests(),
                    saved(first.requests(), result.requests()),
                    result.bytes(),
                    saved(first.bytes(), result.bytes()),
                    result.updates());
        }
    }

    private static double saved(long before, long now) {
        return 100.0 * (before - now) / before;
    }

    /** Goes all steps. */
    List<Result> run() throws Exception {
        return List.of(poll(false), poll(true), bridge(false), bridge(true), push());
    }

    /** Every client asks for itself, with an ETag or without. */
    Result poll(boolean withEtag) throws Exception {
        try (PriceService service = new PriceService();
                ByteMeter meter = ByteMeter.before(service.port())) {
            Seen seen = new Seen();
            HttpClient http =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            ScheduledExecutorService clock = Executors.newScheduledThreadPool(8);
            URI uri = URI.create("http://127.0.0.1:" + meter.port() + "/prices");
            for (int client = 0; client < clients; client++) {
                Poller poller = new Poller(http, uri, withEtag, client, seen);
                long first = interval.toMillis() * client / clients;
                clock.scheduleAtFixedRate(poller, first, interval.toMillis(), TimeUnit.MILLISECONDS);
            }
            try {
                seen.await();
                change(service);
                seen.awaitState(service.state());
            } finally {
                clock.shutdownNow();
            }
            String step = withEtag ? "2. everybody polls, with an ETag" : "1. everybody polls";
            return new Result(step, service.requests(), meter.bytes(), seen.updates());
        }
    }

    /** A bridge asks for all of them: for the state, or for changes. */
    Result bridge(boolean forChanges) throws Exception {
        try (PriceService service = new PriceService();
                ByteMeter behind = ByteMeter.before(service.port());
                EndpointBridge bridge = forChanges ? changesBridge(behind.port()) : stateBridge(behind.port());
                WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .route("/live", handshake -> bridge.subscriber())
                        .start();
                ByteMeter front = ByteMeter.before(server.port())) {
            bridge.start(server, interval);
            try (WebSocketClient client = WebSocketClient.create()) {
                Seen seen = new Seen();
                connect(client, front.port(), seen);
                change(service);
                seen.awaitState(forChanges ? "\"change\":" + changes + "," : service.state());
                String step = forChanges ? "4. the bridge asks for changes" : "3. the bridge polls, with an ETag";
                return new Result(step, service.requests(), behind.bytes() + front.bytes(), seen.updates());
            }
        }
    }

    // tag::state
    private static EndpointBridge stateBridge(int port) {
        return EndpointBridge.ofState(URI.create("http://127.0.0.1:" + port + "/prices"), TOPIC);
    }
    // end::state

    // tag::changes
    private static EndpointBridge changesBridge(int port) {
        URI changes = URI.create("http://127.0.0.1:" + port + "/changes?since=0");
        return EndpointBridge.ofChanges(
                changes,
                TOPIC,
                answer -> changes.resolve("/changes?since="
                        + answer.headers().firstValue("Next-Since").orElseThrow()));
    }
    // end::changes

    /** The application says itself when something has changed: nobody asks. */
    Result push() throws Exception {
        try (PriceService service = new PriceService();
                WebSocketServer server = WebSocketServer.builder()
                        .port(0)
                        .route("/live", handshake -> new Subscriber())
                        .start();
                ByteMeter front = ByteMeter.before(server.port());
                WebSocketClient client = WebSocketClient.create()) {
            // tag::push
            service.onChange(state -> server.publish(TOPIC, state));
            // end::push
            Seen seen = new Seen();
            connect(client, front.port(), seen);
            change(service);
            seen.awaitState(service.state());
            return new Result("5. the application publishes", service.requests(), front.bytes(), seen.updates());
        }
    }

    private void connect(WebSocketClient client, int port, Seen seen) throws Exception {
        for (int number = 0; number < clients; number++) {
            int who = number;
            WebSocketHandler handler = new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    seen.accept(who, text);
                }
            };
            client.connectAsync("ws://127.0.0.1:" + port + "/live", handler).get(10, TimeUnit.SECONDS);
        }
    }

    private void change(PriceService service) throws InterruptedException {
        for (int i = 0; i < changes; i++) {
            Thread.sleep(pause.toMillis());
            service.change();
        }
    }

    private static final class Subscriber implements WebSocketHandler {
        @Override
        public void onOpen(WebSocket socket) {
            socket.subscribe(TOPIC);
        }
    }

    /** A page that asks again and again. */
    private static final class Poller implements Runnable {
        private final HttpClient http;
        private final URI uri;
        private final boolean withEtag;
        private final int who;
        private final BiConsumer<Integer, String> seen;
        private @Nullable String etag;

        Poller(HttpClient http, URI uri, boolean withEtag, int who, BiConsumer<Integer, String> seen) {
            this.http = http;
            this.uri = uri;
            this.withEtag = withEtag;
            this.who = who;
            this.seen = seen;
        }

        @Override
        public void run() {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri);
            if (withEtag && etag != null) {
                request.header("If-None-Match", etag);
            }
            try {
                HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
                etag = answer.headers().firstValue("ETag").orElse(null);
                if (answer.statusCode() == 200) {
                    seen.accept(who, answer.body());
                }
            } catch (IOException e) {
                throw new IllegalStateException("polling failed", e); // ends this client, and with it the step
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What clients have seen. Thread-safe. */
    private final class Seen implements BiConsumer<Integer, String> {
        private static final long PATIENCE_SECONDS = 30;

        private final Set<String> updates = ConcurrentHashMap.newKeySet();
        private final CountDownLatch all = new CountDownLatch(clients);

        @Override
        public void accept(Integer who, String state) {
            if (updates.add(who + " " + state)) {
                all.countDown();
            }
        }

        /** Waits until every client has something. */
        void await() throws InterruptedException {
            if (!all.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not every client was answered");
            }
        }

        /** Waits until every client has an update in which {@code last} stands. */
        void awaitState(String last) throws InterruptedException {
            long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!haveAll(last)) {
                if (System.nanoTime() - untilNanos > 0) {
                    throw new IllegalStateException("not every client has the last change");
                }
                Thread.sleep(5);
            }
        }

        private boolean haveAll(String last) {
            return IntStream.range(0, clients)
                    .allMatch(who ->
                            updates.stream().anyMatch(update -> update.startsWith(who + " ") && update.contains(last)));
        }

        long updates() {
            return updates.size();
        }
    }
}
