package io.duplex.connection;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.duplex.BlockingWebSocket;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.ConnectionClosedException;
import io.duplex.Limits;
import io.duplex.Message;
import io.duplex.MessageStream;
import io.duplex.ReadyState;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.testkit.MemoryLink;
import io.duplex.testkit.MemoryNetwork;
import io.duplex.testkit.RecordingHandler;
import io.duplex.testkit.ThreadLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Messages that are read while they come and written while they leave, opposite a client on an event loop. One class, as reading and
 * writing are tested on the same two ends, and long for its many ways to stop in the middle.
 */
@Timeout(60)
class BlockingStreamsTest {
    private final ThreadLoop loop = new ThreadLoop();
    private final MemoryNetwork network = new MemoryNetwork(loop);
    private final ExecutorService workers = Executors.newCachedThreadPool();

    private final CompletableFuture<BlockingWebSocket> opened = new CompletableFuture<>();
    private final CompletableFuture<MemoryLink> link = new CompletableFuture<>();
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final RecordingHandler server = new RecordingHandler(new BlockingHandler(opened::complete));
    private final RecordingHandler client = new RecordingHandler(new WebSocketHandler() {
        @Override
        public Delivery delivery() {
            return Delivery.PARTS;
        }

        @Override
        public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
            onBinaryPart(socket, utf8, last);
        }

        @Override
        public void onBinaryPart(WebSocket socket, ByteBuffer payload, boolean last) {
            byte[] part = new byte[payload.remaining()];
            payload.get(part);
            got.writeBytes(part);
            if (last) {
                ended.countDown();
            }
        }
    });

    @AfterEach
    void stop() {
        workers.shutdownNow();
        loop.close();
    }

    private BlockingWebSocket socket() {
        if (!link.isDone()) {
            loop.execute(() -> link.complete(network.connect(client, server)));
        }
        return opened.join();
    }

    private WebSocket peer() {
        return link.join().client();
    }

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

    /** Lets what is under way arrive. */
    private void settle() {
        for (int i = 0; i < 20; i++) {
            onLoop(() -> {});
        }
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String read(InputStream in, int bytes) throws IOException {
        return new String(in.readNBytes(bytes), US_ASCII);
    }

    private static MessageStream present(MessageStream stream) {
        assertThat(stream).isNotNull();
        return stream;
    }

    /** A thread that does something that waits, and can be interrupted. */
    private static final class Waiting {
        final CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        final CompletableFuture<Boolean> flag = new CompletableFuture<>();
        final Thread thread;

        interface Act {
            void run() throws Exception;
        }

        Waiting(Act act) {
            thread = new Thread(() -> {
                try {
                    act.run();
                    thrown.completeExceptionally(new AssertionError("not interrupted"));
                } catch (Throwable e) {
                    flag.complete(Thread.currentThread().isInterrupted());
                    thrown.complete(e);
                }
            });
            thread.start();
        }

        Throwable interrupt() {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            thread.interrupt();
            assertThat(flag.join()).isTrue();
            return thrown.join();
        }
    }

    @Nested
    class Reading {
        @Test
        void aMessageIsReadWhileItComes() throws IOException {
            socket();
            peer().sendBinaryPart(ascii("Hello"), false);
            MessageStream stream = present(socket().receiveStream());
            assertThat(stream.isText()).isFalse();
            assertThat(stream.bytes().available()).isZero();
            assertThat(stream.bytes().read()).isEqualTo('H');
            assertThat(stream.bytes().available()).isEqualTo(4);
            assertThat(read(stream.bytes(), 4)).isEqualTo("ello");
            peer().sendBinaryPart(ascii(", "), false);
            assertThat(read(stream.bytes(), 2)).isEqualTo(", ");
            peer().sendBinaryPart(ascii("world"), true);
            assertThat(read(stream.bytes(), 100)).isEqualTo("world");
            assertThat(stream.bytes().read()).isEqualTo(-1);
            assertThat(stream.bytes().read(new byte[1])).isEqualTo(-1);
            assertThat(stream.bytes().read(new byte[0])).isZero();
            assertThatIllegalStateException().isThrownBy(stream::text);
        }

        @Test
        void textIsDecodedAcrossParts() throws IOException {
            socket();
            byte[] utf8 = "gr\u00fc\u00df 20 \u20ac \ud83d\ude00".getBytes(UTF_8);
            for (int i = 0; i < utf8.length; i++) {
                peer().sendTextPart(ByteBuffer.wrap(utf8, i, 1), i == utf8.length - 1);
            }
            MessageStream stream = present(socket().receiveStream());
            assertThat(stream.isText()).isTrue();
            StringWriter text = new StringWriter();
            stream.text().transferTo(text);
            assertThat(text).hasToString("gr\u00fc\u00df 20 \u20ac \ud83d\ude00");
            assertThat(stream.text()).isSameAs(stream.text());
            assertThat(stream.bytes()).isSameAs(stream.bytes());
        }

        @Test
        void wholeMessagesAndStreamsTakeTurns() throws IOException {
            socket();
            peer().send("a");
            peer().send("b");
            peer().send("c");
            assertThat(socket().receive()).isEqualTo(new Message.Text("a"));
            assertThat(read(present(socket().receiveStream()).bytes(), 100)).isEqualTo("b");
            assertThat(socket().receive()).isEqualTo(new Message.Text("c"));
        }

        @Test
        void aMessageOfPartsIsJoinedForWhoWantsItWhole() {
            socket();
            peer().sendTextPart(ascii("a".repeat(2000)), false);
            peer().sendTextPart(ascii("b".repeat(2000)), false);
            settle();
            peer().sendTextPart(ascii("c"), true);
            peer().sendBinaryPart(ascii("d"), false);
            peer().sendBinaryPart(ascii("e"), true);
            assertThat(socket().receive()).isEqualTo(new Message.Text("a".repeat(2000) + "b".repeat(2000) + "c"));
            assertThat(socket().receive()).isEqualTo(new Message.Binary(ascii("de")));
        }

        @Test
        void theUnreadRestIsSkippedWhenTheNextMessageIsAskedFor() throws IOException {
            socket();
            peer().sendBinaryPart(ascii("first"), false);
            peer().sendBinaryPart(ascii(" rest"), true);
            peer().send("second");
            MessageStream first = present(socket().receiveStream());
            assertThat(read(first.bytes(), 2)).isEqualTo("fi");
            assertThat(socket().receive()).isEqualTo(new Message.Text("second"));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> first.bytes().readAllBytes())
                    .withMessage("stream is closed");
        }

        @Test
        void theRestIsSkippedThatHasYetToCome() throws IOException {
            socket();
            peer().sendBinaryPart(ascii("first"), false);
            MessageStream first = present(socket().receiveStream());
            settle();
            Future<Message> next = workers.submit(() -> socket().receive());
            settle();
            peer().sendBinaryPart(ByteBuffer.allocate(300_000), false);
            settle();
            peer().sendBinaryPart(ascii("rest"), true);
            peer().send("second");
            assertThat(join(next)).isEqualTo(new Message.Text("second"));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> first.bytes().readAllBytes());
        }

        @Test
        void aClosedStreamIsSkippedAndCannotBeRead() throws IOException {
            socket();
            peer().sendBinaryPart(ascii("first"), false);
            MessageStream first = present(socket().receiveStream());
            assertThat(read(first.bytes(), 1)).isEqualTo("f");
            first.close();
            first.close();
            assertThat(first.bytes().available()).isZero();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> first.bytes().read())
                    .withMessage("stream is closed");
            peer().sendBinaryPart(ascii("rest"), true);
            peer().send("second");
            MessageStream second = present(socket().receiveStream());
            first.close();
            assertThat(read(second.bytes(), 100)).isEqualTo("second");
        }

        @Test
        void whoReadsAStreamThatAnotherThreadEndsIsTold() {
            socket();
            peer().sendBinaryPart(ascii("first"), false);
            MessageStream first = present(socket().receiveStream());
            Future<byte[]> reader = workers.submit(() -> first.bytes().readAllBytes());
            settle();
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> socket().receive(Duration.ZERO));
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> reader.get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(IOException.class);
        }

        @Test
        void aMessageOfAnyLengthTakesBoundedMemory() throws IOException {
            network.limits(Limits.builder().maxStreamBytes(20_000_000).build());
            socket();
            Future<?> sender = workers.submit(() -> send(20_000_000));
            InputStream in = present(socket().receiveStream()).bytes();
            assertThat(in.read()).isZero();
            int[] buffered = new int[1];
            while (buffered[0] < 60_000) {
                onLoop(() -> buffered[0] = link.join().toServer().buffered());
            }
            // Each line is a part of a frame of 10,000 bytes.
            assertThat(server.lines().size() * 10_000).isLessThan(1 << 20);
            OutputStream sink = OutputStream.nullOutputStream();
            assertThat(in.transferTo(sink)).isEqualTo(19_999_999);
            join(sender);
        }

        private void send(int length) {
            for (int sent = 0; sent < length; sent += 10_000) {
                while (peer().bufferedAmount() > 100_000 && peer().readyState() == ReadyState.OPEN) {
                    onLoop(() -> {});
                }
                peer().sendBinaryPart(ByteBuffer.allocate(10_000), sent + 10_000 == length);
            }
        }

        @Test
        void aMessageThatNeverEndsIsNoMessage() throws TimeoutException {
            socket();
            peer().sendBinaryPart(ascii("half"), false);
            settle();
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> socket().receive(Duration.ofMillis(1)));
            MessageStream stream = present(socket().receiveStream(Duration.ZERO));
            peer().close(4000, "bye");
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> stream.bytes().readAllBytes())
                    .withCauseInstanceOf(ConnectionClosedException.class);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> stream.bytes().read())
                    .withCauseInstanceOf(ConnectionClosedException.class);
            assertThat(socket().receiveStream()).isNull();
            assertThat(socket().receive()).isNull();
        }

        @Test
        void whatIsLeftOfAHalfMessageAtTheEndIsNotHandedOut() {
            socket();
            peer().sendBinaryPart(ascii("half"), false);
            peer().close();
            socket().close();
            assertThat(socket().receiveStream()).isNull();
        }

        @Test
        void aBrokenConnectionEndsNoStreamAsIfItWereWhole() throws TimeoutException {
            socket();
            peer().sendBinaryPart(ascii("half"), false);
            MessageStream stream = present(socket().receiveStream(Duration.ofSeconds(30)));
            loop.execute(link.join()::cut);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> stream.bytes().readAllBytes())
                    .withCauseInstanceOf(ConnectionClosedException.class);
            assertThatExceptionOfType(ConnectionClosedException.class).isThrownBy(() -> socket().receiveStream());
        }

        @Test
        void aReaderThatWaitsCanBeInterruptedAndGoOn() throws IOException {
            socket();
            peer().sendBinaryPart(ascii("a"), false);
            MessageStream stream = present(socket().receiveStream());
            Waiting reader = new Waiting(() -> stream.bytes().readAllBytes());
            assertThat(reader.interrupt())
                    .isInstanceOf(InterruptedIOException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            peer().sendBinaryPart(ascii("b"), true);
            assertThat(read(stream.bytes(), 100)).isEqualTo("b");
        }

        @Test
        void whoWaitsForAMessageToBeginCanBeInterrupted() {
            socket();
            Waiting receiver = new Waiting(() -> socket().receiveStream());
            while (receiver.thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            receiver.thread.interrupt();
            assertThat(receiver.thrown.join())
                    .isInstanceOf(WebSocketException.class)
                    .hasMessage("receive was interrupted");
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> socket().receiveStream(Duration.ZERO))
                    .withMessage("no message within PT0S");
        }

        @Test
        void theEventLoopMustNotWait() {
            socket();
            peer().sendBinaryPart(ascii("a"), false);
            MessageStream stream = present(socket().receiveStream());
            onLoop(() -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> stream.bytes().read());
                assertThatIllegalStateException().isThrownBy(() -> socket().receiveStream());
                assertThatIllegalStateException().isThrownBy(() -> socket().sendBinaryStream(out -> {}));
            });
        }
    }

    private static <T> T join(Future<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    @Nested
    class TheLimits {
        private void limit(int message, int stream) {
            network.limits(Limits.builder()
                    .maxMessageBytes(message)
                    .maxStreamBytes(stream)
                    .build());
            socket();
        }

        @Test
        void ofAStreamIsItsOwn() throws IOException {
            limit(1000, 5000);
            peer().send(ByteBuffer.allocate(5000));
            assertThat(present(socket().receiveStream()).bytes().readAllBytes()).hasSize(5000);
            peer().send(ByteBuffer.allocate(1000));
            assertThat(socket().receive()).isEqualTo(new Message.Binary(ByteBuffer.allocate(1000)));
            peer().send(ByteBuffer.allocate(5001));
            assertThatExceptionOfType(ConnectionClosedException.class).isThrownBy(() -> socket().receiveStream());
            assertThat(server.lines()).contains("error FRAME_TOO_BIG");
        }

        @Test
        void ofAWholeMessageClosesWith1009() {
            limit(1000, 5000);
            peer().send("before");
            peer().send(ByteBuffer.allocate(1001));
            peer().send("after");
            settle();
            assertThat(socket().receive()).isEqualTo(new Message.Text("before"));
            assertThatExceptionOfType(ConnectionClosedException.class)
                    .isThrownBy(() -> socket().receive())
                    .satisfies(e -> {
                        assertThat(e.outcome().closedBy()).isEqualTo(ClosedBy.LIMIT);
                        assertThat(e.outcome().sent().code()).isEqualTo(1009);
                    });
            settle();
            assertThat(server.lines()).contains("error MESSAGE_TOO_BIG");
            assertThat(client.outcome().status().reason()).isEqualTo("message is bigger than maxMessageBytes");
        }

        @Test
        void ofAWholeMessageStopsOneThatHasNotEnded() {
            limit(600_000, 5_000_000);
            Future<Message> receiver = workers.submit(() -> socket().receive());
            for (int i = 0; i < 20; i++) {
                peer().sendBinaryPart(ByteBuffer.allocate(50_000), false);
                settle();
            }
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> receiver.get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(ConnectionClosedException.class);
        }

        @Test
        void ofAWholeMessageIsWaitedForNoLongerThanAsked() {
            limit(1000, 5000);
            onLoop(() -> link.join().toClient().hold());
            peer().send(ByteBuffer.allocate(1001));
            settle();
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> socket().receive(Duration.ofMillis(1)));
            loop.execute(() -> link.join().toClient().release());
            assertThat(socket().receive()).isNull();
            assertThat(socket().closeOutcome().closedBy()).isEqualTo(ClosedBy.LIMIT);
        }
    }

    @Nested
    class Writing {
        @Test
        void aMessageLeavesWhileItIsWritten() throws Exception {
            socket().sendBinaryStream(out -> {
                out.write('a');
                out.flush();
                out.flush();
                while (got.size() < 1) {
                    settle();
                }
                out.write(new byte[100_000]);
                out.write(ascii("xyz").array(), 1, 1);
            });
            ended.await();
            assertThat(got.size()).isEqualTo(100_002);
            assertThat(client.lines()).contains("binary part 61");
            assertThat(client.lines().get(client.lines().size() - 1)).startsWith("binary end");
        }

        @Test
        void aShortMessageIsOneFrame() throws Exception {
            socket().sendBinaryStream(out -> out.write(ascii("short").array()));
            socket().sendTextStream(out -> {});
            socket().sendTextStream(out -> out.write("text"));
            settle();
            assertThat(client.lines())
                    .containsExactly("open", "binary end " + "73686f7274", "text end ", "text end text");
        }

        @Test
        void textIsEncodedAsItComes() throws Exception {
            socket().sendTextStream(out -> {
                out.write('\ud83d');
                out.flush();
                out.write("\ude00 \ud83d ");
                out.write("\u20ac".repeat(50_000));
                out.write('\ud83d');
            });
            ended.await();
            assertThat(got.toString(UTF_8)).isEqualTo("\ud83d\ude00 \ufffd " + "\u20ac".repeat(50_000) + "\ufffd");
        }

        @Test
        void closingTheStreamEndsNothing() throws Exception {
            List<OutputStream> kept = new ArrayList<>();
            socket().sendBinaryStream(out -> {
                out.write('a');
                out.close();
                out.close();
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> out.write('b'))
                        .withMessage("stream is closed");
                assertThatExceptionOfType(IOException.class).isThrownBy(out::flush);
                settle();
                assertThat(client.lines()).containsExactly("open");
                kept.add(out);
            });
            socket().sendTextStream(Writer::close);
            settle();
            assertThat(client.lines()).containsExactly("open", "binary end 61", "text end ");
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> kept.get(0).write('c'));
        }

        @Test
        void aStreamIsOverWhenItsBodyReturns() throws Exception {
            List<OutputStream> kept = new ArrayList<>();
            socket().sendBinaryStream(kept::add);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> kept.get(0).write('c'))
                    .withMessage("stream is closed");
        }

        @Test
        void ofABodyThatFailsBeforeAnythingLeftNothingLeaves() {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> socket().sendBinaryStream(out -> {
                        out.write(new byte[1000]);
                        throw new IOException("no more");
                    }))
                    .withMessage("no more");
            socket().send("next");
            settle();
            assertThat(client.lines()).containsExactly("open", "text end next");
        }

        @Test
        void halfAMessageIsNeverAWholeOne() {
            assertThatIllegalStateException()
                    .isThrownBy(() -> socket().sendBinaryStream(out -> {
                        out.write(new byte[100_000]);
                        out.close();
                        throw new IllegalStateException("no more");
                    }))
                    .withMessage("no more");
            assertThat(socket().receive()).isNull();
            settle();
            assertThat(client.lines()).noneMatch(line -> line.contains("end"));
            assertThat(client.outcome().status().toString()).isEqualTo("1011 message was not finished");
        }

        @Test
        void nothingElseIsSentByTheThreadThatWritesAMessage() throws Exception {
            socket().sendBinaryStream(out -> {
                assertThatIllegalStateException()
                        .isThrownBy(() -> socket().send("a"))
                        .withMessage("a message is being written by this thread");
                assertThatIllegalStateException().isThrownBy(() -> socket().sendBinaryStream(second -> {}));
                out.write('b');
            });
            socket().send("c");
            settle();
            assertThat(client.lines()).containsExactly("open", "binary end 62", "text end c");
        }

        @Test
        void otherThreadsWaitForTheEndOfTheMessage() throws Exception {
            CountDownLatch begun = new CountDownLatch(1);
            List<Future<?>> others = new ArrayList<>();
            socket().sendBinaryStream(out -> {
                out.write('a');
                out.flush();
                others.add(workers.submit(() -> {
                    begun.countDown();
                    socket().send("c");
                }));
                awaitUninterrupted(begun);
                out.write('b');
            });
            join(others.get(0));
            settle();
            assertThat(client.lines()).containsExactly("open", "binary part 61", "binary end 62", "text end c");
        }

        private void awaitUninterrupted(CountDownLatch latch) {
            while (latch.getCount() > 0) {
                settle();
            }
        }

        @Test
        void aWriteWaitsWhileThePeerDoesNotRead() throws Exception {
            network.limits(Limits.builder().maxStreamBytes(10_000_000).build());
            socket();
            onLoop(() -> link.join().toClient().hold());
            int length = 10_000_000;
            Future<?> sender = workers.submit(() -> {
                socket().sendBinaryStream(out -> out.write(new byte[length]));
                return null;
            });
            while (peerHolds() < 60_000) {
                settle();
            }
            // What waits behind the message is no backlog to its sender.
            socket().socket().send(ByteBuffer.allocate(200_000));
            settle();
            assertThat(socket().socket().bufferedAmount()).isLessThan(600_000);
            assertThat(sender.isDone()).isFalse();
            loop.execute(() -> link.join().toClient().release());
            join(sender);
            ended.await();
        }

        private int peerHolds() {
            int[] buffered = new int[1];
            onLoop(() -> buffered[0] = link.join().toClient().buffered());
            return buffered[0];
        }

        @Test
        void aWriteThatWaitsCanBeInterrupted() {
            socket();
            onLoop(() -> link.join().toClient().hold());
            Waiting sender = new Waiting(() -> socket().sendBinaryStream(out -> out.write(new byte[10_000_000])));
            while (peerHolds() < 60_000) {
                settle();
            }
            assertThat(sender.interrupt())
                    .isInstanceOf(InterruptedIOException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(socket().readyState()).isEqualTo(ReadyState.CLOSING);
        }

        @Test
        void whoWaitsForAnotherThreadsMessageCanBeInterrupted() throws Exception {
            CountDownLatch done = new CountDownLatch(1);
            CountDownLatch begun = new CountDownLatch(1);
            Future<?> first = workers.submit(() -> {
                socket().sendBinaryStream(out -> {
                    begun.countDown();
                    awaitUninterrupted(done);
                });
                return null;
            });
            begun.await();
            Waiting second = new Waiting(() -> socket().sendTextStream(out -> {}));
            assertThat(second.interrupt()).isInstanceOf(WebSocketException.class);
            done.countDown();
            join(first);
        }

        @Test
        void theEndOfTheConnectionEndsTheWriting() {
            socket();
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> socket().sendBinaryStream(out -> {
                        onLoop(() -> link.join().cut());
                        settle();
                        out.write(new byte[100_000]);
                    }))
                    .withCauseInstanceOf(ConnectionClosedException.class);
        }

        @Test
        void theEndOfTheConnectionEndsAWaitForThePeerToRead() {
            socket();
            onLoop(() -> link.join().toClient().hold());
            Future<?> sender = workers.submit(() -> {
                socket().sendBinaryStream(out -> out.write(new byte[10_000_000]));
                return null;
            });
            while (peerHolds() < 60_000) {
                settle();
            }
            loop.execute(link.join()::cut);
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> sender.get(30, TimeUnit.SECONDS))
                    .withCauseInstanceOf(IOException.class)
                    .withRootCauseInstanceOf(IOException.class);
        }
    }
}
