package io.duplex.cli.lab;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One client of a track, which takes events as they come and sends nothing but what its way needs. */
abstract class Client implements AutoCloseable {
    private static final Pattern SESSION = Pattern.compile("\"session\":\"([^\"]+)\"");
    private static final int BLOCK_HEAD = 16;
    private static final int PACKET_HEAD = 5;
    private static final String BLOCK = "application/octet-stream";

    private final Arrivals arrivals;
    private long last;

    private Client(Arrivals arrivals) {
        this.arrivals = arrivals;
    }

    final void arrived(String event) {
        last = arrivals.arrived(event, last);
    }

    @Override
    public abstract void close();

    /**
     * Connects a client of a way; complete once it is open.
     *
     * @param firstPoll when the first of its short polls comes: clients that all began at once would go on asking at once, and at
     *     the same distance from events that come in a beat
     */
    static CompletableFuture<Client> connect(
            Way way,
            URI url,
            Duration pollInterval,
            Duration firstPoll,
            Arrivals arrivals,
            WebSocketClient sockets,
            HttpClient http) {
        if (way == Way.WEBSOCKET) {
            Socket client = new Socket(arrivals);
            URI ws = URI.create("ws" + url.toString().substring("http".length()));
            return sockets.connectAsync(ws.toString(), client).thenApply(client::opened);
        }
        Poller client = new Poller(way, url, pollInterval, firstPoll, arrivals, http);
        return client.open().thenApply(opened -> client);
    }

    /** By WebSocket. */
    private static final class Socket extends Client implements WebSocketHandler {
        private @Nullable WebSocket socket;

        Socket(Arrivals arrivals) {
            super(arrivals);
        }

        Client opened(WebSocket connected) {
            socket = connected;
            return this;
        }

        @Override
        public void onText(WebSocket from, String text) {
            arrived(text);
        }

        @Override
        public void close() {
            if (socket != null) {
                socket.close();
            }
        }
    }

    /** By requests, as {@code docs/reference/polling-protocol.md} has them. */
    private static final class Poller extends Client {
        private static final long ACK_MILLIS = 1000;

        private final Way way;
        private final URI url;
        private final Duration pollInterval;
        private final Duration firstPoll;
        private final HttpClient http;
        private String session = "";
        private long received;
        private long acknowledged;
        private long turn;
        private volatile boolean closed;
        private volatile @Nullable CompletableFuture<?> running;

        Poller(Way way, URI url, Duration pollInterval, Duration firstPoll, Arrivals arrivals, HttpClient http) {
            super(arrivals);
            this.way = way;
            this.url = url;
            this.pollInterval = pollInterval;
            this.firstPoll = firstPoll;
            this.http = http;
        }

        CompletableFuture<Void> open() {
            HttpRequest request = HttpRequest.newBuilder(url)
                    .header("Content-Type", BLOCK)
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenAccept(this::opened);
        }

        private void opened(HttpResponse<String> answer) {
            Matcher id = SESSION.matcher(answer.body());
            if (answer.statusCode() != 200 || !id.find()) {
                throw new CompletionException(
                        new IOException("no session: " + answer.statusCode() + " " + answer.body()));
            }
            session = id.group(1);
            switch (way) {
                case SSE -> stream();
                case SHORT_POLLING -> later(firstPoll).execute(this::poll);
                default -> poll();
            }
        }

        private HttpRequest get(String via) {
            URI asked = URI.create(url + "?via=" + via + "&after=" + received + "&turn=" + ++turn);
            return HttpRequest.newBuilder(asked)
                    .header("Duplex-Session", session)
                    .build();
        }

        private void poll() {
            if (closed) {
                return;
            }
            boolean isLong = way == Way.LONG_POLLING;
            running = http.sendAsync(get(isLong ? "long" : "poll"), HttpResponse.BodyHandlers.ofByteArray())
                    .thenAcceptAsync(this::take)
                    .thenRunAsync(this::poll, isLong ? Runnable::run : later(pollInterval));
        }

        private static Executor later(Duration delay) {
            return CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void take(HttpResponse<byte[]> answer) {
            if (answer.statusCode() != 200) {
                throw new CompletionException(new IOException("poll was answered " + answer.statusCode()));
            }
            ByteBuffer block = ByteBuffer.wrap(answer.body());
            block.position(BLOCK_HEAD);
            while (block.remaining() >= PACKET_HEAD) {
                byte kind = block.get();
                byte[] payload = new byte[block.getInt()];
                block.get(payload);
                received++;
                if (kind == 't') {
                    arrived(new String(payload, StandardCharsets.US_ASCII));
                }
            }
        }

        private void stream() {
            if (closed) {
                return;
            }
            running = http.sendAsync(get("sse"), HttpResponse.BodyHandlers.fromLineSubscriber(new Lines()))
                    .thenRunAsync(this::stream);
            acknowledge();
        }

        /** A stream has no way up. */
        private void acknowledge() {
            if (closed) {
                return;
            }
            long now = received;
            if (now > acknowledged) {
                acknowledged = now;
                ByteBuffer block = ByteBuffer.allocate(BLOCK_HEAD).putLong(now).putLong(1);
                http.sendAsync(
                        HttpRequest.newBuilder(url)
                                .header("Duplex-Session", session)
                                .header("Content-Type", BLOCK)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(block.array()))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
            }
            CompletableFuture.delayedExecutor(ACK_MILLIS, TimeUnit.MILLISECONDS).execute(this::acknowledge);
        }

        @Override
        public void close() {
            closed = true;
            CompletableFuture<?> present = running;
            if (present != null) {
                present.cancel(true);
            }
        }

        private final class Lines implements Flow.Subscriber<String> {
            private boolean isProbe;

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(String line) {
                if (line.startsWith("event: ")) {
                    isProbe = true;
                } else if (line.isEmpty()) {
                    isProbe = false;
                } else if (line.startsWith("id: ")) {
                    received = Long.parseLong(line.substring("id: ".length()));
                } else if (!isProbe && line.startsWith("data: t")) {
                    arrived(line.substring("data: t".length()));
                }
            }

            @Override
            public void onError(Throwable fault) {
                Objects.requireNonNull(fault);
            }

            @Override
            public void onComplete() {}
        }
    }
}
