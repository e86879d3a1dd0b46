package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The futures of one connection's messages that have not left yet: whatever happens, each is completed. Thread-safe. */
@SuppressWarnings("CollectionUndefinedEquality") // each future is itself
final class Promises {
    private final Set<CompletableFuture<Void>> open = ConcurrentHashMap.newKeySet();

    /** A future that is to be kept, failed, or ended. */
    CompletableFuture<Void> create() {
        CompletableFuture<Void> promise = new CompletableFuture<>();
        open.add(promise);
        return promise;
    }

    void keep(CompletableFuture<Void> promise) {
        open.remove(promise);
        promise.complete(null);
    }

    void fail(CompletableFuture<Void> promise, Throwable cause) {
        open.remove(promise);
        promise.completeExceptionally(cause);
    }

    /** The connection has ended. */
    void end(CloseOutcome how) {
        for (CompletableFuture<Void> promise : open) {
            fail(promise, new ConnectionClosedException(how));
        }
    }
}
