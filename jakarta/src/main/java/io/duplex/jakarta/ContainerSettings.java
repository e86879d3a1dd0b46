package io.duplex.jakarta;

import io.duplex.Limits;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the sessions of a container have in common. Thread-safe. */
final class ContainerSettings {
    private final Executor executor;
    private final Duration blockingSendTimeout;
    private volatile long asyncSendTimeoutMillis = -1;
    private volatile long maxSessionIdleTimeoutMillis;
    private volatile int maxBinaryMessageBytes = Limits.DEFAULT.maxMessageBytes();
    private volatile int maxTextMessageChars = Limits.DEFAULT.maxMessageBytes();
    private final OpenSessions sessions = new OpenSessions();
    private @Nullable ScheduledThreadPoolExecutor timers;

    ContainerSettings(Executor executor, Duration blockingSendTimeout) {
        this.executor = executor;
        this.blockingSendTimeout = blockingSendTimeout;
    }

    /** Runs endpoints. */
    Executor executor() {
        return executor;
    }

    /** How long a send may wait for the peer to read. */
    Duration blockingSendTimeout() {
        return blockingSendTimeout;
    }

    /** Zero or less for none. */
    long asyncSendTimeoutMillis() {
        return asyncSendTimeoutMillis;
    }

    void asyncSendTimeoutMillis(long millis) {
        asyncSendTimeoutMillis = millis;
    }

    /** Zero or less for none. */
    long maxSessionIdleTimeoutMillis() {
        return maxSessionIdleTimeoutMillis;
    }

    void maxSessionIdleTimeoutMillis(long millis) {
        maxSessionIdleTimeoutMillis = millis;
    }

    int maxBinaryMessageBytes() {
        return maxBinaryMessageBytes;
    }

    void maxBinaryMessageBytes(int bytes) {
        maxBinaryMessageBytes = bytes;
    }

    int maxTextMessageChars() {
        return maxTextMessageChars;
    }

    void maxTextMessageChars(int chars) {
        maxTextMessageChars = chars;
    }

    /** All sessions of the container. */
    OpenSessions sessions() {
        return sessions;
    }

    /** Runs a short task later, on a thread that is made with the first. */
    ScheduledFuture<?> later(Runnable task, long nanos) {
        return timers().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private synchronized ScheduledThreadPoolExecutor timers() {
        ScheduledThreadPoolExecutor present = timers;
        if (present == null) {
            present = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "duplex-jakarta-timer");
                thread.setDaemon(true);
                return thread;
            });
            present.setRemoveOnCancelPolicy(true);
            timers = present;
        }
        return present;
    }

    /** Ends the timers. */
    synchronized void close() {
        if (timers != null) {
            timers.shutdownNow();
        }
    }
}
