package io.duplex.conformance.interop;

import io.duplex.CloseOutcome;
import io.duplex.Handshake;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Our end of a connection, either role. Thread-safe. */
final class DuplexPeer implements WebSocketHandler {
    private final Transcript transcript = new Transcript();
    private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    private final CompletableFuture<CloseOutcome> ended = new CompletableFuture<>();
    private final boolean echoes;
    private final @Nullable Handshake handshake;

    private DuplexPeer(boolean echoes, @Nullable Handshake handshake) {
        this.echoes = echoes;
        this.handshake = handshake;
    }

    /** Only receives. */
    static DuplexPeer client() {
        return new DuplexPeer(false, null);
    }

    /** Sends every message back. */
    static DuplexPeer echo(Handshake handshake) {
        return new DuplexPeer(true, handshake);
    }

    /** The path that the peer was reached by. */
    String path() {
        return handshake == null ? "" : handshake.path();
    }

    Transcript received() {
        return transcript;
    }

    WebSocket socket() throws Exception {
        return opened.get(60, TimeUnit.SECONDS);
    }

    CloseOutcome awaitEnd() throws Exception {
        return ended.get(60, TimeUnit.SECONDS);
    }

    @Override
    public void onOpen(WebSocket socket) {
        opened.complete(socket);
    }

    @Override
    public void onText(WebSocket socket, String text) {
        if (echoes) {
            socket.send(text);
        } else {
            transcript.text(text);
        }
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        if (echoes) {
            socket.send(payload);
        } else {
            transcript.binary(payload);
        }
    }

    @Override
    public void onPong(WebSocket socket, ByteBuffer payload) {
        transcript.pong(payload);
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        ended.complete(outcome);
        transcript.ended(outcome);
    }
}
