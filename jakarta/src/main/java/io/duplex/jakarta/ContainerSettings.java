package io.duplex.jakarta;

import io.duplex.Limits;
import io.duplex.connection.BlockingThreads;
import jakarta.websocket.CloseReason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What the sessions of a container have in common. Thread-safe. */
final class ContainerSettings {
    private static final System.Logger LOGGER = System.getLogger(ContainerSettings.class.getName());

    /** For all endpoints together, to be told of the end when the container closes. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** As the connection allows. */
    private static final int UNSET = -1;

    private final Executor executor;
    /** {@code null} if the threads are the application's. */
    private final @Nullable BlockingThreads ownThreads;

    private final Duration blockingSendTimeout;
    private volatile long asyncSendTimeoutMillis = -1;
    private volatile long maxSessionIdleTimeoutMillis;
    private volatile int maxBinaryMessageBytes = UNSET;
    private volatile int maxTextMessageChars = UNSET;
    private final OpenSessions sessions = new OpenSessions();
    private final AtomicBoolean hasWarned = new AtomicBoolean();
    private volatile boolean closed;
    /** Guarded by this. */
    private @Nullable ScheduledThreadPoolExecutor timers;

    /**
     * Makes no thread yet.
     *
     * @param executor runs endpoints; {@code null} for threads of its own
     */
    ContainerSettings(@Nullable Executor executor, String threads, Duration blockingSendTimeout) {
        if (executor == null) {
            BlockingThreads own = new BlockingThreads(threads);
            this.ownThreads = own;
            this.executor = own;
        } else {
            this.ownThreads = null;
            this.executor = executor;
        }
        this.blockingSendTimeout = blockingSendTimeout;
    }

    /** Runs what calls an endpoint. Where no thread is left, it has one made, so that an endpoint hears of its end. */
    void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            Thread last = new Thread(task, "duplex-jakarta-last");
            last.setDaemon(true);
            last.start();
        }
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

    /** Of a session whose connection has these limits. */
    int maxBinaryMessageBytes(Limits limits) {
        return maxMessageSize(maxBinaryMessageBytes, limits);
    }

    void maxBinaryMessageBytes(int bytes) {
        maxBinaryMessageBytes = bytes;
    }

    /** Of a session whose connection has these limits. */
    int maxTextMessageChars(Limits limits) {
        return maxMessageSize(maxTextMessageChars, limits);
    }

    void maxTextMessageChars(int chars) {
        maxTextMessageChars = chars;
    }

    private static int maxMessageSize(int chosen, Limits limits) {
        return chosen == UNSET ? limits.maxMessageBytes() : chosen;
    }

    /** Warns, once, of messages that a session is to take and its connection does not let through. */
    void warnAbove(Limits limits, int messageSize) {
        if (messageSize > limits.maxStreamBytes() && hasWarned.compareAndSet(false, true)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the application takes messages of {0}, but Limits.maxStreamBytes lets {1} bytes through only",
                    Integer.toString(messageSize),
                    Long.toString(limits.maxStreamBytes()));
        }
    }

    /** All sessions of the container. */
    OpenSessions sessions() {
        return sessions;
    }

    /** Runs a short task later, on a thread that is made with the first; {@code null} if the container is closed. */
    synchronized @Nullable ScheduledFuture<?> later(Runnable task, long nanos) {
        return closed ? null : timers().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private ScheduledThreadPoolExecutor timers() {
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

    /** Timers that have been set and have neither run nor been cancelled. */
    synchronized int waitingTimers() {
        return timers == null ? 0 : timers.getQueue().size();
    }

    boolean isClosed() {
        return closed;
    }

    /** Closes all sessions, those to come included, and gives endpoints a while to be told, each on a thread of its own. */
    void closeSessions(CloseReason reason) {
        closed = true;
        List<EndpointSession> open = List.copyOf(sessions.all());
        open.forEach(session -> session.closeElsewhere(reason));
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (EndpointSession session : open) {
            if (!Callbacks.isOf(session)) {
                session.awaitEnd(deadline - System.nanoTime());
            }
        }
    }

    /** Ends timers and threads. */
    void endThreads() {
        synchronized (this) {
            closed = true;
            if (timers != null) {
                timers.shutdownNow();
            }
        }
        if (ownThreads != null) {
            ownThreads.close();
        }
    }
}
