package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.HandshakeException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import io.duplex.transport.RawPeer;
import java.io.EOFException;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that come back by themselves. */
class ReconnectIT {
    private static final int PATIENCE_SECONDS = 60;

    private final BlockingQueue<Outage> outages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Duration> delays = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final AtomicInteger handlers = new AtomicInteger();
    private ServerSocket listening;
    private WebSocketClient client;
    private ReconnectingWebSocket feed;

    @BeforeEach
    void start() throws Exception {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        client = WebSocketClient.builder()
                .compression(PermessageDeflate.DISABLED)
                .build();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        listening.close();
    }

    private Reconnect.Builder quickly() {
        return Reconnect.builder()
                .initialDelay(Duration.ofMillis(20))
                .maxDelay(Duration.ofMillis(50))
                .onRetry((outage, delay) -> {
                    outages.add(outage);
                    delays.add(delay);
                });
    }

    private String uri() {
        return "ws://127.0.0.1:" + listening.getLocalPort() + "/feed";
    }

    private void open(Reconnect policy) {
        feed = client.request(uri()).reconnecting(policy, handshake -> new Subscriber());
    }

    /** Numbers itself, and subscribes. */
    private final class Subscriber implements WebSocketHandler {
        private final int number = handlers.incrementAndGet();

        @Override
        public void onOpen(WebSocket socket) {
            events.add("open" + number);
            socket.send("s" + number);
        }

        @Override
        public void onText(WebSocket socket, String text) {
            events.add(number + text);
            if (text.equals("bye")) {
                socket.close();
            }
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            events.add("closed" + number);
        }
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("came in time").isNotNull();
        return next;
    }

    private RawPeer accept() throws Exception {
        RawPeer peer = RawPeer.accept(listening);
        peer.acceptHandshake();
        return peer;
    }

    private static String text(RawPeer peer) throws Exception {
        String hex = peer.readMaskedHex();
        assertThat(hex).startsWith("81");
        StringBuilder text = new StringBuilder();
        for (int at = 4; at < hex.length(); at += 2) {
            text.append((char) Integer.parseInt(hex, at, at + 2, 16));
        }
        return text.toString();
    }

    private static void close(RawPeer peer, int code) throws Exception {
        peer.sendHex("8802" + Integer.toHexString(0x10000 | code).substring(1));
        peer.shutdownOutput();
    }

