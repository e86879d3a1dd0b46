package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.duplex.ConnectionClosedException;
import io.duplex.FlowWebSocket;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.Authentication;
import io.duplex.server.Authenticator;
import io.duplex.server.RouteOptions;
import io.duplex.server.WebSocketServer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reactive Streams on both sides. */
@Timeout(240)
class FlowIT {
    private static final int BIG_BYTES = 100_000;

    private final AtomicLong published = new AtomicLong();
    private final CompletableFuture<FlowWebSocket> accepted = new CompletableFuture<>();
    private WebSocketServer server;
    private WebSocketClient client;

    @BeforeEach
    void start() {
        start("auto");
    }

    private void start(String io) {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .compression(PermessageDeflate.DISABLED) // so that what is published is what is buffered
                .flowRoute("/echo", socket -> socket.messages().subscribe(socket.sender()))
                .flowRoute("/endless", socket -> new Endless(socket.sender()).start())
                .flowRoute("/nobody", socket -> {})
                .flowRoute("/kept", accepted::complete)
                .flowRoute(
                        "/closed",
                        RouteOptions.builder()
                                .authenticator(Authenticator.immediate(handshake -> Authentication.refuse(403)))
                                .build(),
                        socket -> {})
                .start();
        client = WebSocketClient.builder().io(io).build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private CompletableFuture<FlowWebSocket> connecting(String path) {
        return client.connectFlow("ws://127.0.0.1:" + server.port() + path);
    }

    private FlowWebSocket connect(String path) {
        return connecting(path).join();
    }

    /** Publishes big messages for as long as they are requested. */
    private final class Endless implements Flow.Subscription {
        private final Flow.Subscriber<? super Message> subscriber;

        Endless(Flow.Subscriber<? super Message> subscriber) {
            this.subscriber = subscriber;
        }

        void start() {
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long messages) {
            for (long i = 0; i < messages; i++) {
                published.incrementAndGet();
                subscriber.onNext(new Message.Binary(ByteBuffer.allocate(BIG_BYTES)));
            }
        }

        @Override
        public void cancel() {
            published.set(Long.MIN_VALUE);
        }
    }

    /** Collects what it is given, as fast as it was told to. */
    private static final class Collector implements Flow.Subscriber<Message> {
        final List<Message> messages = new CopyOnWriteArrayList<>();
        final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
        final CompletableFuture<Void> ended = new CompletableFuture<>();
        final long first;
        final CountDownLatch wanted;

        Collector(long first, int wanted) {
            this.first = first;
            this.wanted = new CountDownLatch(wanted);
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscribed.complete(subscription);
            if (first > 0) {
                subscription.request(first);
            }
        }

        @Override
        public void onNext(Message message) {
            messages.add(message);
            wanted.countDown();
        }

        @Override
        public void onError(Throwable fault) {
            ended.completeExceptionally(fault);
        }

        @Override
        public void onComplete() {
            ended.complete(null);
        }

        Flow.Subscription subscription() {
            return subscribed.join();
        }
    }

    @ParameterizedTest
    @MethodSource("io.duplex.transport.IoKinds#available")
    void whatIsPublishedComesBackInOrder(String io) throws Exception {
        stop();
        start(io);
        FlowWebSocket socket = connect("/echo");
        Collector answers = new Collector(Long.MAX_VALUE, 10_000);
        socket.messages().subscribe(answers);
        try (SubmissionPublisher<Message> source = new SubmissionPublisher<>()) {
            source.subscribe(socket.sender());
            for (int i = 0; i < 10_000; i++) {
                source.submit(new Message.Text("message " + i));
            }
            assertThat(answers.wanted.await(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(answers.messages)
                .isEqualTo(IntStream.range(0, 10_000)
                        .mapToObj(i -> new Message.Text("message " + i))
                        .toList());
        assertThat(socket.socket().readyState()).isEqualTo(ReadyState.OPEN);
        socket.socket().close();
        answers.ended.get(30, TimeUnit.SECONDS);
        assertThat(socket.handshake().path()).isEqualTo("/echo");
        assertThat(socket.subprotocol()).isNull();
    }

    @Test
    void withoutDemandThePeerIsSlowedDown() throws Exception {
        FlowWebSocket socket = connect("/endless");
        Collector reader = new Collector(0, 1000);
        socket.messages().subscribe(reader);
        // As much as the two systems buffer, and not a message more: until nothing moves for a while.
        long before;
        do {
            before = published.get();
            pause(200);
        } while (published.get() != before);
        assertThat(before * BIG_BYTES).isLessThan(64L << 20);
        assertThat(reader.messages).isEmpty();
        reader.subscription().request(1000);
        assertThat(reader.wanted.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(reader.messages).hasSize(1000);
        reader.subscription().cancel();
        while (published.get() >= 0) {
            pause(1);
        }
        assertThat(reader.ended).isNotDone();
    }

    private static void pause(int millis) throws InterruptedException {
        assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)).isFalse();
    }

    @Test
    void toCancelClosesTheConnection() throws Exception {
        FlowWebSocket socket = connect("/kept");
        Collector served = new Collector(1, 1);
        accepted.get(30, TimeUnit.SECONDS).messages().subscribe(served);
        Collector reader = new Collector(1, 1);
        socket.messages().subscribe(reader);
        reader.subscription().cancel();
        served.ended.get(30, TimeUnit.SECONDS);
        assertThat(served.messages).isEmpty();
    }

    @Test
    void aBrokenConnectionIsAnError() throws Exception {
        FlowWebSocket socket = connect("/kept");
        Collector served = new Collector(1, 1);
        accepted.get(30, TimeUnit.SECONDS).messages().subscribe(served);
        socket.socket().abort();
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> served.ended.get(30, TimeUnit.SECONDS))
                .withCauseInstanceOf(ConnectionClosedException.class);
    }

    @Test
    void aFailureOfTheSourceIsToldToThePeer() throws Exception {
        FlowWebSocket socket = connect("/kept");
        Collector served = new Collector(1, 1);
        accepted.get(30, TimeUnit.SECONDS).messages().subscribe(served);
        SubmissionPublisher<Message> source = new SubmissionPublisher<>();
        source.subscribe(socket.sender());
        source.submit(new Message.Text("one"));
        assertThat(served.wanted.await(30, TimeUnit.SECONDS)).isTrue();
        source.closeExceptionally(new IllegalStateException("no more"));
        served.ended.get(30, TimeUnit.SECONDS);
        Collector reader = new Collector(1, 1);
        socket.messages().subscribe(reader);
        reader.ended.get(30, TimeUnit.SECONDS);
        assertThat(socket.socket().readyState()).isEqualTo(ReadyState.CLOSED);
    }

    @Test
    void whatCannotBeConnectedFails() {
        for (String path : List.of("/closed", "/nowhere")) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> connecting(path).get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(HandshakeException.class);
        }
    }

    @Test
    void anAttemptCanBeCancelled() {
        CompletableFuture<FlowWebSocket> attempt = connecting("/nobody");
        while (!attempt.cancel(false)) {
            // It was faster than the cancelling.
            attempt.join().socket().abort();
            attempt = connecting("/nobody");
        }
        assertThat(attempt).isCancelled();
        while (server.connections() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aConnectionThatNobodyReadsStaysOpen() {
        FlowWebSocket socket = connect("/nobody");
        Collector reader = new Collector(1, 1);
        socket.messages().subscribe(reader);
        assertThatExceptionOfType(TimeoutException.class)
                .isThrownBy(() -> reader.ended.get(200, TimeUnit.MILLISECONDS));
        assertThat(socket.socket().readyState()).isEqualTo(ReadyState.OPEN);
        assertThat(Limits.DEFAULT.maxMessageBytes()).isGreaterThan(BIG_BYTES);
    }
}
