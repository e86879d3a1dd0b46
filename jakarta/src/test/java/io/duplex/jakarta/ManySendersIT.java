package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.jakarta.TestServer.Peer;
import jakarta.websocket.Encoder;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.OnMessage;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many who send on one session, over real sockets (Jakarta WebSocket §2.6). */
class ManySendersIT {
    private static final int PATIENCE_SECONDS = 30;

    /** Those of callbacks. */
    static final BlockingQueue<Thread> THREADS = new LinkedBlockingQueue<>();

    private TestServer server;

    /** Sends texts back. */
    @ServerEndpoint("/echo")
    public static class Echo {
        @OnMessage
        public String text(String text) {
            return text;
        }
    }

    /** Sends parts back as parts. */
    @ServerEndpoint("/parts")
    public static class Parts {
        @OnMessage
        public void part(String part, boolean last, Session session) throws IOException {
            session.getBasicRemote().sendText(part, last);
            THREADS.add(Thread.currentThread());
        }
    }

    record Xs(int chars) {}

    /** Writes some, and fails. */
    public static final class FailingEncoder implements Encoder.TextStream<Xs> {
        @Override
        public void encode(Xs value, Writer writer) throws IOException {
            writer.write("x".repeat(value.chars()));
            throw new AssertionError("half way");
        }

        @Override
        public void init(EndpointConfig config) {}

        @Override
        public void destroy() {}
    }

    /** Writes some, and fails. */
    public static final class FailingBytesEncoder implements Encoder.BinaryStream<Integer> {
        @Override
        public void encode(Integer value, OutputStream stream) throws IOException {
            stream.write(new byte[value]);
            throw new AssertionError("half way");
        }

        @Override
        public void init(EndpointConfig config) {}

        @Override
        public void destroy() {}
    }

    /** Answers with objects. */
    @ServerEndpoint(
            value = "/objects",
            encoders = {FailingEncoder.class, FailingBytesEncoder.class})
    public static class Objects {
        @OnMessage
        public void text(int size, Session session) throws Exception {
            try {
                session.getBasicRemote().sendObject(size < 0 ? (Object) (-size) : new Xs(size));
            } catch (AssertionError expected) {
                new Thread(sending(() -> session.getBasicRemote().sendText(expected.getMessage()))).start();
            }
        }
    }

    @BeforeEach
    void start() {
        THREADS.clear();
        server = new TestServer(
                DuplexServerContainer.builder().executor(task -> new Thread(task).start()),
                Echo.class,
                Parts.class,
                Objects.class);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Sends. */
    @FunctionalInterface
    interface Sending {
        void run() throws IOException;
    }

    static Runnable sending(Sending sending) {
        return () -> {
            try {
                sending.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    private static void onAnotherThread(Sending sending) throws Exception {
        CompletableFuture.runAsync(sending(sending)).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void partsOfTwoThreadsAreTwoMessages() throws Exception {
        Peer peer = server.connect("/echo");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        remote.sendText("a", false);
        CompletableFuture<Void> other = CompletableFuture.runAsync(sending(() -> {
            remote.sendText("1", false);
            remote.sendText("2", true);
        }));
        remote.sendText("b", false);
        remote.sendText("c", true);
        other.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(List.of(peer.text(), peer.text())).containsExactlyInAnyOrder("abc", "12");
    }

    @Test
    void manyThreadsMaySendInParts() throws Exception {
        Peer peer = server.connect("/echo");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String letter = String.valueOf((char) ('a' + i));
            senders.add(CompletableFuture.runAsync(sending(() -> {
                for (int message = 0; message < 50; message++) {
                    remote.sendText(letter, false);
                    remote.sendText(letter, false);
                    remote.sendText(letter, true);
                    remote.sendText(letter);
                }
            })));
            for (int message = 0; message < 50; message++) {
                sent.add(letter.repeat(3));
                sent.add(letter);
            }
        }
        for (CompletableFuture<Void> sender : senders) {
            sender.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        List<String> received = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) {
            received.add(peer.text());
        }
        assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
    }

    @Test
    void theCallbacksOfASessionMaySendOneMessage() throws Exception {
        Peer peer = server.connect("/parts");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        remote.sendText("a", false);
        Thread first = THREADS.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(first).isNotNull();
        first.join();
        remote.sendText("b", true);
        assertThat(peer.text()).isEqualTo("ab");
        assertThat(THREADS.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isNotSameAs(first);
    }

    @Test
    void aStreamMayBeHandedToAnotherThread() throws Exception {
        Peer peer = server.connect("/echo");
        Writer writer = peer.session.getBasicRemote().getSendWriter();
        writer.write("a");
        writer.flush();
        onAnotherThread(() -> {
            writer.write("b");
            writer.flush();
            // Does not wait for the writer's end, which is the same thread's.
            peer.session.getBasicRemote().sendText("c");
        });
        writer.close();
        assertThat(peer.text()).isEqualTo("ab");
        assertThat(peer.text()).isEqualTo("c");
    }

    @Test
    void nobodyCanSendTwoMessagesInPartsAtATime() throws Exception {
        Peer peer = server.connect("/echo");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        try (Writer writer = remote.getSendWriter()) {
            writer.write("a");
            writer.flush();
            assertThatThrownBy(() -> remote.sendText("b", false))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("another message in parts has not ended");
            assertThatThrownBy(() -> remote.sendBinary(ByteBuffer.allocate(1), true))
                    .isInstanceOf(IllegalStateException.class);
            writer.write("c");
        }
        assertThat(peer.text()).isEqualTo("ac");
        remote.sendText("d", false);
        remote.sendText("e", true);
        assertThat(peer.text()).isEqualTo("de");
    }

    @Test
    void anErrorOfAnEncoderLetsOthersSend() throws Exception {
        Peer peer = server.connect("/objects");
        assertThat(peer.ask("10")).isEqualTo("half way");
        assertThat(peer.ask("-10")).isEqualTo("half way");
        // What has gone is the message.
        assertThat(peer.ask("10000")).isEqualTo("x".repeat(10_000));
        assertThat(peer.text()).isEqualTo("half way");
        peer.session.getBasicRemote().sendText("-10000");
        assertThat(peer.binary()).hasSize(10_000);
        assertThat(peer.text()).isEqualTo("half way");
    }

    @Test
    void whatWaitsForTheEndOfAMessageFailsWithTheConnection() throws Exception {
        Peer peer = server.connect("/echo");
        RemoteEndpoint.Basic remote = peer.session.getBasicRemote();
        RemoteEndpoint.Async async = peer.session.getAsyncRemote();
        remote.sendText("a", false);
        Future<Void> kept = async.sendText("kept");
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(sending(() -> remote.sendText("waits")));
        peer.session.close();
        peer.awaitClose();
        assertThatThrownBy(() -> kept.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        assertThatThrownBy(() -> waiting.get(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UncheckedIOException.class);
    }
}
