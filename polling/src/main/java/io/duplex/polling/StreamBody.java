package io.duplex.polling;

import io.duplex.connection.Loop;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer that goes on and on, handed over piece by piece, the next one when it is asked for. Confined to the
 * session's loop, but for what the HTTP client calls.
 */
final class StreamBody implements BodySubscriber<StreamBody> {
    private final Loop loop;
    private final Consumer<? super List<ByteBuffer>> pieces;
    private final Runnable ended;
    private @Nullable Subscription subscription;
    private boolean done;

    /**
     * Creates one that has yet to begin.
     *
     * @param ended is run when there is no more, whatever the reason, but for {@link #cancel}
     */
    StreamBody(Loop loop, Consumer<? super List<ByteBuffer>> pieces, Runnable ended) {
        this.loop = loop;
        this.pieces = pieces;
        this.ended = ended;
    }

    /** Asks for the next piece. */
    void next() {
        if (!done && subscription != null) {
            subscription.request(1);
        }
    }

    /** Reads no more, and closes the connection. */
    void cancel() {
        done = true;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    // The HTTP client's side

    @Override
    public CompletionStage<StreamBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Subscription source) {
        loop.execute(() -> {
            subscription = source;
            if (done) {
                source.cancel();
            } else {
                source.request(1);
            }
        });
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        loop.execute(() -> {
            if (!done) {
                pieces.accept(buffers);
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onComplete() {
        end();
    }

    private void end() {
        loop.execute(() -> {
            if (!done) {
                done = true;
                ended.run();
            }
        });
    }
}
