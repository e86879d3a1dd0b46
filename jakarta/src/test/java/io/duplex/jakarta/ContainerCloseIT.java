package io.duplex.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.duplex.jakarta.TestServer.Peer;
import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.OnClose;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.OnOpen;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The end of a container, over real sockets. */
class ContainerCloseIT {
    static final BlockingQueue<String> LOG = new LinkedBlockingQueue<>();

    @BeforeEach
    void clear() {
        LOG.clear();
    }

    private static String logged() throws InterruptedException {
        String line = LOG.poll(30, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("nothing was logged");
        }
        return line;
    }

    /** Logs. */
    @ServerEndpoint("/logging")
    public static class Logging {
        @OnOpen
        public void open() {
            LOG.add("open");
        }

        @OnClose
        public void close(CloseReason reason) {
            LOG.add("close " + reason.getCloseCode().getCode());
        }

        @OnError
        public void failed(Throwable fault) {
            LOG.add("error " + fault);
        }
    }

    /** Ends when two others end. */
    @ServerEndpoint("/together")
    public static class Together {
        static final CyclicBarrier BARRIER = new CyclicBarrier(3);

        @OnOpen
        public void open() {
            LOG.add("open");
        }

        @OnClose
        public void close() throws Exception {
            BARRIER.await(30, TimeUnit.SECONDS);
            LOG.add("close");
        }
    }

    /** Waits for ever. */
    @ServerEndpoint("/waiting")
    public static class Waiting {
        @OnMessage
        public void text(String text) {
            LOG.add("waits");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                LOG.add("interrupted");
            }
        }
    }

    /** Runs the first task, which answers the handshake, at once, and keeps the others until it is told to keep none. */
    private static final class HeldBack implements Executor {
        private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
        private boolean isLater;
        private boolean isReleased;

        @Override
        public void execute(Runnable task) {
            if (!keeps(task)) {
                task.run();
            }
        }

        private synchronized boolean keeps(Runnable task) {
            boolean keeps = isLater && !isReleased;
            isLater = true;
            if (keeps) {
                held.add(task);
            }
            return keeps;
        }

        /** What comes from now on, such as the end that another thread is about to tell of, is run by who brings it. */
        void release() {
            synchronized (this) {
                isReleased = true;
            }
            for (Runnable task = held.poll(); task != null; task = held.poll()) {
                task.run();
            }
        }
    }

    @Test
    void isToldOfTheEndAfterTheBeginning() throws Exception { // §2.1.5
        HeldBack threads = new HeldBack();
        try (TestServer server = new TestServer(DuplexServerContainer.builder().executor(threads), Logging.class)) {
            Peer peer = server.connect("/logging");
            TestServer.await(() -> threads.held.size() == 1);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server.container::close);
            assertThat(peer.awaitClose().getCloseCode()).isEqualTo(CloseCodes.GOING_AWAY);
            assertThat(LOG).isEmpty();
            threads.release();
            closed.get(30, TimeUnit.SECONDS);
            assertThat(LOG).containsExactly("open", "close 1001");
        }
    }

    @Test
    void theEndpointsOfAContainerEndTogether() throws Exception {
        try (TestServer server = new TestServer(Together.class)) {
            for (int i = 0; i < 3; i++) {
                server.connect("/together");
                assertThat(logged()).isEqualTo("open");
            }
            server.container.close();
            assertThat(LOG).containsExactly("close", "close", "close");
        }
    }

    @Test
    void theThreadsOfAContainerEndWithIt() throws Exception {
        try (TestServer server = new TestServer(Waiting.class)) {
            Peer peer = server.connect("/waiting");
            peer.session.getBasicRemote().sendText("");
            assertThat(logged()).isEqualTo("waits");
            server.container.close();
            assertThat(logged()).isEqualTo("interrupted");
        }
    }

    @Test
    void aSessionThatOpensAfterTheEndIsClosed() throws Exception {
        HeldBack threads = new HeldBack();
        try (TestServer server = new TestServer(DuplexServerContainer.builder().executor(threads), Logging.class)) {
            server.container.settings().closeSessions(new CloseReason(CloseCodes.GOING_AWAY, ""));
            assertThat(server.connect("/logging").awaitClose().getCloseCode()).isEqualTo(CloseCodes.GOING_AWAY);
            threads.release();
            assertThat(logged()).isEqualTo("open");
            assertThat(logged()).isEqualTo("close 1001");
            assertThat(LOG).isEmpty();
        }
    }

    @Test
    void aClosedContainerSetsNoTimer() throws Exception {
        try (TestServer server = new TestServer()) {
            server.container.close();
            assertThat((Object) server.container.settings().later(() -> {}, 1)).isNull();
            assertThat(server.container.settings().waitingTimers()).isZero();
        }
    }

    @Test
    void aClosedContainerDoesNotConnect() throws Exception {
        try (TestServer server = new TestServer(Logging.class)) {
            server.client.close();
            assertThatThrownBy(() -> server.connect("/logging"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the container is closed");
            server.client.close();
        }
    }

    @Test
    void whoWaitsForAConnectionIsToldOfTheEnd() throws Exception {
        DuplexClientContainer client = DuplexClientContainer.create();
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI uri = URI.create("ws://127.0.0.1:" + silent.getLocalPort());
            CompletableFuture<Void> connecting = CompletableFuture.runAsync(() -> {
                try {
                    client.connectToServer(
                            new Peer(), ClientEndpointConfig.Builder.create().build(), uri);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            try (Socket accepted = silent.accept()) {
                assertThat(accepted.isConnected()).isTrue();
                client.close();
                assertThatThrownBy(() -> connecting.get(30, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .rootCause()
                        .isInstanceOf(IOException.class)
                        .hasMessage("the container is closed");
            }
        }
    }
}
