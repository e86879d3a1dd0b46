package io.duplex.polling;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * One end of a test in which both sides send the numbers from 0 on, every third one as bytes, and check what comes. It sends as
 * long as not too much waits. Confined to its session's loop.
 */
final class NumberedMessages implements WebSocketHandler {
    /** More of these short messages than a session has wait before it takes no more from its client. */
    private static final int WAITING_BYTES = 16 << 10;

    private static final int PROMISED = 30;

    private final long total;
    private final CompletableFuture<CloseOutcome> closed = new CompletableFuture<>();
    private long sent;
    private long received;
    private String fault = "";

    NumberedMessages(long total) {
        this.total = total;
    }

    /** The number of messages that came, in order. */
    long received() {
        return received;
    }

    /** What was wrong; empty if nothing was. */
    String fault() {
        return fault;
    }

    /** Kept when the session has ended: from then on other threads may look at what is here. */
    CompletableFuture<CloseOutcome> closed() {
        return closed;
    }

    boolean isDone() {
        return received == total && sent == total;
    }

    static boolean isBinary(long number) {
        return number % 3 == 0;
    }

    /** Checks that a message is the next one. */
    void take(String message, boolean binary) {
        if (fault.isEmpty() && !message.equals(Long.toString(received))) {
            fault = "message " + message + " came where " + received + " was due";
        }
        if (fault.isEmpty() && binary != isBinary(received)) {
            fault = "message " + message + " is of the wrong kind";
        }
        received++;
    }

    @Override
    public void onOpen(WebSocket socket) {
        sendMore(socket);
    }

    @Override
    public void onText(WebSocket socket, String text) {
        take(text, false);
        sendMore(socket);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        take(StandardCharsets.UTF_8.decode(payload).toString(), true);
        sendMore(socket);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        if (fault.isEmpty() && !isDone()) {
            fault = "closed: " + outcome;
        }
        closed.complete(outcome);
    }

    /** Sends as much as may wait. */
    void sendMore(WebSocket socket) {
        while (sent < total && socket.bufferedAmount() < WAITING_BYTES) {
            String text = Long.toString(sent);
            if (isBinary(sent)) {
                socket.send(StandardCharsets.UTF_8.encode(text));
            } else if (sent % PROMISED == 1) {
                // Its promise is kept when the client has it: there is room again.
                socket.sendAsync(text).thenRun(() -> sendMore(socket));
            } else {
                socket.send(text);
            }
            sent++;
        }
    }
}
