package io.duplex.transport;

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
import io.duplex.client.WebSocketClient;
import io.duplex.extension.PermessageDeflate;
import io.duplex.server.WebSocketServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One big message as a stream, either way and on either side. {@code -Dduplex.slow=true} sends a gibibyte each way, which no
 * test JVM could hold twice.
 */
@Timeout(280)
class StreamsIT {
    private static final long BIG_BYTES = Boolean.getBoolean("duplex.slow") ? 1L << 30 : 48L << 20;
    private static final Limits LIMITS =
            Limits.builder().maxStreamBytes(BIG_BYTES).build();

    private final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private WebSocketServer server;
    private WebSocketClient client;

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private BlockingWebSocket connect(String path) {
        return connect(path, "auto", PermessageDeflate.DISABLED);
    }

    private BlockingWebSocket connect(String path, String io, PermessageDeflate compression) {
        server = WebSocketServer.builder()
                .port(0)
                .io(io)
                .limits(LIMITS)
                .compression(compression)
                .blockingRoute("/echo", StreamsIT::echo)
                .blockingRoute("/digest", StreamsIT::digest)
                .blockingRoute("/first", socket -> {
                    for (MessageStream next; (next = socket.receiveStream()) != null; ) {
                        socket.sendBinaryStream(out -> {});
                        next.close();
                    }
                })
                .blockingRoute(
                        "/half",
                        socket -> socket.sendBinaryStream(out -> {
                            out.write(new byte[100_000]);
                            throw new IOException("the disk is gone");
                        }))
                .blockingRoute(
                        "/slow",
                        socket -> socket.sendBinaryStream(out -> {
                            out.write(1);
                            out.flush();
                            await(goOn);
                            out.write(2);
                        }))
                .blockingRoute("/stuck", socket -> {
                    try {
                        socket.sendBinaryStream(out -> {
                            while (true) {
                                out.write(new byte[100_000]);
                            }
                        });
                    } catch (IOException e) {
                        ended.complete(e);
                    }
                })
                .start();
        client = WebSocketClient.builder()
                .io(io)
                .limits(LIMITS)
                .compression(compression)
                .build();
        return client.connect("ws://127.0.0.1:" + server.port() + path);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void echo(BlockingWebSocket socket) throws IOException {
        for (MessageStream next; (next = socket.receiveStream()) != null; ) {
            MessageStream message = next;
            if (message.isText()) {
                socket.sendTextStream(out -> message.text().transferTo(out));
            } else {
                socket.sendBinaryStream(out -> message.bytes().transferTo(out));
            }
        }
    }

    /** Answers with the SHA-256 of each message, as text, after a whole message that says how long it was. */
    private static void digest(BlockingWebSocket socket) throws IOException {
        for (MessageStream next; (next = socket.receiveStream()) != null; ) {
            MessageDigest sha = sha256();
            byte[] some = new byte[10_000];
            long length = 0;
            for (int read; (read = next.bytes().read(some)) >= 0; length += read) {
                sha.update(some, 0, read);
            }
            socket.send(Long.toString(length));
            socket.send(HexFormat.of().formatHex(sha.digest()));
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static MessageStream present(MessageStream stream) {
        return Objects.requireNonNull(stream);
    }

    @ParameterizedTest
    @MethodSource("io.duplex.transport.IoKinds#available")
    void aBigMessageGoesThroughBothSidesInConstantMemory(String io) throws Exception {
        try (BlockingWebSocket socket = connect("/echo", io, PermessageDeflate.DISABLED)) {
            MessageDigest sent = sha256();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(socket, sent));
            MessageDigest received = sha256();
            InputStream in = present(socket.receiveStream()).bytes();
            byte[] some = new byte[50_000];
            long length = 0;
            for (int read; (read = in.read(some)) >= 0; length += read) {
                received.update(some, 0, read);
            }
            sending.get(60, TimeUnit.SECONDS);
            assertThat(length).isEqualTo(BIG_BYTES);
            assertThat(received.digest()).isEqualTo(sent.digest());
            assertThat(socket.socket().bufferedAmount()).isZero();
        }
    }

    private static void send(BlockingWebSocket socket, MessageDigest digest) {
        try {
            socket.sendBinaryStream(out -> {
                byte[] block = new byte[1 << 16];
                new Random(1).nextBytes(block);
                for (long sent = 0; sent < BIG_BYTES; sent += block.length) {
                    block[(int) (sent % block.length)]++;
                    digest.update(block);
                    out.write(block);
                }
            });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aCompressedMessageThatIsAThousandTimesAsLongInflatedTakesConstantMemory() throws Exception {
        try (BlockingWebSocket socket = connect("/digest", "auto", PermessageDeflate.DEFAULT)) {
            assertThat(socket.socket().isCompressed()).isTrue();
            socket.sendBinaryStream(out -> {
                for (long sent = 0; sent < BIG_BYTES; sent += 1 << 16) {
                    out.write(new byte[1 << 16]);
                }
            });
            assertThat(socket.receive()).isEqualTo(new Message.Text(Long.toString(BIG_BYTES)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32 << 10, (32 << 10) + 1, 300_000})
    void textOfAnyLengthIsEncodedAndDecodedOnTheWay(int chars) throws Exception {
        try (BlockingWebSocket socket = connect("/echo")) {
            String text =
                    "gr\u00fc\u00df \u20ac \ud83d\ude00 ".repeat(chars / 10 + 1).substring(0, chars);
            String sent = text.endsWith("\ud83d") ? text + "\ude00" : text;
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    socket.sendTextStream(out -> {
                        for (int i = 0; i < sent.length(); i += 777) {
                            out.write(sent, i, Math.min(777, sent.length() - i));
                        }
                    });
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            MessageStream answer = present(socket.receiveStream(Duration.ofSeconds(30)));
            assertThat(answer.isText()).isTrue();
            StringWriter received = new StringWriter();
            answer.text().transferTo(received);
            sending.get(30, TimeUnit.SECONDS);
            assertThat(received.toString()).isEqualTo(sent);
        }
    }

    @Test
    void wholeMessagesAndStreamsTakeTurns() throws Exception {
        try (BlockingWebSocket socket = connect("/echo")) {
            for (int i = 0; i < 100; i++) {
                byte[] part = ("message " + i).getBytes(UTF_8);
                socket.send("message " + i);
                socket.sendBinaryStream(out -> new ByteArrayInputStream(part).transferTo(out));
                if (i % 2 == 0) {
                    assertThat(socket.receive()).isEqualTo(new Message.Text("message " + i));
                    assertThat(present(socket.receiveStream()).bytes().readAllBytes())
                            .isEqualTo(part);
                } else {
                    assertThat(present(socket.receiveStream()).bytes().readAllBytes())
                            .isEqualTo(part);
                    assertThat(socket.receive()).isEqualTo(new Message.Binary(ByteBuffer.wrap(part)));
                }
            }
        }
    }

    @Test
    void theUnreadRestIsSkipped() throws Exception {
        try (BlockingWebSocket socket = connect("/first")) {
            for (int i = 0; i < 5; i++) {
                socket.sendBinaryStream(out -> out.write(new byte[3_000_000]));
                assertThat(present(socket.receiveStream()).bytes().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void whatNobodyReadsStopsTheSender() throws Exception {
        try (BlockingWebSocket socket = connect("/stuck")) {
            InputStream in = present(socket.receiveStream()).bytes();
            assertThat(in.readNBytes(1_000_000)).hasSize(1_000_000);
            assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> ended.get(300, TimeUnit.MILLISECONDS));
            socket.socket().abort();
            assertThat(ended.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(ConnectionClosedException.class);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> in.transferTo(OutputStream.nullOutputStream()))
                    .withCauseInstanceOf(ConnectionClosedException.class);
        }
    }

    @Test
    void halfAMessageIsNeverAWholeOne() {
        BlockingWebSocket socket = connect("/half");
        MessageStream half = present(socket.receiveStream());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> half.bytes().readAllBytes())
                .withCauseInstanceOf(ConnectionClosedException.class)
                .withMessageContaining("1011");
        assertThat(Objects.requireNonNull(socket.closeOutcome()).status().code())
                .isEqualTo(1011);
    }

    @Test
    void eachKindOfReadingHasItsLimit() throws Exception {
        try (BlockingWebSocket socket = connect("/echo")) {
            socket.sendBinaryStream(out -> out.write(new byte[(1 << 20) + 1]));
            assertThatExceptionOfType(ConnectionClosedException.class)
                    .isThrownBy(socket::receive)
                    .satisfies(end -> assertThat(end.outcome().closedBy()).isEqualTo(ClosedBy.LIMIT))
                    .withMessageContaining("maxMessageBytes");
        }
    }

    @Test
    void aStreamThatIsTooLongClosesWith1009() {
        BlockingWebSocket socket = connect("/digest");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> socket.sendBinaryStream(out -> {
                    for (long sent = 0; sent <= BIG_BYTES + (8 << 20); sent += 1 << 16) {
                        out.write(new byte[1 << 16]);
                    }
                }))
                .withMessageContaining("maxStreamBytes");
    }

    @Test
    void aReaderThatWaitsCanBeInterruptedAndGoOn() throws Exception {
        try (BlockingWebSocket socket = connect("/slow")) {
            InputStream in = present(socket.receiveStream()).bytes();
            assertThat(in.read()).isEqualTo(1);
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread reader = new Thread(() -> {
                try {
                    thrown.complete(new AssertionError(in.read()));
                } catch (IOException e) {
                    thrown.complete(e);
                }
            });
            reader.start();
            reader.interrupt();
            assertThat(thrown.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
            goOn.countDown();
            assertThat(in.read()).isEqualTo(2);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void theThreadThatWritesAMessageSendsNoOther() throws Exception {
        try (BlockingWebSocket socket = connect("/echo")) {
            socket.sendTextStream(out -> {
                out.write("one");
                assertThatIllegalStateException().isThrownBy(() -> socket.send("two"));
            });
            assertThat(socket.receive()).isEqualTo(new Message.Text("one"));
            assertThatExceptionOfType(TimeoutException.class)
                    .isThrownBy(() -> socket.receiveStream(Duration.ofMillis(1)));
        }
    }
}
