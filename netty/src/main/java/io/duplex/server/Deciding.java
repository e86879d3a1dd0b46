package io.duplex.server;

import io.duplex.transport.HeadBuffer;
import io.duplex.transport.SocketListener;
import io.duplex.transport.SocketTransport;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a socket whose handshake waits for a decision of the application. A client has to wait, too (RFC 6455 §4.1): the
 * first bytes that come meanwhile are kept, if they are no more than a head may be, and then the socket is not read from.
 * The {@link ServerOpening}, whose clock goes on, does the rest. Confined to the event loop.
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
        // One that depends on it: the application's own may be what others wait for, too.
        this.decision = decision.thenApply(Function.identity());
    }

    /** Goes on when it is decided. */
    void await(BiConsumer<? super @Nullable T, ? super @Nullable Throwable> whenDecided) {
        decision.whenComplete((result, fault) -> transport.execute(() -> {
            if (!over) {
                over = true;
                transport.setReading(true);
                transport.turn(() -> {
                    whenDecided.accept(result, fault);
                    kept.handOn(kept.join(NOTHING.duplicate()), transport);
                });
                kept.release();
            }
        }));
    }

    /** Nobody waits for the decision any more; what comes from now on, the peer's end above all, is seen again. */
    void cancel() {
        if (!over) {
            transport.setReading(true);
            drop();
        }
    }

    private void drop() {
        if (!over) {
            over = true;
            kept.release();
            decision.cancel(true);
        }
    }

    @Override
    public void onReadable(ByteBuffer in) {
        if (over) {
            in.position(in.limit());
            return;
        }
        keptBytes += in.remaining();
        if (keptBytes > maxKeptBytes) {
            in.position(in.limit());
            cancel();
            opening.onImpatience();
            return;
        }
        transport.setReading(false);
        try {
            kept.keep(kept.join(in));
        } catch (OutOfMemoryError none) {
            in.position(in.limit());
            cancel();
            opening.onNoMemory();
        }
    }

    @Override
    public void onEof() {
        cancel();
        opening.onEof();
    }

    @Override
    public void onClosed(@Nullable Throwable failure) {
        drop();
        opening.onClosed(failure);
    }

    @Override
    public void onShutdown() {
        cancel();
        opening.onShutdown();
    }
}
