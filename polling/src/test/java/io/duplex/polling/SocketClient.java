package io.duplex.polling;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Packet.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A client of sessions over HTTP on real sockets that sends and checks {@link NumberedMessages}: one thread receives, another
 * sends. It repeats what the network breaks.
 */
final class SocketClient {
    private static final String TYPE = "application/octet-stream";
    private static final int BATCH = 1000;
    private static final long PAUSE_MILLIS = 5;
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI uri;
    private final long total;
    private final String id;
    private final NumberedMessages incoming;

    /** Guarded by this. */
    private final Deque<Packet> unacknowledged = new ArrayDeque<>();

    private long acknowledged;
    private long made;
    private long cursor;
    private @Nullable WebSocket carrier;
    private long carrierSent;

    private final Semaphore news = new Semaphore(0);
    private final AtomicLong turn = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();

    SocketClient(URI uri, long total) throws IOException, InterruptedException {
        this.uri = uri;
        this.total = total;
        this.incoming = new NumberedMessages(total);
        HttpResponse<String> opened = null;
        while (opened == null) {
            try {
                opened = http.send(
                        HttpRequest.newBuilder(uri)
                                .header("Content-Type", TYPE)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
            } catch (IOException cut) {
                failures.incrementAndGet();
            }
        }
        if (opened.statusCode() != 200) {
            throw new IOException("status " + opened.statusCode() + " " + opened.body());
        }
        this.id = opened.body().replaceAll(".*\"session\":\"([^\"]*)\".*", "$1");
    }

    long requests() {
        return requests.get();
    }

    long failures() {
        return failures.get();
    }

    synchronized boolean hasReceivedAll() {
        return incoming.received() >= total || !incoming.fault().isEmpty();
    }

    synchronized boolean hasSentAll() {
        return acknowledged == total;
    }

    NumberedMessages incoming() {
        return incoming;
    }

    // Receiving

    /** Receives over {@code via} for one request, stream or WebSocket. */
    void receive(Via via, Random random) throws InterruptedException {
        try {
            switch (via) {
                case POLL, LONG -> poll(via);
                case SSE -> stream(1 + random.nextInt(20_000));
                case WEBSOCKET -> webSocket(1 + random.nextInt(20_000));
            }
        } catch (IOException | CompletionException broken) {
            failures.incrementAndGet();
        }
    }

    private HttpRequest.Builder request(Via via) {
        requests.incrementAndGet();
        return HttpRequest.newBuilder(URI.create(uri + "?via=" + via.token() + position()))
                .header("Duplex-Session", id)
                .timeout(PATIENCE);
    }

    private String position() {
        synchronized (this) {
            return "&after=" + cursor + "&turn=" + turn.incrementAndGet();
        }
    }

    private void poll(Via via) throws IOException, InterruptedException {
        takeBlock(send(request(via).build()));
    }

    private byte[] send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = http.send(request, BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("status " + answer.statusCode() + " of " + request);
        }
        return answer.body();
    }

