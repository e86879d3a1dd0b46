package io.duplex.testkit;

import io.duplex.CloseOutcome;
import io.duplex.ProtocolException;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes down each callback as a line, then passes it on to the handler under test, if there is one. It also checks what
 * every connection promises: a callback that overlaps another, or comes before onOpen or after onClose, makes a line that
 * begins with {@code BROKEN}. Thread-safe.
 *
 * <p>The lines: {@code open}, {@code text Hello}, {@code binary 0102}, {@code text part He}, {@code text end llo}, {@code
 * ping 00}, {@code pong 00}, {@code drain}, {@code dropped 2}, {@code error INVALID_UTF8} or {@code error handler threw}, and
 * {@code close 1000 bye, clean, by PEER}. Content of more than {@value #MAX_SHOWN} bytes shows as its length.
 */
public final class RecordingHandler implements WebSocketHandler {
    static final int MAX_SHOWN = 200;

    private static final WebSocketHandler NOTHING = new WebSocketHandler() {};

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final AtomicBoolean inCallback = new AtomicBoolean();
    private final WebSocketHandler handler;
    private volatile boolean opened;
    private volatile @Nullable CloseOutcome outcome;

    /** Records, and does nothing else. */
    public RecordingHandler() {
        this(NOTHING);
    }

    /** Records, and passes on to {@code handler}. */
    public RecordingHandler(WebSocketHandler handler) {
        this.handler = handler;
    }

    /** The lines so far. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** The lines since the last call. */
    public List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.subList(0, taken.size()).clear();
        return taken;
    }

    /** What onClose was told; {@code null} while it has not been called. */
    public @Nullable CloseOutcome outcome() {
        return outcome;
    }

    private void record(String line, Runnable callback) {
        if (!inCallback.compareAndSet(false, true)) {
            lines.add("BROKEN overlap: " + line);
        } else if (!opened || outcome != null && !line.startsWith("close")) {
            lines.add("BROKEN order: " + line);
        } else {
            lines.add(line);
        }
        try {
            callback.run();
        } finally {
            inCallback.set(false);
        }
    }

    private static String text(ByteBuffer utf8) {
        return utf8.remaining() > MAX_SHOWN
                ? "of " + utf8.remaining() + " bytes"
                : StandardCharsets.UTF_8.decode(utf8.duplicate()).toString();
    }

    static String hex(ByteBuffer bytes) {
        return bytes.remaining() > MAX_SHOWN ? "of " + bytes.remaining() + " bytes" : Hex.format(bytes);
    }

    @Override
    public Delivery delivery() {
        return handler.delivery();
    }

    @Override
    public void onOpen(WebSocket socket) {
        boolean again = opened;
        opened = true;
        record(again ? "BROKEN second open" : "open", () -> handler.onOpen(socket));
    }

    @Override
    public void onTextBytes(WebSocket socket, ByteBuffer utf8) {
        record("text " + text(utf8), () -> handler.onTextBytes(socket, utf8));
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuffer payload) {
        record("binary " + hex(payload), () -> handler.onBinary(socket, payload));
    }

    @Override
    public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
        record("text " + (last ? "end " : "part ") + text(utf8), () -> handler.onTextPart(socket, utf8, last));
    }

    @Override
    public void onBinaryPart(WebSocket socket, ByteBuffer payload, boolean last) {
        record("binary " + (last ? "end " : "part ") + hex(payload), () -> handler.onBinaryPart(socket, payload, last));
    }

    @Override
    public void onPing(WebSocket socket, ByteBuffer payload) {
        record("ping " + hex(payload), () -> handler.onPing(socket, payload));
    }

    @Override
    public void onPong(WebSocket socket, ByteBuffer payload) {
        record("pong " + hex(payload), () -> handler.onPong(socket, payload));
    }

    @Override
    public void onDrain(WebSocket socket) {
        record("drain", () -> handler.onDrain(socket));
    }

    @Override
    public void onDropped(WebSocket socket, long messages) {
        record("dropped " + messages, () -> handler.onDropped(socket, messages));
    }

    @Override
    public void onError(WebSocket socket, WebSocketException error) {
        String what =
                error instanceof ProtocolException fault ? fault.violation().name() : error.getMessage();
        record("error " + what, () -> handler.onError(socket, error));
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome how) {
        String line = "close " + how.status() + (how.clean() ? ", clean, by " : ", by ") + how.closedBy();
        boolean again = outcome != null;
        outcome = how;
        record(again ? "BROKEN second " + line : line, () -> handler.onClose(socket, how));
    }
}
