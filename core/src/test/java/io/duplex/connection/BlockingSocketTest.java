package io.duplex.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.ConnectionClosedException;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.Timeouts;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.Hex;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.TestHandshake;
import io.duplex.testkit.ThreadLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Straight-line code on a thread of its own, opposite a client on an event loop. */
@Timeout(60)
class BlockingSocketTest {
    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private final ThreadLoop loop = new ThreadLoop();
    private final MemoryNetwork network = new MemoryNetwork(loop);
    private final ExecutorService workers = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        workers.shutdownNow();
        loop.close();
    }

    /** Runs something on the loop and waits for it. */
    private void onLoop(Runnable action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                action.run();
                done.complete(null);
            } catch (Throwable fault) {
                done.completeExceptionally(fault);
            }
        });
        done.join();
    }

    /** A connection whose server side blocks. */
    private final class Pair {
        final CompletableFuture<BlockingWebSocket> opened = new CompletableFuture<>();
        final RecordingHandler client;
        final RecordingHandler server = new RecordingHandler(new BlockingHandler(opened::complete));
        final CompletableFuture<MemoryLink> link = new CompletableFuture<>();

        Pair(WebSocketHandler clientHandler) {
            client = new RecordingHandler(clientHandler);
            loop.execute(() -> link.complete(
                    network.connect(client, server, TestHandshake.of("/chat").subprotocol("chat.v2"))));
        }

        BlockingWebSocket socket() {
            return opened.join();
        }

        WebSocket peer() {
            return link.join().client();
        }

        void cut() {
            loop.execute(link.join()::cut);
        }
    }

    private static String text(Message message) {
        return ((Message.Text) message).data();
    }

    @Test
    void messagesComeInOrderAndAsTheirKind() {
        Pair pair = new Pair(NOTHING);
        pair.peer().send("Hello");
        pair.peer().send(Hex.parse("0102"));
        assertThat(pair.socket().receive()).isEqualTo(new Message.Text("Hello"));
        assertThat(pair.socket().receive()).isEqualTo(new Message.Binary(Hex.parse("0102")));
        assertThat(pair.socket().handshake().path()).isEqualTo("/chat");
        assertThat(pair.socket().subprotocol()).isEqualTo("chat.v2");
        assertThat(pair.socket().readyState()).isEqualTo(ReadyState.OPEN);
        assertThat(pair.socket().closeOutcome()).isNull();
    }

    @Test
    void eachSendArrives() {
        List<String> received = new ArrayList<>();
        CountDownLatch three = new CountDownLatch(3);
        Pair pair = new Pair(new WebSocketHandler() {
            @Override
            public void onText(WebSocket socket, String text) {
                received.add(text);
                three.countDown();
            }

            @Override
            public void onBinary(WebSocket socket, ByteBuffer payload) {
                received.add(Hex.format(payload));
                three.countDown();
            }
        });
        pair.socket().send("a");
        pair.socket().send(Hex.parse("0b"));
        pair.socket().sendText(ByteBuffer.wrap("c".getBytes(StandardCharsets.UTF_8)));
        await(three);
        assertThat(received).containsExactly("a", "0b", "c");
        assertThatIllegalArgumentException().isThrownBy(() -> pair.socket().sendText(Hex.parse("ff")));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Nested
    class TheEnd {
        @Test
        void iterationEndsAtACleanClose() {
            Pair pair = new Pair(NOTHING);
            pair.peer().send("a");
            pair.peer().send("b");
            pair.peer().close();
            List<String> texts = new ArrayList<>();
            for (Message message : pair.socket()) {
                texts.add(text(message));
            }
            assertThat(texts).containsExactly("a", "b");
            assertThat(pair.socket().receive()).isNull();
            assertThat(pair.socket().closeOutcome().clean()).isTrue();
            Iterator<Message> none = pair.socket().iterator();
            assertThat(none.hasNext()).isFalse();
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(none::next);
        }

        @Test
        void iterationThrowsAtAnyOtherEndAfterTheLastMessage() {
            Pair pair = new Pair(NOTHING);
            pair.peer().send("a");
            Iterator<Message> messages = pair.socket().iterator();
            assertThat(messages.hasNext()).isTrue();
            assertThat(messages.hasNext()).isTrue();
            assertThat(messages.next()).isEqualTo(new Message.Text("a"));
            pair.cut();
            assertThatExceptionOfType(ConnectionClosedException.class)
                    .isThrownBy(messages::hasNext)
                    .satisfies(e -> assertThat(e.outcome().closedBy()).isEqualTo(ClosedBy.NETWORK));
            assertThatExceptionOfType(ConnectionClosedException.class)
                    .isThrownBy(() -> pair.socket().receive());
        }

        @Test
        void sendingAfterACleanCloseThrows() {
            Pair pair = new Pair(NOTHING);
            pair.peer().close(4000, "bye");
            assertThatExceptionOfType(ConnectionClosedException.class)
                    .isThrownBy(() -> sendForEver(pair.socket()))
                    .satisfies(e -> assertThat(e.outcome().status().code()).isEqualTo(4000));
        }

        private void sendForEver(BlockingWebSocket socket) {
            while (true) {
                socket.send("more");
            }
        }

        @Test
        void closeWaitsForTheEnd() {
            Pair pair = new Pair(NOTHING);
            pair.socket().close(4000, "done");
            assertThat(pair.socket().readyState()).isEqualTo(ReadyState.CLOSED);
            assertThat(pair.socket().closeOutcome().closedBy()).isEqualTo(ClosedBy.SELF);
            pair.socket().close();
            assertThat(pair.socket().receive()).isNull();
            assertThat(pair.client.lines()).contains("close 4000 done, clean, by PEER");
        }

        @Test
        void tryWithResourcesCloses() {
            Pair pair = new Pair(NOTHING);
            try (BlockingWebSocket socket = pair.socket()) {
                socket.send("last words");
            }
            assertThat(pair.client.lines()).containsExactly("open", "text last words", "close 1000, clean, by PEER");
        }

        @Test
        void whatComesAfterOwnCloseIsDropped() {
            Pair pair = new Pair(new WebSocketHandler() {
                @Override
                public void onText(WebSocket socket, String text) {
                    socket.send("too late");
                }
            });
            onLoop(() -> pair.link.join().toClient().hold());
            pair.socket().send("go");
            Future<?> closing = workers.submit(() -> pair.socket().close());
            while (pair.socket().readyState() == ReadyState.OPEN) {
                onLoop(() -> {});
            }
            loop.execute(() -> pair.link.join().toClient().release());
            join(closing);
            assertThat(pair.socket().receive()).isNull();
        }

        @Test
        void aWrongCodeIsTheCallersFault() {
            Pair pair = new Pair(NOTHING);
            assertThatIllegalArgumentException().isThrownBy(() -> pair.socket().close(1006, ""));
            assertThat(pair.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }
    }

    private static void join(Future<?> future) {
        try {
            future.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Nested
    class BackPressure {
        @Test
        void aSendWaitsWhileThePeerDoesNotRead() {
            CountDownLatch arrived = new CountDownLatch(1000);
            Pair pair = new Pair(new WebSocketHandler() {
                @Override
                public void onBinary(WebSocket socket, ByteBuffer payload) {
                    arrived.countDown();
                }
            });
            onLoop(() -> pair.link.join().toClient().hold());
            AtomicInteger sent = new AtomicInteger();
            Future<?> sender = workers.submit(() -> {
                for (int i = 0; i < 1000; i++) {
                    pair.socket().send(ByteBuffer.allocate(10_000));
                    sent.incrementAndGet();
                }
            });
            awaitBacklog(pair);
            assertThat(sent.get()).isLessThan(40);
            assertThat(sender.isDone()).isFalse();
            assertThat(pair.socket().socket().bufferedAmount()).isLessThan(300_000);
            loop.execute(() -> pair.link.join().toClient().release());
            join(sender);
            await(arrived);
            assertThat(pair.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }

        /** Waits until the sender has met a backlog: the transport is congested, and nothing moves any more. */
        private void awaitBacklog(Pair pair) {
            long before = -1;
            for (long now = -2; now != before || now < 65_536; ) {
                before = now;
                long[] amount = new long[1];
                onLoop(() -> amount[0] = pair.link.join().server().bufferedAmount());
                now = amount[0];
            }
        }

        @Test
        void manySendersTogetherDoNotOverfillTheQueue() {
            int senders = 8;
            int each = 100;
            CountDownLatch arrived = new CountDownLatch(senders * each);
            Pair pair = new Pair(new WebSocketHandler() {
                @Override
                public void onBinary(WebSocket socket, ByteBuffer payload) {
                    arrived.countDown();
                }
            });
            List<Future<?>> done = new ArrayList<>();
            for (int s = 0; s < senders; s++) {
                done.add(workers.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        pair.socket().send(ByteBuffer.allocate(60_000));
                    }
                }));
            }
            done.forEach(BlockingSocketTest::join);
            await(arrived);
            assertThat(pair.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aSendThatWaitsThrowsWhenTheConnectionBreaks() {
            Pair pair = new Pair(NOTHING);
            onLoop(() -> pair.link.join().toClient().hold());
            Future<?> sender = workers.submit(() -> {
                while (true) {
                    pair.socket().send(ByteBuffer.allocate(10_000));
                }
            });
            awaitBacklog(pair);
            pair.cut();
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> sender.get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(ConnectionClosedException.class);
        }

        @Test
        void messagesThatNobodyReceivesSlowThePeerDown() {
            Pair pair = new Pair(NOTHING);
            pair.socket();
            int count = 2000;
            Future<?> sender = workers.submit(() -> {
                for (int i = 0; i < count; i++) {
                    // As the blocking face does it, by hand: waits for room.
                    while (pair.peer().bufferedAmount() > 100_000 && pair.peer().readyState() == ReadyState.OPEN) {
                        onLoop(() -> {});
                    }
                    pair.peer().send(i + " " + "x".repeat(1000));
                }
            });
            for (int i = 0; i < count; i++) {
                assertThat(text(pair.socket().receive())).startsWith(i + " ");
                if (i == 0) {
                    awaitPause(pair);
                    // What waits: the inbox, up to its bound; the network's 64 KiB; the sender's queue. What two reads
                    // bring
                    // of a message makes two lines.
                    assertThat(pair.server.lines().size()).isLessThanOrEqualTo(Inbox.MAX_PIECES + 2 + 5);
                }
            }
            join(sender);
        }

        private void awaitPause(Pair pair) {
            int[] buffered = new int[1];
            while (buffered[0] < 60_000) {
                onLoop(() -> buffered[0] = pair.link.join().toServer().buffered());
            }
        }

        @Test
        void smallMessagesAreBoundedByTheirNumber() {
            Pair pair = new Pair(NOTHING);
            pair.socket();
            onLoop(() -> {
                for (int i = 0; i < 1000; i++) {
                    pair.peer().send("");
                }
            });
            pair.peer().close();
            for (int i = 0; i < 3; i++) {
                onLoop(() -> {});
            }
            assertThat(pair.server.lines()).hasSizeLessThanOrEqualTo(Inbox.MAX_PIECES + 1);
            int received = 0;
            for (Message message : pair.socket()) {
                assertThat(message).isEqualTo(new Message.Text(""));
                received++;
            }
            assertThat(received).isEqualTo(1000);
        }

        @Test
        void aMessageBiggerThanTheInboxIsTaken() {
            Pair pair = new Pair(NOTHING);
            pair.peer().send(ByteBuffer.allocate(Inbox.MAX_BYTES + 1));
            pair.peer().send("next");
            assertThat(pair.socket().receive()).isInstanceOf(Message.Binary.class);
            assertThat(pair.socket().receive()).isEqualTo(new Message.Text("next"));
        }
    }

    @Nested
    class Waiting {
        @Test
        void receiveWithATimeoutGivesUpAndLeavesTheConnectionAsItIs() throws TimeoutException {
            Pair pair = new Pair(NOTHING);
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> pair.socket().receive(Duration.ZERO));
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> pair.socket().receive(Duration.ofMillis(5)))
                    .withMessageContaining("PT0.005S");
            pair.peer().send("later");
            assertThat(pair.socket().receive(Duration.ofSeconds(Long.MAX_VALUE)))
                    .isEqualTo(new Message.Text("later"));
            pair.peer().close();
            assertThat(pair.socket().receive(Duration.ofSeconds(30))).isNull();
        }

        @Test
        void aReceiveThatWaitsCanBeInterrupted() {
            Pair pair = new Pair(NOTHING);
            pair.socket();
            Interrupted receiver = new Interrupted(() -> pair.socket().receive());
            receiver.interruptAndCheck("receive was interrupted");
            assertThat(pair.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void aSendThatWaitsCanBeInterrupted() {
            Pair pair = new Pair(NOTHING);
            onLoop(() -> pair.link.join().toClient().hold());
            Interrupted sender = new Interrupted(() -> {
                while (true) {
                    pair.socket().send(ByteBuffer.allocate(10_000));
                }
            });
            sender.interruptAndCheck("send was interrupted");
            assertThat(pair.socket().readyState()).isEqualTo(ReadyState.OPEN);
        }

        @Test
        void anInterruptedCloseClosesAllTheSame() {
            network.timeouts(Timeouts.builder().close(Duration.ZERO).build());
            Pair pair = new Pair(NOTHING);
            onLoop(() -> pair.link.join().toClient().hold());
            pair.socket();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread closer = new Thread(() -> {
                pair.socket().close();
                flag.complete(Thread.currentThread().isInterrupted());
            });
            closer.start();
            closer.interrupt();
            assertThat(flag.join()).isTrue();
            assertThat(pair.socket().closeOutcome()).isNull();
            loop.execute(() -> pair.link.join().toClient().release());
            assertThat(pair.socket().receive()).isNull();
        }

        /** A thread that does something that waits, until it is interrupted. */
        private static final class Interrupted {
            final CompletableFuture<WebSocketException> thrown = new CompletableFuture<>();
            final CompletableFuture<Boolean> flag = new CompletableFuture<>();
            final Thread thread;

            Interrupted(Runnable waiting) {
                thread = new Thread(() -> {
                    try {
                        waiting.run();
                    } catch (WebSocketException e) {
                        flag.complete(Thread.currentThread().isInterrupted());
                        thrown.complete(e);
                    }
                });
                thread.start();
            }

            void interruptAndCheck(String message) {
                while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TIMED_WAITING) {
                    Thread.onSpinWait();
                }
                thread.interrupt();
                assertThat(thrown.join()).hasMessage(message).hasCauseInstanceOf(InterruptedException.class);
                assertThat(flag.join()).isTrue();
            }
        }

        @Test
        void theEventLoopMustNotWait() {
            Pair pair = new Pair(NOTHING);
            BlockingWebSocket socket = pair.socket();
            onLoop(() -> {
                assertThatIllegalStateException().isThrownBy(socket::receive);
                assertThatIllegalStateException().isThrownBy(() -> socket.receive(Duration.ofSeconds(1)));
                assertThatIllegalStateException().isThrownBy(() -> socket.send("a"));
                socket.close();
            });
            assertThat(socket.receive()).isNull();
        }

        @Test
        void oneMessageGoesToOneReceiver() {
            Pair pair = new Pair(NOTHING);
            BlockingWebSocket socket = pair.socket();
            ConcurrentLinkedQueue<String> all = new ConcurrentLinkedQueue<>();
            List<Future<?>> receivers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                receivers.add(workers.submit(() -> socket.forEach(message -> all.add(text(message)))));
            }
            List<String> sent = new ArrayList<>();
            onLoop(() -> {
                for (int i = 0; i < 1000; i++) {
                    sent.add("message " + i);
                    pair.peer().send("message " + i);
                }
                pair.peer().close();
            });
            receivers.forEach(BlockingSocketTest::join);
            assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
        }
    }
}
