package io.duplex.client;

import io.duplex.CloseOutcome;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.time.Duration;

/** One of the connections of a {@link ReconnectingWebSocket}: hands all on to the application's handler. */
final class Link implements WebSocketHandler {
    private final ReconnectingWebSocket owner;
    private final WebSocketHandler handler;
    private final Delivery delivery;
    private final long startNanos = System.nanoTime();

    /** Asks the handler for its {@link #delivery}. */
    Link(ReconnectingWebSocket owner, WebSocketHandler handler) {
        this.owner = owner;
        this.handler = handler;
        this.delivery = handler.delivery();
    }

    @Override
    public Delivery delivery() {
        return delivery;
    }

    @Override
    public void onOpen(WebSocket socket) {
        // First of all the application's subscriptions, then what waits.
        handler.onOpen(socket);
        owner.onOpen(socket);
    }

    @Override
    public void onText(WebSocket socket, String text) {
        handler.onText(socket, text);
    }

    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        handler.onTextBytes(socket, utf8);
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        handler.onBinary(socket, payload);
    }

    @Override
    public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
        handler.onTextPart(socket, utf8, last);
    }

    @Override
    public void onBinaryPart(WebSocket socket, ByteBuffer payload, boolean last) {
        handler.onBinaryPart(socket, payload, last);
    }

    @Override
    public void onPing(WebSocket socket, ByteBuffer payload) {
        handler.onPing(socket, payload);
    }

    @Override
    public void onPong(WebSocket socket, ByteBuffer payload) {
        handler.onPong(socket, payload);
    }

    @Override
    public void onDrain(WebSocket socket) {
        owner.onDrain(socket);
        handler.onDrain(socket);
    }

    @Override
    public void onDropped(WebSocket socket, long messages) {
        handler.onDropped(socket, messages);
    }

    @Override
    public void onError(WebSocket socket, WebSocketException error) {
        handler.onError(socket, error);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        owner.onClosing();
        try {
            handler.onClose(socket, outcome);
        } finally {
            owner.onClosed(Duration.ofNanos(System.nanoTime() - startNanos), outcome);
        }
    }
}
