package io.duplex.servlet;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A handler that echoes, and tells a test what becomes of its connection. Thread-safe. */
final class Member implements WebSocketHandler {
    private static final int PATIENCE_SECONDS = 60;

    private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    private final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();
    private final AtomicInteger messages = new AtomicInteger();

    @Override
    public void onOpen(WebSocket socket) {
        opened.complete(socket);
    }

    @Override
    public void onText(WebSocket socket, String text) {
        messages.incrementAndGet();
        socket.send(text);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        messages.incrementAndGet();
        socket.send(payload);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        closed.complete(outcome);
    }

    /** Waits for the connection. */
    WebSocket socket() throws Exception {
        return opened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits for the end. */
    CloseOutcome outcome() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Messages so far. */
    int messages() {
        return messages.get();
    }
}
