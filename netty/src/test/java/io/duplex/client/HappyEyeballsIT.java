package io.duplex.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.duplex.HandshakeException;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.transport.RawPeer;
import io.duplex.transport.Recorder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Connecting to the addresses of a host (RFC 8305), with real ones: one that listens, one where nothing listens, and one that
 * does not answer, because its queue of connections is full.
 */
class HappyEyeballsIT {
    private static final String LISTENING = "127.0.0.1";
    private static final String REFUSING = "127.0.0.3";
    private static final String SILENT = "127.0.0.2";
    private static final String OTHER_SILENT = "127.0.0.4";

    private final List<Socket> queue = new ArrayList<>();
    private ServerSocket listening;
    private ServerSocket silent;
    private ServerSocket otherSilent;
    private WebSocketClient client;

    @BeforeEach
    void start() throws Exception {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        silent = listenSilently(SILENT);
        otherSilent = listenSilently(OTHER_SILENT);
        useClient(WebSocketClient.builder());
    }

    /** Linux ignores who wants to connect to a full queue, which holds one more than was asked for. */
    private ServerSocket listenSilently(String address) throws Exception {
        ServerSocket full = new ServerSocket(listening.getLocalPort(), 1, InetAddress.getByName(address));
        for (int i = 0; i < 2; i++) {
            Socket waiting = new Socket();
            waiting.connect(new InetSocketAddress(address, listening.getLocalPort()), 1000);
            queue.add(waiting);
        }
        return full;
    }

    private void useClient(WebSocketClient.Builder builder) {
        if (client != null) {
            client.close();
        }
        client = builder.lookup(HappyEyeballsIT::addressesIn).build();
    }

    /** A host's name lists its addresses. */
    private static InetAddress[] addressesIn(String host) throws UnknownHostException {
        List<InetAddress> found = new ArrayList<>();
        for (String address : host.replace(".test", "").split("-", -1)) {
            found.add(InetAddress.getByName(address));
        }
        return found.toArray(new InetAddress[0]);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        listening.close();
        silent.close();
        otherSilent.close();
        for (Socket waiting : queue) {
            waiting.close();
        }
    }

    private CompletableFuture<WebSocket> connecting(String... to) {
        return client.connectAsync(
                "ws://" + String.join("-", to) + ".test:" + listening.getLocalPort() + "/", new Recorder());
    }

    private long millisToConnect(String... to) throws Exception {
        long start = System.nanoTime();
        CompletableFuture<WebSocket> connecting = connecting(to);
        try (RawPeer peer = RawPeer.accept(listening)) {
            long millis = (System.nanoTime() - start) / 1_000_000;
            peer.acceptHandshake();
            connecting.get(60, TimeUnit.SECONDS);
            return millis;
        }
    }

    private static HandshakeException failureOf(CompletableFuture<WebSocket> connecting) {
        Throwable thrown = catchThrowable(() -> connecting.get(60, TimeUnit.SECONDS));
        assertThat(thrown).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(HandshakeException.class);
        return (HandshakeException) thrown.getCause();
    }

    @Test
    void anAddressThatDoesNotAnswerDelaysTheNextByAQuarterOfASecond() throws Exception {
        assertThat(millisToConnect(SILENT, LISTENING)).isBetween(249L, 9000L);
        assertThat(millisToConnect(SILENT, OTHER_SILENT, LISTENING)).isBetween(499L, 9000L);
    }

    @Test
    void anAddressThatRefusesDoesNotDelayTheNext() throws Exception {
        client.close();
        useClient(WebSocketClient.builder());
        millisToConnect(LISTENING); // so that classes are loaded
        // A machine that is busy may take its time once or twice; a delay would be there each time.
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10 && least >= 250; i++) {
            least = Math.min(least, millisToConnect(REFUSING, LISTENING));
        }
        assertThat(least).isLessThan(250L);
    }

    @Test
    void theFirstAddressIsAloneIfItAnswers() throws Exception {
        try (ServerSocket second = new ServerSocket(listening.getLocalPort(), 50, InetAddress.getByName(REFUSING))) {
            second.setSoTimeout(400);
            // If the machine is so busy that the first needs a quarter of a second, the second is right to come.
            Throwable silence = null;
            for (int i = 0; i < 10 && silence == null; i++) {
                millisToConnect(LISTENING, REFUSING);
                silence = catchThrowable(() -> second.accept().close());
            }
            assertThat(silence).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void anAddressThatAnswersLateLosesAndIsClosed() throws Exception {
        CompletableFuture<WebSocket> connecting = connecting(SILENT, LISTENING);
        try (RawPeer peer = RawPeer.accept(listening)) {
            // Now the first one could connect: its SYN is repeated after a second.
            silent.accept().close();
            silent.accept().close();
            peer.acceptHandshake();
            connecting.get(60, TimeUnit.SECONDS);
        }
        silent.setSoTimeout(1500);
        assertThat(catchThrowable(silent::accept)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void anotherAttemptNeedNotWaitForAnAddressThatDoesNotAnswer() throws Exception {
        CompletableFuture<WebSocket> first = connecting(SILENT);
        try {
            millisToConnect(SILENT, LISTENING);
            assertThat(first).isNotDone();
        } finally {
            first.cancel(false);
        }
    }

    @Test
    void allFailuresAreNamed() throws Exception {
        useClient(WebSocketClient.builder().connectTimeout(Duration.ofSeconds(2)));
        String port = ":" + listening.getLocalPort();
        assertThat(failureOf(connecting(SILENT, REFUSING)))
                .hasMessageEndingWith(": connection refused by " + REFUSING + port + "; no connection to " + SILENT
                        + port + " within 2.0 s");
        assertThat(failureOf(connecting(REFUSING, "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.8")))
                .hasMessageContaining("127.0.0.7")
                .hasMessageEndingWith("; and 1 more addresses failed");
    }

    @Test
    void theHandshakeTimeoutBoundsItAll() throws Exception {
        useClient(WebSocketClient.builder()
                .timeouts(Timeouts.builder().handshake(Duration.ofSeconds(2)).build()));
        assertThat(failureOf(connecting(SILENT, OTHER_SILENT)))
                .hasMessageEndingWith(": timeout: still connecting to " + OTHER_SILENT + ":" + listening.getLocalPort()
                        + " after 2.0 s");
    }

    @Test
    void theOverallTimeoutCountsTheWaitForATurn() throws Exception {
        CountDownLatch mayBeFound = new CountDownLatch(1);
        client.close();
        client = WebSocketClient.builder()
                .overallTimeout(Duration.ofSeconds(2))
                .lookup(host -> {
                    if (host.equals("late.test")) {
                        awaitUnchecked(mayBeFound);
                        return addressesIn(LISTENING);
                    }
                    return addressesIn(host);
                })
                .build();
        // It begins first, and so ends first, but queues up behind the other.
        CompletableFuture<WebSocket> late =
                client.connectAsync("ws://late.test:" + listening.getLocalPort() + "/", new Recorder());
        CompletableFuture<WebSocket> silentOne = connecting(LISTENING);
        try (RawPeer peer = RawPeer.accept(listening)) {
            peer.head();
            mayBeFound.countDown();
            assertThat(failureOf(late))
                    .hasMessageEndingWith(
                            ": timeout: still waiting for its turn to connect to host 'late.test' after 2.0 s in all");
            assertThat(failureOf(silentOne))
                    .hasMessageEndingWith("still waiting for the server's answer after 2.0 s in all");
        }
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
