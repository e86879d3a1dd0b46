package io.duplex.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A handler that keeps what it is told, for a test that waits for it. Thread-safe. */
public final class Recorder implements WebSocketHandler {
    private static final int PATIENCE_SECONDS = 60;

    private final BlockingQueue<byte[]> texts = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> binaries = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> pings = new LinkedBlockingQueue<>();
    private final BlockingQueue<byte[]> pongs = new LinkedBlockingQueue<>();
    private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    private final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();
    private final List<WebSocketException> errors = new CopyOnWriteArrayList<>();

    @Override
    public void onOpen(WebSocket socket) {
        opened.complete(socket);
    }

    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        texts.add(copy(utf8));
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        binaries.add(copy(payload));
    }

    @Override
    public void onPing(WebSocket socket, ByteBuffer payload) {
        pings.add(copy(payload));
    }

    @Override
    public void onPong(WebSocket socket, ByteBuffer payload) {
        pongs.add(copy(payload));
    }

    @Override
    public void onError(WebSocket socket, WebSocketException error) {
        errors.add(error);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        closed.complete(outcome);
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    /** Waits for a text message. */
    public String text() throws Exception {
        return new String(next(texts), StandardCharsets.UTF_8);
    }

    /** Waits for a binary message. */
    public byte[] binary() throws Exception {
        return next(binaries);
    }

    /** Waits for a Ping. */
    public String ping() throws Exception {
        return new String(next(pings), StandardCharsets.UTF_8);
    }

    /** Waits for a Pong. */
    public String pong() throws Exception {
        return new String(next(pongs), StandardCharsets.UTF_8);
    }

    private static byte[] next(BlockingQueue<byte[]> queue) throws Exception {
        byte[] next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("came in time").isNotNull();
        return next;
    }

    /** Waits for the open socket. */
    public WebSocket socket() throws Exception {
        return opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for the end. */
    public CloseOutcome outcome() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** What went wrong so far. */
    public List<WebSocketException> errors() {
        return errors;
    }

    /** Whether a message is there that nobody waited for. */
    public boolean isEmpty() {
        return texts.isEmpty() && binaries.isEmpty();
    }
}