    private synchronized void takeBlock(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content);
        acknowledge(in.getLong());
        long number = in.getLong();
        for (; in.hasRemaining(); number++) {
            Kind kind = Kind.of(in.get());
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            take(number, kind, payload);
        }
    }

    private synchronized void take(long number, Kind kind, byte[] payload) {
        if (number <= cursor) {
            return;
        }
        if (number != cursor + 1) {
            throw new IllegalStateException("packet " + number + " behind " + cursor);
        }
        cursor = number;
        if (kind == Kind.TEXT || kind == Kind.BINARY) {
            incoming.take(new String(payload, StandardCharsets.UTF_8), kind == Kind.BINARY);
        } else if (kind == Kind.CLOSE) {
            throw new IllegalStateException("closed");
        }
    }

    private void acknowledge(long number) {
        for (; acknowledged < number; acknowledged++) {
            unacknowledged.remove();
            news.release();
        }
    }

    private void stream(int events) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = http.send(request(Via.SSE).build(), BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("status " + answer.statusCode());
        }
        int left = events;
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            long number = 0;
            for (String line; left > 0 && !hasReceivedAll() && (line = lines.readLine()) != null; ) {
                if (line.startsWith("id: ")) {
                    number = Long.parseLong(line.substring(4));
                } else if (line.startsWith("data: ") && number > 0) {
                    byte[] payload = line.charAt(6) == 't'
                            ? line.substring(7).getBytes(StandardCharsets.UTF_8)
                            : Base64.getDecoder().decode(line.substring(7));
                    take(number, Kind.of((byte) line.charAt(6)), payload);
                    number = 0;
                    left--;
                }
            }
        }
    }

    private void webSocket(int blocks) {
        requests.incrementAndGet();
        CarrierEnd end = new CarrierEnd(blocks);
        URI at = URI.create(uri.toString().replaceFirst("^http", "ws") + "/carrier?" + position());
        http.newWebSocketBuilder()
                .subprotocols("duplex.session.1", id)
                .buildAsync(at, end)
                .join();
        end.ended.join();
    }

    /** One carrier. */
    private final class CarrierEnd implements WebSocket.Listener {
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private byte[] begun = new byte[0];
        private int left;

        CarrierEnd(int blocks) {
            this.left = blocks;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] joined = new byte[begun.length + data.remaining()];
            System.arraycopy(begun, 0, joined, 0, begun.length);
            data.get(joined, begun.length, data.remaining());
            begun = joined;
            if (last) {
                begun = new byte[0];
                try {
                    takeBlock(joined);
                } catch (RuntimeException fault) {
                    ended.completeExceptionally(fault);
                    socket.abort();
                    return null;
                }
                synchronized (SocketClient.this) {
                    if (carrier != socket) {
                        carrier = socket;
                        carrierSent = acknowledged;
                    }
                }
                left--;
                if (left <= 0 || hasReceivedAll() && hasSentAll()) {
                    leave(socket);
                }
            }
            socket.request(1);
            return null;
        }

        private void leave(WebSocket socket) {
            synchronized (SocketClient.this) {
                if (carrier == socket) {
                    carrier = null;
                }
            }
            socket.abort();
            ended.complete(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
            leave(socket);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            failures.incrementAndGet();
            leave(socket);
        }
    }

    /** Closes the session. */
    void close() throws InterruptedException {
        ByteBuffer out = ByteBuffer.allocate(32);
        synchronized (this) {
            out.putLong(cursor).putLong(acknowledged + 1);
        }
        Packet.close(CloseStatus.of(CloseCode.NORMAL)).writeTo(out);
        byte[] block = new byte[out.position()];
        out.flip().get(block);
        for (int status = 0; status == 0; ) {
            try {
                status = http.send(post(block), BodyHandlers.ofByteArray()).statusCode();
            } catch (IOException broken) {
                failures.incrementAndGet();
            }
        }
    }

    private HttpRequest post(byte[] block) {
        requests.incrementAndGet();
        return HttpRequest.newBuilder(uri)
                .header("Content-Type", TYPE)
                .header("Duplex-Session", id)
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(block))
                .build();
    }

    // Sending

    /** Sends what there is, by the carrier or by a POST, until all of it is acknowledged. */
    void sendOnce() throws InterruptedException {
        if (hasNothingToSend()) {
            // But what was received: now and then is enough.
            news.drainPermits();
            news.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        byte[] block;
        WebSocket by;
        synchronized (this) {
            while (made < total && unacknowledged.size() < BATCH) {
                ByteBuffer number = StandardCharsets.UTF_8.encode(Long.toString(made));
                unacknowledged.add(new Packet(NumberedMessages.isBinary(made) ? Kind.BINARY : Kind.TEXT, number));
                made++;
            }
            by = carrier;
            long after = by == null ? acknowledged : Math.max(carrierSent, acknowledged);
            block = block(after);
            carrierSent = acknowledged + unacknowledged.size();
        }
        try {
            if (by == null) {
                takeBlock(send(post(block)));
            } else {
                by.sendBinary(ByteBuffer.wrap(block), true).join();
            }
        } catch (IOException | CompletionException broken) {
            failures.incrementAndGet();
        }
    }

    private synchronized boolean hasNothingToSend() {
        boolean allSent =
                carrier == null ? unacknowledged.isEmpty() : carrierSent == acknowledged + unacknowledged.size();
        return allSent && (made == total || unacknowledged.size() == BATCH);
    }

    private byte[] block(long after) {
        ByteBuffer out = ByteBuffer.allocate(16 + 32 * BATCH).putLong(cursor).putLong(after + 1);
        unacknowledged.stream().skip(after - acknowledged).forEach(packet -> packet.writeTo(out));
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }
}
