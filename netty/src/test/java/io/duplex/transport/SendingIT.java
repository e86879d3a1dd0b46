package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.client.WebSocketClient;
import io.duplex.server.WebSocketServer;
import io.duplex.testkit.Covers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages that several threads and connections send at the same time. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.duplex.transport.IoKinds#available")
class SendingIT {
    private static final int THREADS = 6;
    private static final int MESSAGES = 500;
    private static final int MEMBERS = 12;

    @Parameter
    String io;

    private final CountDownLatch joined = new CountDownLatch(MEMBERS);
    private final Recorder recorder = new Recorder();
    private WebSocketServer server;
    private WebSocketClient client;

    @BeforeEach
    void start() {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .threads(3)
                .route("/record", handshake -> recorder)
                .route("/room", handshake -> new WebSocketHandler() {
                    @Override
                    public void onOpen(WebSocket socket) {
                        socket.subscribe("room");
                        joined.countDown();
                    }

                    @Override
                    public void onText(WebSocket socket, String text) {
                        socket.publish("room", text);
                    }
                })
                .start();
        client = WebSocketClient.builder().io(io).threads(2).build();
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @Test
    @Covers({"WS-5.4-5", "WS-5.4-6"})
    void messagesOfManyThreadsStayWholeAndInTheOrderOfEach() throws Exception {
        WebSocket socket = client.connect("ws://127.0.0.1:" + server.port() + "/record", new Recorder());
        String filler = "x".repeat(300);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int name = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < MESSAGES; i++) {
                    socket.send(name + " " + i + " " + filler);
                }
            });
            threads.add(thread);
            thread.start();
        }
        int[] next = new int[THREADS];
        for (int i = 0; i < THREADS * MESSAGES; i++) {
            String[] words = recorder.text().split(" ", -1);
            int name = Integer.parseInt(words[0]);
            assertThat(words[1]).isEqualTo(Integer.toString(next[name]));
            assertThat(words[2]).isEqualTo(filler);
            next[name]++;
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(recorder.isEmpty()).isTrue();
    }

    @Test
    void whatIsPublishedReachesAllOthersOverAllEventLoopsInOrder() throws Exception {
        List<Recorder> members = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            Recorder member = new Recorder();
            members.add(member);
            sockets.add(client.connect("ws://127.0.0.1:" + server.port() + "/room", member));
        }
        assertThat(joined.await(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100; i++) {
            sockets.get(0).send("news " + i);
        }
        for (Recorder member : members.subList(1, MEMBERS)) {
            for (int i = 0; i < 100; i++) {
                assertThat(member.text()).isEqualTo("news " + i);
            }
        }
        assertThat(members.get(0).isEmpty()).as("the publisher itself").isTrue();
        sockets.get(1).send("over");
        assertThat(members.get(0).text()).isEqualTo("over");
    }

    @Test
    void futuresCompleteOnceTheSystemHasTheMessagesAndTheAmountIsExact() throws Exception {
        CompletableFuture<WebSocket> opened = new CompletableFuture<>();
        try (WebSocketServer talking = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .route("/", handshake -> new WebSocketHandler() {
                            @Override
                            public void onOpen(WebSocket socket) {
                                opened.complete(socket);
                            }
                        })
                        .start();
                RawPeer peer = RawPeer.connectSlow(talking.port())) {
            peer.send(RawPeer.request("/"));
            peer.head();
            WebSocket socket = opened.get(60, TimeUnit.SECONDS);
            assertThat(socket.sendAsync("first").get(60, TimeUnit.SECONDS)).isNull();
            assertThat(peer.readHex(7)).isEqualTo("81056669727374");
            int sent = 0;
            CompletableFuture<Void> last;
            do {
                last = socket.sendAsync(ByteBuffer.allocate(60_000));
                sent++;
            } while (isDoneSoon(last));
            for (int i = 0; i < sent; i++) {
                peer.read(4 + 60_000);
            }
            last.get(60, TimeUnit.SECONDS);
            assertThat(socket.bufferedAmount()).isZero();
        }
    }

    private static boolean isDoneSoon(CompletableFuture<Void> future) throws Exception {
        try {
            future.get(100, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    @Test
    void whatTheSystemHasNotTakenIsKnownToTheByte() throws Exception {
        CompletableFuture<WebSocket> opened = new CompletableFuture<>();
        CompletableFuture<Long> inTurn = new CompletableFuture<>();
        try (WebSocketServer talking = WebSocketServer.builder()
                        .port(0)
                        .io(io)
                        .route("/", handshake -> new WebSocketHandler() {
                            @Override
                            public void onOpen(WebSocket socket) {
                                // The answer to the handshake leaves with this turn too.
                                long before = socket.bufferedAmount();
                                socket.send(ByteBuffer.allocate(100));
                                inTurn.complete(socket.bufferedAmount() - before);
                                opened.complete(socket);
                            }
                        })
                        .start();
                RawPeer peer = RawPeer.connectSlow(talking.port())) {
            peer.send(RawPeer.request("/"));
            peer.head();
            assertThat(inTurn.get(60, TimeUnit.SECONDS)).isEqualTo(102);
            WebSocket socket = opened.get(60, TimeUnit.SECONDS);
            socket.sendAsync(ByteBuffer.allocate(0)).get(60, TimeUnit.SECONDS);
            peer.read(102 + 2);
            long sent = 0;
            long waiting = 0;
            while (waiting == 0 || sent < (1 << 20)) {
                socket.sendAsync(ByteBuffer.allocate(1_000));
                sent += 1_004;
                waiting = socket.bufferedAmount(); // which another thread makes less, as long as the system takes more
            }
            assertThat(waiting).isPositive().isLessThanOrEqualTo(sent);
            for (long read = 0; read < sent; read += 1_004) {
                peer.read(1_004);
            }
            socket.sendAsync("done").get(60, TimeUnit.SECONDS);
            assertThat(socket.bufferedAmount()).isZero();
        }
    }
}
