package io.duplex.connection;

import io.duplex.BlockingWebSocket;
import io.duplex.BlockingWebSocketHandler;
import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns one connection's callbacks into a {@link BlockingWebSocket}. It has no thread of its own. A host gives it to the
 * {@link Connection} like any handler:
 *
 * <ul>
 *   <li>a client that connects and waits makes {@code new BlockingHandler(future::complete)} and waits for the future;
 *   <li>a blocking route makes {@link #running} with the user's code and an executor of threads that may wait.
 * </ul>
 *
 * <p>Its onOpen takes the {@link Connection} itself, not another {@link WebSocket} around it. The callbacks are confined to the event loop; the socket that it makes is thread-safe.
 */
public final class BlockingHandler implements WebSocketHandler {
    private final Consumer<? super BlockingSocket> whenOpen;
    private @Nullable BlockingSocket opened;

    /**
     * Creates the handler of one {@link Connection}.
     *
     * @param whenOpen given the socket on the event loop, before any message: must not wait
     */
    public BlockingHandler(Consumer<? super BlockingWebSocket> whenOpen) {
        this.whenOpen = whenOpen;
    }

    private BlockingHandler(BlockingWebSocketHandler code, Executor executor) {
        this.whenOpen = socket -> executor.execute(() -> run(code, socket));
    }

    /**
     * A handler that has {@code executor} run {@code code} once the connection is open, and then closes the connection: with
     * 1000 if the code returned, with 1011 if it threw. What it throws counts as thrown by a callback, unless it tells of
     * this connection's end. So does what the executor throws if it refuses.
     */
    public static BlockingHandler running(BlockingWebSocketHandler code, Executor executor) {
        return new BlockingHandler(code, executor);
    }

    private static void run(BlockingWebSocketHandler code, BlockingSocket socket) {
        try {
            code.handle(socket);
            socket.socket().close();
        } catch (Throwable fault) {
            if (!tellsOfTheEnd(fault, socket)) {
                socket.fail(fault);
            }
        }
    }

    /** Also behind what a stream throws. */
    @SuppressWarnings("ReferenceEquality") // the end of this very connection, not one like it
    private static boolean tellsOfTheEnd(Throwable fault, BlockingSocket socket) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectionClosedException closed && closed.outcome() == socket.closeOutcome()) {
                return true;
            }
        }
        return false;
    }

    private BlockingSocket opened() {
        return Objects.requireNonNull(opened, "onOpen has not come");
    }

    @Override
    public void onOpen(WebSocket socket) {
        BlockingSocket blocking = new BlockingSocket((Connection) socket);
        opened = blocking;
        whenOpen.accept(blocking);
    }

    /** Parts: they are joined where somebody asks for a whole message, at the same cost, and streamed where not. */
    @Override
    public Delivery delivery() {
        return Delivery.PARTS;
    }

    @Override
    public void onTextPart(WebSocket socket, ByteBuffer utf8, boolean last) {
        opened().inbox().offer(true, utf8, last);
    }

    @Override
    public void onBinaryPart(WebSocket socket, ByteBuffer payload, boolean last) {
        opened().inbox().offer(false, payload, last);
    }

    @Override
    public void onDrain(WebSocket socket) {
        opened().drained();
    }

    @Override
    public void onClose(WebSocket socket, CloseOutcome outcome) {
        opened().ended(outcome);
    }
}
