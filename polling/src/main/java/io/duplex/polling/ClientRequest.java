package io.duplex.polling;

import io.duplex.connection.Loop;
import io.duplex.connection.TimerWheel;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request on its way, up to the end of its answer. Confined to the session's loop. */
final class ClientRequest {
    private final Loop loop;
    private final Set<ClientRequest> pending;
    private final long timeoutNanos;
    private final @Nullable Runnable progress;
    private final Consumer<? super HttpResponse<BoundedBody.Content>> answered;
    private final Consumer<? super IOException> failed;
    private final TimerWheel.Timer timer = new TimerWheel.Timer(this::onTimeout);
    /** {@code null} before it is sent. */
    private @Nullable CompletableFuture<HttpResponse<BoundedBody.Content>> exchange;

    private boolean done;

    private ClientRequest(
            Loop loop,
            Set<ClientRequest> pending,
            Duration timeout,
            @Nullable Runnable progress,
            Consumer<? super HttpResponse<BoundedBody.Content>> answered,
            Consumer<? super IOException> failed) {
        this.loop = loop;
        this.pending = pending;
        this.timeoutNanos = timeout.toNanos();
        this.progress = progress;
        this.answered = answered;
        this.failed = failed;
    }

    /**
     * Sends a request; one of the two is told of its end, but for {@link #cancel}.
     *
     * @param maxBytes of the answer's body
     * @param timeout until its last byte, or, with {@code progress}, until the next piece of the body; zero for none
     * @param progress is run for each piece of the answer's body; {@code null} if the time is for the whole
     * @param pending has it as long as it is on its way
     * @return the request, whose end is not told before this returns
     */
    static ClientRequest send(
            ClientHttp http,
            HttpRequest request,
            int maxBytes,
            Duration timeout,
            @Nullable Runnable progress,
            Loop loop,
            Set<ClientRequest> pending,
            Consumer<? super HttpResponse<BoundedBody.Content>> answered,
            Consumer<? super IOException> failed) {
        ClientRequest sent = new ClientRequest(loop, pending, timeout, progress, answered, failed);
        Runnable pieceCame = progress == null ? () -> {} : () -> loop.execute(sent::onPiece);
        CompletableFuture<HttpResponse<BoundedBody.Content>> exchange =
                http.send(request, head -> new BoundedBody(maxBytes, pieceCame));
        sent.exchange = exchange;
        pending.add(sent);
        sent.beginTime();
        exchange.whenComplete((response, failure) -> loop.execute(() -> sent.end(response, failure)));
        return sent;
    }

    private void beginTime() {
        if (timeoutNanos > 0) {
            loop.timers().schedule(timer, timeoutNanos);
        }
    }

    private void onPiece() {
        if (!done && progress != null) {
            beginTime();
            progress.run();
        }
    }

    private boolean leave() {
        boolean isFirst = !done;
        done = true;
        pending.remove(this);
        loop.timers().cancel(timer);
        return isFirst;
    }

    private void end(@Nullable HttpResponse<BoundedBody.Content> response, @Nullable Throwable failure) {
        if (!leave()) {
            return;
        }
        if (response != null) {
            answered.accept(response);
        } else {
            failed.accept(failure(failure));
        }
    }

    private static IOException failure(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof IOException known ? known : new IOException("the request failed", cause);
    }

    private long onTimeout(long nowNanos) {
        if (leave()) {
            stop();
            failed.accept(new HttpTimeoutException("no answer in time"));
        }
        return TimerWheel.Watch.NEVER;
    }

    /** Gives it up: nobody is told. */
    void cancel() {
        if (leave()) {
            stop();
        }
    }

    private void stop() {
        if (exchange != null) {
            exchange.cancel(true);
        }
    }
}
