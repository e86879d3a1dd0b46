package io.duplex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.BlockingHandler;
import io.duplex.transport.RawPeer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications that fail: each fault ends in one onClose, and others do not notice. */
class HostileFaultsIT {
    private final BlockingQueue<CloseOutcome> outcomes = new LinkedBlockingQueue<>();
    private final BlockingQueue<SendStatus> statuses = new LinkedBlockingQueue<>();
    private WebSocketServer server;

    /** Does something at each message, and keeps what it is told of ends. */
    private final class Faulty implements WebSocketHandler {
        private final Consumer<WebSocket> fault;

        Faulty(Consumer<WebSocket> fault) {
            this.fault = fault;
        }

        @Override
        public void onText(WebSocket socket, String text) {
            fault.accept(socket);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            outcomes.add(outcome);
        }
    }

    private void start(WebSocketServer.Builder builder) {
        server = builder.port(0)
                .threads(1)
                .route("/echo", handshake -> new Faulty(socket -> socket.send("echo")))
                .start();
    }

    private void startWith(Consumer<WebSocket> fault) {
        start(WebSocketServer.builder().route("/fault", handshake -> new Faulty(fault)));
    }

    private CloseOutcome outcome() throws InterruptedException {
        CloseOutcome outcome = outcomes.poll(60, TimeUnit.SECONDS);
        assertThat(outcome).as("onClose came").isNotNull();
        return outcome;
    }

    @AfterEach
    void othersAreServedAndNothingIsToldTwice() throws Exception {
        try (WebSocketServer running = server;
                RawPeer friend = RawPeer.open(server.port(), "/echo")) {
            assertThat(running.port()).isPositive();
            friend.sendHex("81 81 00000000 61");
            assertThat(friend.readHex(6)).isEqualTo("81046563686f");
        }
        outcome(); // the friend's
        assertThat(outcomes).isEmpty();
    }

    /** Sends a message to the one who fails, and reads its Close frame. */
    private int codeAfterMessage() throws Exception {
        try (RawPeer peer = RawPeer.open(server.port(), "/fault")) {
            peer.sendHex("81 81 00000000 61");
            String frame = peer.readHex(4);
            return Integer.parseInt(frame.substring(4), 16);
        }
    }

    @Test
    void aHandlerThatThrowsAnErrorEndsItsConnectionOnly() throws Exception {
        startWith(socket -> {
            throw new StackOverflowError("on purpose");
        });
        assertThat(codeAfterMessage()).isEqualTo(1011);
        assertThat(outcome().closedBy()).isEqualTo(ClosedBy.HANDLER);
    }

    @Test
    void memoryThatAHandlerDoesNotGetIsItsOwnFault() throws Exception {
        startWith(socket -> {
            throw new OutOfMemoryError("on purpose");
        });
        assertThat(codeAfterMessage()).isEqualTo(1011);
        assertThat(outcome().cause()).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void whatIsSentAfterACloseInTheSameCallbackIsRefused() throws Exception {
        startWith(socket -> {
            socket.close(4000, "enough");
            statuses.add(socket.send("too late"));
            socket.close(4001, "again");
            statuses.add(socket.ping(java.nio.ByteBuffer.allocate(0)));
        });
        assertThat(codeAfterMessage()).isEqualTo(4000);
        assertThat(outcome().closedBy()).isEqualTo(ClosedBy.SELF);
        assertThat(statuses).containsExactly(SendStatus.REFUSED, SendStatus.REFUSED);
    }

    @Test
    void anExecutorThatRefusesEndsItsConnectionOnly() throws Exception {
        start(WebSocketServer.builder()
                .route(
                        "/fault",
                        handshake -> new Closing(BlockingHandler.running(socket -> {}, task -> {
                            throw new RejectedExecutionException("on purpose");
                        }))));
        try (RawPeer peer = RawPeer.open(server.port(), "/fault")) {
            assertThat(peer.readHex(4)).isEqualTo("881003f3");
        }
        assertThat(outcome().closedBy()).isEqualTo(ClosedBy.HANDLER);
    }

    /** A blocking handler whose end is told here, too. */
    private final class Closing implements WebSocketHandler {
        private final BlockingHandler inner;

        Closing(BlockingHandler inner) {
            this.inner = inner;
        }

        @Override
        public Delivery delivery() {
            return inner.delivery();
        }

        @Override
        public void onOpen(WebSocket socket) {
            inner.onOpen(socket);
        }

        @Override
        public void onClose(WebSocket socket, CloseOutcome outcome) {
            inner.onClose(socket, outcome);
            outcomes.add(outcome);
        }
    }

    @Test
    void blockingCodeThatNeverReturnsHoldsItsOwnConnectionOnly() throws Exception {
        CountDownLatch entered = new CountDownLatch(3);
        CountDownLatch never = new CountDownLatch(1);
        start(WebSocketServer.builder().blockingRoute("/fault", socket -> {
            entered.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        for (int i = 0; i < 3; i++) {
            RawPeer.open(server.port(), "/fault").close();
        }
        assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    }
}
