package io.duplex.polling;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** The body of an answer, as far as it is not longer than it may be. Confined to what the HTTP client does one after the other. */
final class BoundedBody implements BodySubscriber<BoundedBody.Content> {
    private final int maxBytes;
    private final Runnable pieceCame;
    private final CompletableFuture<Content> content = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private @Nullable Subscription subscription;

    /**
     * What was read.
     *
     * @param bytes the body, or its beginning
     * @param isWhole whether there was no more
     */
    record Content(ByteBuffer bytes, boolean isWhole) {
        private Content(ByteArrayOutputStream bytes, boolean isWhole) {
            this(ByteBuffer.wrap(bytes.toByteArray()), isWhole);
        }

        /** The content as UTF-8. */
        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        byte[] toArray() {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return copy;
        }
    }

    /**
     * Creates one of which nothing has come.
     *
     * @param maxBytes from which on no more is read
     * @param pieceCame is run by the HTTP client for each piece
     */
    BoundedBody(int maxBytes, Runnable pieceCame) {
        this.maxBytes = maxBytes;
        this.pieceCame = pieceCame;
    }

    @Override
    public CompletionStage<Content> getBody() {
        return content;
    }

    @Override
    public void onSubscribe(Subscription source) {
        subscription = source;
        source.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        pieceCame.run();
        for (ByteBuffer buffer : buffers) {
            byte[] part = new byte[Math.min(buffer.remaining(), maxBytes - bytes.size())];
            buffer.get(part);
            bytes.writeBytes(part);
            if (buffer.hasRemaining()) {
                if (subscription != null) {
                    subscription.cancel();
                }
                content.complete(new Content(bytes, false));
                return;
            }
        }
    }

    @Override
    public void onError(Throwable failure) {
        content.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        content.complete(new Content(bytes, true));
    }
}
