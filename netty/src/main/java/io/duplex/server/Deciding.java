package io.duplex.server;

import io.duplex.transport.HeadBuffer;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket whose handshake waits for a decision of the application. What comes meanwhile is kept, up to the size of a
 * head and a read; then the socket is not read from. The {@link ServerOpening}, whose clock goes on, does the rest. Confined
 * to the event loop.
 *
 * @param <T> what is decided
 */
final class Deciding<T> implements SocketListener {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ServerOpening opening;
    private final SocketTransport transport;
    private final HeadBuffer kept;
    private final int maxKeptBytes;
    private final CompletableFuture<T> decision;
    private long keptBytes;
    private boolean over;

    Deciding(ServerOpening opening, SocketTransport transport, int maxKeptBytes, CompletableFuture<T> decision) {
        this.opening = opening;
        this.transport = transport;
        this.kept = new HeadBuffer(transport.loop());
        this.maxKeptBytes = maxKeptBytes;
        this.decision = decision;
    }

    /** Goes on when it is decided. */
    void await(BiConsumer<? super @Nullable T, ? super @Nullable Throwable> whenDecided) {
        decision.whenComplete((result, fault) -> transport.execute(() -> {
            if (!over) {
                over = true;
                transport.setReading(true);
                whenDecided.accept(result, fault);
                kept.handOn(kept.join(NOTHING.duplicate()), transport);
            }
        }));
    }

    /** Nobody waits for the decision any more. */
    void cancel() {
        if (!over) {
            over = true;
            kept.release();
            decision.cancel(true);
        }
    }

    @Override
    public void onReadable(ByteBuffer in) {
        keptBytes += in.remaining();
        kept.keep(kept.join(in));
        if (keptBytes > maxKeptBytes) {
            transport.setReading(false);
        }
    }

    @Override
    public void onEof() {
        cancel();
        opening.onEof();
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        cancel();
        opening.onClosed(failure);
    }

    @Override
    public void onShutdown() {
        cancel();
        opening.onShutdown();
    }
}