    private Throwable end() {
        Throwable thrown = catchThrowable(() -> feed.ended().get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        return thrown instanceof ExecutionException ? thrown.getCause() : thrown;
    }

    @Test
    void aLostConnectionComesBackWithAHandlerOfItsOwnThatSubscribesAgain() throws Exception {
        open(quickly().build());
        assertThat(feed.connections()).isZero();
        try (RawPeer peer = accept()) {
            assertThat(text(peer)).isEqualTo("s1");
            peer.reset();
        }
        try (RawPeer peer = accept()) {
            assertThat(text(peer)).isEqualTo("s2");
            peer.send("\u0081\u0002hi");
            assertThat(List.of(next(events), next(events), next(events), next(events)))
                    .containsExactly("open1", "closed1", "open2", "2hi");
            assertThat(feed.connections()).isEqualTo(2);
            assertThat(feed.socket()).isNotNull();
        }
        Outage outage = next(outages);
        assertThat(outage.outcome()).extracting(CloseOutcome::closedBy).isEqualTo(CloseOutcome.ClosedBy.NETWORK);
        assertThat(next(delays)).isBetween(Duration.ZERO, Duration.ofMillis(20));
    }

    @ParameterizedTest
    @ValueSource(ints = {1001, 1011, 1012, 1013})
    void itComesBackAfterCodesThatSaySo(int code) throws Exception {
        open(quickly().build());
        try (RawPeer peer = accept()) {
            close(peer, code);
            assertThat(next(outages).outcome())
                    .extracting(outcome -> outcome.status().code())
                    .isEqualTo(code);
        }
        accept().close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1008, 4001})
    void otherCodesAreTheEnd(int code) throws Exception {
        open(quickly().build());
        try (RawPeer peer = accept()) {
            close(peer, code);
            assertThat(end())
                    .isInstanceOfSatisfying(
                            ConnectionClosedException.class,
                            closed ->
                                    assertThat(closed.outcome().status().code()).isEqualTo(code));
        }
        assertThat(feed.send("late")).isEqualTo(SendStatus.REFUSED);
        assertThat(outages).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"880203e8", "8800"})
    void thePeersOrdinaryEndIsNoFailure(String closeFrame) throws Exception {
        open(quickly().build());
        try (RawPeer peer = accept()) {
            peer.sendHex(closeFrame);
            peer.shutdownOutput();
            assertThat(end()).isNull();
        }
        assertThat(feed.send("late")).isEqualTo(SendStatus.REFUSED);
        assertThat(outages).isEmpty();
    }

    @Test
    void theApplicationDecidesIfItWantsTo() throws Exception {
        open(quickly()
                .retryIf(outage -> outage.isTransient()
                        || outage.outcome() != null && outage.outcome().status().code() == 4001)
                .build());
        try (RawPeer peer = accept()) {
            close(peer, 4001);
            next(outages);
        }
        accept().close();
    }

    @Test
    void aRefusalThatMayPassIsRetriedAfterTheTimeThatTheServerAsksFor() throws Exception {
        open(quickly().build());
        long start;
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            start = System.nanoTime();
            peer.send("HTTP/1.1 503 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
        }
        assertThat(next(outages).failure())
                .extracting(HandshakeException::status)
                .isEqualTo(503);
        assertThat(next(delays)).isBetween(Duration.ofSeconds(1), Duration.ofMillis(1020));
        accept().close();
        assertThat(System.nanoTime() - start).isGreaterThan(950_000_000L);
    }

    @Test
    void aRefusalThatStaysIsTheEnd() throws Exception {
        open(quickly().build());
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            peer.send("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
            assertThat(end())
                    .isInstanceOfSatisfying(
                            HandshakeException.class,
                            failure -> assertThat(failure.status()).isEqualTo(404));
        }
    }

    @Test
    void itIsGivenUpAfterTheLastAttempt() throws Exception {
        listening.close();
        open(quickly().maxAttempts(3).build());
        assertThat(end()).isInstanceOf(HandshakeException.class).hasMessageContaining("connection refused");
        assertThat(outages).extracting(Outage::failures).containsExactly(1, 2);
    }

    @Test
    void aStableConnectionEndsTheCountOfFailures() throws Exception {
        open(quickly().stableAfter(Duration.ZERO).build());
        for (int i = 0; i < 3; i++) {
            accept().reset();
            assertThat(next(outages).failures()).isEqualTo(1);
        }
        feed.close();
        assertThat(end()).isNull();
        handlers.set(0);
        open(quickly().stableAfter(Duration.ofMinutes(1)).build());
        for (int i = 1; i <= 3; i++) {
            try {
                accept().reset();
            } catch (EOFException | SocketException left) {
                // One that the first feed had begun came first, and left half way.
            }
        }
        assertThat(next(outages).failures()).isEqualTo(1);
        assertThat(next(outages).failures()).isEqualTo(2);
    }

    @Test
    void whileThereIsNoConnectionMessagesAreRefused() throws Exception {
        open(quickly()
                .initialDelay(Duration.ofMinutes(1))
                .maxDelay(Duration.ofMinutes(1))
                .build());
        assertThat(feed.send("early")).isEqualTo(SendStatus.REFUSED);
        try (RawPeer peer = accept()) {
            assertThat(text(peer)).isEqualTo("s1");
            peer.reset();
        }
        next(outages);
        assertThat(feed.send("late")).isEqualTo(SendStatus.REFUSED);
        assertThat(feed.send(ByteBuffer.allocate(1))).isEqualTo(SendStatus.REFUSED);
        assertThat(feed.unsent()).isEmpty();
        assertThat(feed.socket()).isNull();
    }

    @Test
    void orTheyWaitInOrderBehindTheSubscription() throws Exception {
        open(quickly().queueBytes(150).build());
        assertThat(feed.send("a")).isEqualTo(SendStatus.QUEUED);
        ByteBuffer binary = ByteBuffer.wrap("b".getBytes(StandardCharsets.US_ASCII));
        assertThat(feed.send(binary)).isEqualTo(SendStatus.QUEUED);
        assertThat(binary.hasRemaining()).isFalse();
        binary.put(0, (byte) 'x');
        assertThat(feed.send("c")).as("no room").isEqualTo(SendStatus.REFUSED);
        assertThat(feed.unsent()).hasSize(2).contains(new Message.Text("a"));
        Message.Binary unsent = (Message.Binary) feed.unsent().get(1);
        assertThat(unsent.payload().isReadOnly()).isTrue();
        unsent.payload().position(1);
        try (RawPeer peer = accept()) {
            assertThat(text(peer)).isEqualTo("s1");
            assertThat(text(peer)).isEqualTo("a");
            assertThat(peer.readMaskedHex()).isEqualTo("820162");
            assertThat(feed.unsent()).isEmpty();
            assertThat(feed.send("d")).isEqualTo(SendStatus.SENT);
            assertThat(text(peer)).isEqualTo("d");
        }
    }

    @Test
    void aBacklogThatIsBiggerThanTheSocketsQueueIsSentAsThePeerReads() throws Exception {
        client.close();
        client = WebSocketClient.builder()
                .compression(PermessageDeflate.DISABLED)
                .limits(Limits.builder().maxQueueBytes(64 << 10).build())
                .build();
        open(quickly().queueBytes(16 << 20).build());
        int messages = 120;
        byte[] content = new byte[100_000];
        for (int number = 0; number < messages; number++) {
            content[0] = (byte) number;
            assertThat(feed.send(ByteBuffer.wrap(content))).isEqualTo(SendStatus.QUEUED);
        }
        try (RawPeer peer = accept()) {
            assertThat(text(peer)).isEqualTo("s1");
            for (int number = 0; number < messages; number++) {
                byte[] frame = peer.read(10 + 4 + content.length);
                assertThat(frame[0]).isEqualTo((byte) 0x82);
                assertThat(frame[14] ^ frame[10]).isEqualTo((byte) number);
            }
            assertThat(feed.connections()).isEqualTo(1);
            assertThat(feed.ended()).isNotDone();
        }
    }

    @Test
    void nothingOfTheApplicationsIsCalledWithALock() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        client.close();
        client = WebSocketClient.builder()
                .cookies(new CookieHandler() {
                    @Override
                    public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) {
                        if (attempts.getAndIncrement() > 0) {
                            // Another thread must get through meanwhile.
                            CompletableFuture.runAsync(feed::close)
                                    .orTimeout(60, TimeUnit.SECONDS)
                                    .join();
                        }
                        return Map.of();
                    }

                    @Override
                    public void put(URI uri, Map<String, List<String>> headers) {}
                })
                .build();
        open(quickly().build());
        accept().reset();
        assertThat(end()).isNull();
        assertThat(attempts).hasValue(2);
    }

    @Test
    void whatWasNeverSentIsThereAfterTheEnd() throws Exception {
        open(quickly().queueBytes(1000).build());
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            assertThat(feed.send("a")).isEqualTo(SendStatus.QUEUED);
            peer.send("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
            assertThat(end()).isInstanceOf(HandshakeException.class);
        }
        assertThat(feed.unsent()).containsExactly(new Message.Text("a"));
    }

    @Test
    void eachAttemptMayHaveARequestOfItsOwn() throws Exception {
        AtomicInteger tokens = new AtomicInteger();
        feed = client.reconnecting(
                () -> client.request(uri()).bearerAuthorization("t" + tokens.incrementAndGet()),
                quickly().build(),
                handshake -> new Subscriber());
        for (int i = 1; i <= 2; i++) {
            try (RawPeer peer = RawPeer.accept(listening)) {
                assertThat(peer.acceptHandshake()).contains("\r\nAuthorization: Bearer t" + i + "\r\n");
                peer.reset();
            }
        }
    }

    @Test
    void closingEndsItInEveryState() throws Exception {
        open(quickly().build()); // connecting
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            feed.close();
            assertThat(end()).isNull();
            peer.awaitEof();
        }
        open(quickly().build()); // open
        try (RawPeer peer = accept()) {
            assertThat(text(peer)).startsWith("s");
            feed.close();
            feed.close();
            assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
            assertThat(feed.ended()).isNotDone();
            close(peer, 1000);
            assertThat(end()).isNull();
        }
        open(quickly()
                .initialDelay(Duration.ofMinutes(1))
                .maxDelay(Duration.ofMinutes(1))
                .build()); // waiting
        accept().reset();
        next(outages);
        feed.close();
        assertThat(end()).isNull();
    }

    @Test
    void aHandlerThatClosesItsSocketEndsItWithoutAFailure() throws Exception {
        open(quickly().build());
        try (RawPeer peer = accept()) {
            text(peer);
            peer.send("\u0081\u0003bye");
            assertThat(peer.readMaskedHex()).isEqualTo("880203e8");
            close(peer, 1000);
            assertThat(end()).isNull();
        }
        assertThat(outages).isEmpty();
    }

    @Test
    void theClientsEndIsItsEnd() throws Exception {
        open(quickly().build());
        try (RawPeer peer = accept()) {
            text(peer);
            Thread closing = new Thread(client::close);
            closing.start();
            assertThat(peer.readMaskedHex()).isEqualTo("880203e9");
            close(peer, 1001);
            closing.join(PATIENCE_SECONDS * 1000);
        }
        assertThat(end()).isNull();
        assertThat(outages).isEmpty();
        assertThatIllegalStateException().isThrownBy(() -> open(Reconnect.DEFAULT));
    }

    @Test
    void functionsThatThrowEndItWithWhatTheyThrew() throws Exception {
        IllegalStateException fault = new IllegalStateException("on purpose");
        feed = client.request(uri()).reconnecting(quickly().build(), handshake -> {
            throw fault;
        });
        accept();
        assertThat(end()).isSameAs(fault);
        feed = client.request(uri()).reconnecting(quickly().build(), handshake -> null);
        accept();
        assertThat(end()).isInstanceOf(NullPointerException.class).hasMessage("the handler is null");
        feed = client.request(uri()).reconnecting(quickly().build(), handshake -> new WebSocketHandler() {
            @Override
            public Delivery delivery() {
                throw fault;
            }
        });
        accept();
        assertThat(end()).isSameAs(fault);
        open(quickly()
                .retryIf(outage -> {
                    throw fault;
                })
                .build());
        accept().reset();
        assertThat(end()).isSameAs(fault);
        open(quickly()
                .onRetry((outage, delay) -> {
                    throw fault;
                })
                .build());
        accept().reset();
        assertThat(end()).isSameAs(fault);
        AtomicInteger requests = new AtomicInteger();
        feed = client.reconnecting(
                () -> {
                    if (requests.incrementAndGet() > 1) {
                        throw fault;
                    }
                    return client.request(uri());
                },
                quickly().build(),
                handshake -> new Subscriber());
        accept().reset();
        assertThat(end()).isSameAs(fault);
    }

    @Test
    void whatCannotBeSentThrowsAtOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.request(uri())
                        .header("Host", "x")
                        .reconnecting(Reconnect.DEFAULT, handshake -> new Subscriber()));
    }

    /** A server that cuts every connection after some messages; whoever sends numbers goes on. */
    @Test
    void messagesAreNeverDoubledOrOutOfOrderAndOnlyThoseOnTheWayAreLost() throws Exception {
        int messages = 20_000;
        List<Integer> received = new ArrayList<>(); // on the server's only loop
        AtomicBoolean hasLast = new AtomicBoolean();
        AtomicInteger cuts = new AtomicInteger();
        try (WebSocketServer server = WebSocketServer.builder()
                .port(0)
                .threads(1)
                .route("/", handshake -> new WebSocketHandler() {
                    private int left = 500;

                    @Override
                    public void onText(WebSocket socket, String text) {
                        int number = Integer.parseInt(text);
                        received.add(number);
                        hasLast.compareAndSet(false, number == messages);
                        if (--left == 0) {
                            cuts.incrementAndGet();
                            socket.abort();
                        }
                    }
                })
                .start()) {
            feed = client.request("ws://127.0.0.1:" + server.port() + "/")
                    .reconnecting(
                            Reconnect.builder()
                                    .initialDelay(Duration.ofMillis(1))
                                    .maxDelay(Duration.ofMillis(3))
                                    .queueBytes(100_000)
                                    .build(),
                            handshake -> new WebSocketHandler() {});
            int refused = 0;
            for (int number = 0; number < messages; number++) {
                if (feed.send(Integer.toString(number)) == SendStatus.REFUSED) {
                    refused++;
                    Thread.onSpinWait();
                    number--; // it was not taken: this one again
                }
            }
            String last = Integer.toString(messages);
            while (!hasLast.get()) {
                feed.send(last); // until the server has one
                Thread.onSpinWait();
            }
            assertThat(refused).isNotNegative();
        }
        feed.close();
        List<Integer> numbers =
                received.stream().filter(number -> number < messages).toList();
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
        assertThat(cuts.get()).isPositive();
    }
}
