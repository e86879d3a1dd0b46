package io.duplex.client.w3c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.WebSocket;
import io.duplex.client.WebSocketClient;
import io.duplex.testkit.Covers;
import io.duplex.transport.RawPeer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.CookieHandler;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where and when events are dispatched, and how long a socket lives. */
class DispatchIT {
    private final ManualLoop loop = new ManualLoop();

    @RegisterExtension
    private final Peers peers = new Peers();

    @Test
    @Covers("WAPI-EV-2")
    void aListenerThatIsAddedInTheTurnOfTheConstructorMissesNothing() throws Exception {
        BrowserWebSocket socket = peers.connectOn(loop);
        try (RawPeer peer = peers.open()) {
            loop.await();
            EventLog log = EventLog.of(socket);
            loop.turn();
            assertThat(log.next()).isEqualTo("open");
            peer.hangUp();
        }
    }

    @Test
    void anOpenEventThatOvertakesTheConstructorDoesNoHarm() throws Exception {
        BrowserWebSocket socket = peers.connect();
        EventLog log = EventLog.of(socket);
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("open");
            // What the constructor does, only late.
            CompletableFuture<WebSocket> attempt = new CompletableFuture<>();
            socket.begin(attempt);
            assertThat(attempt).isNotDone();
            peer.sendHex("810161");
            assertThat(log.next()).isEqualTo("message a");
        }
    }

    @Test
    @Covers("WAPI-EV-2")
    void anEventWaitsForItsFirstListenerOnAThreadThatIsNoLoop() throws Exception {
        peers.builder().listenerGrace(Duration.ofHours(1));
        BrowserWebSocket socket = peers.connect();
        try (RawPeer peer = peers.open()) {
            peer.sendHex("810161 8800");
            assertThat(peer.readMaskedHex()).isEqualTo("8800");
            peer.shutdownOutput();
            peer.awaitEof();
            EventLog log = new EventLog();
            socket.onmessage(event -> log.add("message"));
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.CONNECTING);
            socket.addEventListener("open", event -> log.add("open"));
            assertThat(log.next()).isEqualTo("open");
            assertThat(log.next()).isEqualTo("message");
            assertThat(log.isEmpty()).isTrue();
            socket.onclose(event -> log.add("close"));
            assertThat(log.next()).isEqualTo("close");
        }
    }

    @Test
    void theWaitForAListenerBeginsWhenTheConstructorIsDone() throws Exception {
        Duration grace = Duration.ofSeconds(2);
        try (WebSocketClient slow = WebSocketClient.builder()
                .cookies(new SlowCookies(grace.plusMillis(100)))
                .build()) {
            peers.builder().client(slow).listenerGrace(grace);
            BrowserWebSocket socket = peers.connect();
            try (RawPeer peer = peers.open()) {
                // So that the event is due.
                assertThat(peer.isSilentFor(50)).isTrue();
                assertThat(EventLog.of(socket).next()).isEqualTo("open");
            }
        }
    }

    /** Has the constructor take its time. */
    private static final class SlowCookies extends CookieHandler {
        private final Duration time;

        SlowCookies(Duration time) {
            this.time = time;
        }

        @Override
        public Map<String, List<String>> get(URI uri, Map<String, List<String>> headers) throws IOException {
            try {
                assertThat(new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS))
                        .isFalse();
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
            return Map.of();
        }

        @Override
        public void put(URI uri, Map<String, List<String>> headers) {}
    }

    @Test
    void anEventThatNobodyListensToHoldsNothingUpForLong() throws Exception {
        peers.builder().listenerGrace(Duration.ofMillis(50));
        BrowserWebSocket socket = peers.connect();
        EventLog log = new EventLog();
        socket.onmessage(event -> log.add("message"));
        try (RawPeer peer = peers.open()) {
            peer.sendHex("810161");
            assertThat(log.next()).isEqualTo("message");
            assertThat(socket.readyState()).isEqualTo(BrowserWebSocket.OPEN);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Environment.builder().listenerGrace(Duration.ofMillis(-1)));
    }

    @Test
    void aSlowListenerHoldsUpNobodyButItsOwnSocket() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        BrowserWebSocket slow = peers.connect();
        EventLog slowLog = new EventLog();
        AtomicBoolean overlapped = new AtomicBoolean();
        AtomicBoolean inListener = new AtomicBoolean();
        slow.onmessage(event -> {
            overlapped.compareAndSet(false, inListener.getAndSet(true));
            release.await();
            inListener.set(false);
            slowLog.add("message " + event.data());
        });
        try (RawPeer slowPeer = peers.open()) {
            slowPeer.sendHex("810161 810162");
            EventLog log = EventLog.of(peers.connect());
            try (RawPeer peer = peers.open()) {
                peer.sendHex("810163");
                assertThat(log.next()).isEqualTo("open");
                assertThat(log.next()).isEqualTo("message c");
                assertThat(slowLog.isEmpty()).isTrue();
                release.countDown();
                assertThat(slowLog.next()).isEqualTo("message a");
                assertThat(slowLog.next()).isEqualTo("message b");
                assertThat(overlapped).isFalse();
            }
        }
    }

    @Test
    void nothingMoreIsReadWhileTooMuchWaitsForItsEvent() throws Exception {
        peers.builder().maxWaitingBytes(100_000);
        CountDownLatch release = new CountDownLatch(1);
        BrowserWebSocket socket = peers.connect();
        AtomicLong received = new AtomicLong();
        CountDownLatch done = new CountDownLatch(1);
        int messages = 100_000;
        socket.onmessage(event -> {
            release.await();
            if (received.incrementAndGet() == messages) {
                done.countDown();
            }
        });
        try (RawPeer peer = peers.open()) {
            byte[] frame = new byte[4 + 1000];
            frame[0] = (byte) 0x82;
            frame[1] = 126;
            frame[2] = (byte) (1000 >> 8);
            frame[3] = (byte) 1000;
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < messages; i++) {
                        peer.send(frame);
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            sender.start();
            sender.join(1000);
            assertThat(sender.isAlive()).isTrue();
            release.countDown();
            assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
            sender.join();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Environment.builder().maxWaitingBytes(0));
    }

    @Test
    void aTextCountsWithItsBytesInWhatWaits() throws Exception {
        peers.builder().maxWaitingBytes(1000).executor(loop);
        EventLog log = EventLog.of(peers.connect());
        try (RawPeer peer = peers.open()) {
            loop.turn();
            assertThat(log.next()).isEqualTo("open");
            String text = "\u20ac".repeat(40);
            String frame = "8178" + "e282ac".repeat(40);
            // With 256 bytes each: less than 1000 if chars were counted.
            peer.sendHex(frame + frame + frame);
            peer.sendHex("890161");
            assertThat(peer.isSilentFor(200)).isTrue();
            loop.turn();
            assertThat(peer.readMaskedHex()).isEqualTo("8a0161");
            for (int i = 0; i < 3; i++) {
                assertThat(log.next()).isEqualTo("message " + text);
            }
        }
    }

    @Test
    void whatListenersThrowIsReported() throws Exception {
        BlockingQueue<Throwable> uncaught = new LinkedBlockingQueue<>();
        peers.builder().onUncaught(uncaught::add);
        BrowserWebSocket socket = peers.connect();
        socket.onopen(event -> {
            throw new IOException("mine");
        });
        EventLog log = new EventLog();
        socket.addEventListener("open", event -> log.add("next"));
        try (RawPeer peer = peers.open()) {
            assertThat(uncaught.poll(60, TimeUnit.SECONDS)).hasMessage("mine");
            assertThat(log.next()).isEqualTo("next");
            peer.hangUp();
        }
    }

    @Test
    void aReportThatThrowsHoldsUpNothing() throws Exception {
        peers.builder().onUncaught(fault -> {
            throw new IllegalStateException("the report of " + fault.getMessage(), fault);
        });
        BrowserWebSocket socket = peers.connect();
        socket.onopen(event -> {
            throw new IOException("mine");
        });
        EventLog log = new EventLog();
        socket.addEventListener("open", event -> log.add("next"));
        socket.onmessage(event -> log.add("message"));
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("next");
            peer.sendHex("810161");
            assertThat(log.next()).isEqualTo("message");
        }
    }

    @Test
    void anExecutorThatRefusesEndsTheConnection() throws Exception {
        peers.doNotWait();
        List<Throwable> uncaught = new ArrayList<>();
        AtomicBoolean refuses = new AtomicBoolean();
        CountDownLatch told = new CountDownLatch(1);
        peers.builder()
                .executor(task -> {
                    if (refuses.get()) {
                        throw new RejectedExecutionException("no more");
                    }
                    task.run();
                })
                .onUncaught(fault -> {
                    uncaught.add(fault);
                    told.countDown();
                });
        CountDownLatch opened = new CountDownLatch(1);
        BrowserWebSocket socket = peers.connect();
        socket.onopen(event -> opened.countDown());
        try (RawPeer peer = peers.open()) {
            assertThat(opened.await(60, TimeUnit.SECONDS)).isTrue();
            refuses.set(true);
            peer.sendHex("810161");
            assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
            peer.awaitEnd();
            EventLog.awaitState(socket, BrowserWebSocket.CLOSED);
            assertThat(uncaught).hasSize(1);
        }
    }

    @Test
    void handlersCanBeReadAndTakenAway() {
        BrowserWebSocket socket = peers.connect();
        assertThat(socket.onopen()).isNull();
        EventListener<Event> handler = event -> {};
        EventListener<MessageEvent> onMessage = event -> {};
        EventListener<CloseEvent> onClose = event -> {};
        socket.onopen(handler);
        socket.onmessage(onMessage);
        socket.onerror(handler);
        socket.onclose(onClose);
        assertThat(socket.onopen()).isSameAs(handler);
        assertThat(socket.onmessage()).isSameAs(onMessage);
        assertThat(socket.onerror()).isSameAs(handler);
        assertThat(socket.onclose()).isSameAs(onClose);
        socket.onclose(null);
        assertThat(socket.onclose()).isNull();
        socket.dispatchEvent(new CloseEvent("close"));
    }

    @Test
    void eventsOfOnesOwnReachHandlersThatTakeTheirClass() {
        BrowserWebSocket socket = peers.connect();
        List<String> calls = new ArrayList<>();
        socket.onmessage(event -> calls.add("message " + event.data() + event.isTrusted()));
        assertThat(socket.dispatchEvent(new Event("message"))).isTrue();
        socket.dispatchEvent(new MessageEvent("message", 1, ""));
        assertThat(calls).containsExactly("message 1false");
    }

    @Test
    @Covers({"WAPI-GC-1", "WAPI-GC-2", "WAPI-GC-3", "WAPI-GC-4"})
    void aSocketThatNobodyRefersToLivesUntilItIsClosed() throws Exception {
        EventLog log = EventLog.of(peers.connect());
        System.gc();
        try (RawPeer peer = peers.open()) {
            assertThat(log.next()).isEqualTo("open");
            System.gc();
            peer.sendHex("810161");
            assertThat(log.next()).isEqualTo("message a");
            peer.sendHex("8800");
            assertThat(peer.readMaskedHex()).isEqualTo("8800");
            System.gc();
            peer.shutdownOutput();
            assertThat(log.next()).isEqualTo("close 1005 clean ''");
        }
    }

    @Test
    @Covers("WAPI-GC-6")
    void theEndOfTheEnvironmentMakesItsSocketsDisappear() throws Exception {
        Environment environment = peers.builder().build();
        BrowserWebSocket open = new BrowserWebSocket(environment, peers.url());
        EventLog openLog = EventLog.of(open);
        try (RawPeer peer = peers.open()) {
            assertThat(openLog.next()).isEqualTo("open");
            BrowserWebSocket connecting = new BrowserWebSocket(environment, peers.url());
            EventLog connectingLog = EventLog.of(connecting);
            environment.close();
            assertThat(peer.readMaskedHex()).isEqualTo("880203e9");
            assertThat(connectingLog.all()).containsExactly("error", "close 1006 not clean ''");
            peer.sendHex("880203e9");
            peer.shutdownOutput();
            assertThat(openLog.next()).isEqualTo("close 1001 clean ''");
            assertThatIllegalStateException().isThrownBy(() -> new BrowserWebSocket(environment, peers.url()));
        }
    }

    @Test
    void theJvmIsKeptAliveUntilTheLastSocketIsClosed() throws Exception {
        peers.builder().keepsJvmAlive(true);
        BrowserWebSocket socket = peers.connect();
        Thread holding = JvmHolds.thread();
        assertThat(holding).isNotNull();
        assertThat(holding.isDaemon()).isFalse();
        holding.interrupt();
        BrowserWebSocket another = peers.connect();
        another.close();
        socket.close();
        holding.join(60_000);
        assertThat(holding.isAlive()).isFalse();
    }

    @Test
    @Covers({"WAPI-EV-9", "WAPI-STATE-2"})
    void whateverHappensTheEventsAreThoseOfOneLife() throws Exception {
        Random random = new Random(42);
        for (int round = 0; round < 100; round++) {
            BrowserWebSocket socket = peers.connect();
            AtomicLong states = new AtomicLong();
            socket.addEventListener("open", event -> states.set(states.get() * 10 + socket.readyState()));
            socket.addEventListener("close", event -> states.set(states.get() * 10 + socket.readyState()));
            EventLog log = EventLog.of(socket);
            try (RawPeer peer = peers.accept()) {
                live(socket, peer, random);
            } catch (IOException e) {
                // The socket has reset the connection while the server was at it.
            }
            assertThat(String.join(" ", log.all()))
                    .matches("(open (message a )?(message b )?)?(error )?close \\d+ (not )?clean ''");
            assertThat(states.get()).isIn(3L, 13L, 23L);
            assertThat(log.isEmpty()).isTrue();
        }
    }

    private static void live(BrowserWebSocket socket, RawPeer peer, Random random) throws IOException {
        int closeAt = random.nextInt(5);
        if (closeAt == 0) {
            socket.close();
        }
        if (random.nextInt(4) > 0) {
            peer.acceptHandshake();
            peer.sendHex("810161 810162");
            if (closeAt == 1) {
                socket.close();
            }
            peer.sendHex(random.nextBoolean() ? "8800" : "8b00");
            if (closeAt == 2) {
                socket.close(4000);
            }
        }
        if (random.nextBoolean()) {
            peer.reset();
        } else {
            peer.shutdownOutput();
        }
    }
}
