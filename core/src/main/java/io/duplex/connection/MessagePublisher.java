package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.ConnectionClosedException;
import io.duplex.Message;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the messages of one connection to one subscriber, as it requests them. Thread-safe.
 *
 * <p>One message at most waits for demand; while it does, the connection is paused. A message has to have come to be seen, so
 * that an idle connection without demand still answers Pings and tells of its end.
 *
 * <p>Whoever changes the state then calls {@link #emit}, which signals what is due; where a thread does so already, it looks
 * again before it stops. So signals never overlap, and a request from within a signal does not recurse. The lock is not held
 * while the subscriber is called.
 */
final class MessagePublisher implements Flow.Publisher<Message> {
    private final Connection socket;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean subscribed;
    /** {@code null} before the subscription, and once nothing will be signalled any more. */
    private Flow.@Nullable Subscriber<? super Message> subscriber;
    /** Whether the subscriber has its subscription, so that other signals may follow. */
    private boolean begun;

    private boolean emitting;
    private long demand;
    /** The last request that was not positive; 1 if there was none. */
    private long wrongRequest = 1;
    /** {@code null} if none waits. */
    private @Nullable Message waiting;

    private boolean paused;
    private boolean cancelled;
    private @Nullable CloseOutcome outcome;

    MessagePublisher(Connection socket) {
        this.socket = socket;
    }

    // The event loop's side

    /** A message has come. */
    void offer(Message message) {
        lock.lock();
        try {
            if (cancelled) {
                return;
            }
            waiting = message;
        } finally {
            lock.unlock();
        }
        emit();
        boolean wait;
        lock.lock();
        try {
            wait = waiting != null && !paused;
            paused |= wait;
        } finally {
            lock.unlock();
        }
        if (wait) {
            // Nothing comes from here on, so that there is never a second one.
            socket.pause();
        }
    }

    /** The connection has ended. */
    void ended(CloseOutcome how) {
        lock.lock();
        try {
            outcome = how;
        } finally {
            lock.unlock();
        }
        emit();
    }

    // Any thread

    @Override
    public void subscribe(Flow.Subscriber<? super Message> each) {
        Objects.requireNonNull(each);
        boolean first;
        lock.lock();
        try {
            first = !subscribed;
            if (first) {
                subscribed = true;
                subscriber = each;
            }
        } finally {
            lock.unlock();
        }
        if (!first) {
            each.onSubscribe(new NoSubscription());
            each.onError(new IllegalStateException("messages have a subscriber already"));
            return;
        }
        try {
            each.onSubscribe(new Demand());
        } catch (Throwable fault) {
            fail(fault);
        }
        lock.lock();
        try {
            begun = true;
        } finally {
            lock.unlock();
        }
        emit();
    }

    /** What a subscriber gets that comes too late. */
    private static final class NoSubscription implements Flow.Subscription {
        @Override
        public void request(long messages) {}

        @Override
        public void cancel() {}
    }

    private final class Demand implements Flow.Subscription {
        @Override
        public void request(long messages) {
            lock.lock();
            try {
                if (messages > 0) {
                    demand = demand + messages < 0 ? Long.MAX_VALUE : demand + messages;
                } else {
                    wrongRequest = messages;
                }
            } finally {
                lock.unlock();
            }
            emit();
        }

        @Override
        public void cancel() {
            if (end()) {
                socket.close();
            }
        }
    }

    /** Nothing is to be signalled any more; returns whether that is new. */
    private boolean end() {
        boolean resume;
        lock.lock();
        try {
            if (cancelled) {
                return false;
            }
            cancelled = true;
            subscriber = null;
            waiting = null;
            resume = takePause();
        } finally {
            lock.unlock();
        }
        if (resume) {
            socket.resume();
        }
        return true;
    }

    /** Whether the connection is paused without a message that waits; it is to be resumed, then. */
    private boolean takePause() {
        boolean resume = paused && waiting == null;
        paused &= !resume;
        return resume;
    }

    private void fail(Throwable fault) {
        end();
        socket.fail(fault);
    }

    /** Signals what is due. */
    private void emit() {
        boolean resume;
        lock.lock();
        try {
            if (emitting || !begun) {
                return;
            }
            emitting = true;
            for (Runnable signal; (signal = next()) != null; ) {
                lock.unlock();
                try {
                    signal.run();
                } catch (Throwable fault) {
                    fail(fault);
                } finally {
                    lock.lock();
                }
            }
            emitting = false;
            resume = takePause();
        } finally {
            lock.unlock();
        }
        if (resume) {
            socket.resume();
        }
    }

    /** The next signal; {@code null} if none is due. */
    private @Nullable Runnable next() {
        Flow.Subscriber<? super Message> to = subscriber;
        if (to == null) {
            return null;
        }
        if (wrongRequest <= 0) {
            IllegalArgumentException fault =
                    new IllegalArgumentException("request is " + wrongRequest + ", must be positive (rule 3.9)");
            return () -> {
                end();
                to.onError(fault);
                socket.fail(fault);
            };
        }
        Message message = waiting;
        if (message != null) {
            if (demand == 0) {
                return null;
            }
            demand -= demand == Long.MAX_VALUE ? 0 : 1;
            waiting = null;
            return () -> to.onNext(message);
        }
        CloseOutcome how = outcome;
        if (how == null) {
            return null;
        }
        return () -> {
            end();
            if (how.clean()) {
                to.onComplete();
            } else {
                to.onError(new ConnectionClosedException(how));
            }
        };
    }
}
