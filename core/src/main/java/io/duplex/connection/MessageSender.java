package io.duplex.connection;

import io.duplex.CloseCode;
import io.duplex.Message;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sends what it is subscribed to, one message at a time and none over a backlog. Thread-safe, as the connection's drains and
 * its end come on the event loop. The lock is not held while the publisher is called.
 */
final class MessageSender implements Flow.Subscriber<Message> {
    /** After so many requests others on the event loop have their turn: a publisher may publish from within each. */
    private static final int TURN_REQUESTS = 32;

    private final FlowSocket owner;
    private final Connection socket;
    private final ReentrantLock lock = new ReentrantLock();
    /** {@code null} before the subscription, and after it. */
    private Flow.@Nullable Subscription subscription;

    private boolean subscribed;
    private boolean waiting;
    /** What a policy would have left out; {@code null} if nothing waits for a drain. */
    private @Nullable Message kept;

    private long drains;
    private int requests;

    MessageSender(FlowSocket owner, Connection socket) {
        this.owner = owner;
        this.socket = socket;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        Objects.requireNonNull(given);
        boolean first;
        lock.lock();
        try {
            first = !subscribed;
            if (first) {
                subscribed = true;
                subscription = given;
            }
        } finally {
            lock.unlock();
        }
        if (!first) {
            given.cancel();
            return;
        }
        owner.add(this);
        if (socket.readyState() == ReadyState.OPEN) {
            given.request(1);
        } else {
            // The end may have come before it would have been told.
            cancel();
        }
    }

    @Override
    public void onNext(Message message) {
        Objects.requireNonNull(message);
        long before;
        lock.lock();
        try {
            before = drains;
            if (socket.isToDrainFirst()) {
                kept = message;
                return;
            }
        } finally {
            lock.unlock();
        }
        SendStatus status = message instanceof Message.Text text
                ? socket.send(text.data())
                : socket.send(((Message.Binary) message).payload().duplicate());
        if (status == SendStatus.REFUSED && socket.readyState() != ReadyState.OPEN) {
            cancel();
        } else if (status == SendStatus.SENT || !waitForDrain(before)) {
            request();
        }
    }

    /** Whether there is to be none requested before the next drain: not so if it has come meanwhile. */
    private boolean waitForDrain(long before) {
        lock.lock();
        try {
            waiting = drains == before;
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** The backlog is gone. */
    void drained() {
        boolean due;
        Message next;
        lock.lock();
        try {
            drains++;
            due = waiting;
            waiting = false;
            next = kept;
            kept = null;
        } finally {
            lock.unlock();
        }
        if (next != null) {
            onNext(next);
            leaveIfDone();
        } else if (due) {
            request();
        }
    }

    private void request() {
        Flow.Subscription from;
        boolean later;
        lock.lock();
        try {
            from = subscription;
            requests++;
            later = requests % TURN_REQUESTS == 0;
        } finally {
            lock.unlock();
        }
        if (from != null && later) {
            socket.execute(() -> from.request(1));
        } else if (from != null) {
            from.request(1);
        }
    }

    /** Nothing more can be sent. */
    void cancel() {
        Flow.Subscription from = end();
        if (from != null) {
            from.cancel();
        }
    }

    private Flow.@Nullable Subscription end() {
        owner.remove(this);
        lock.lock();
        try {
            Flow.Subscription from = subscription;
            subscription = null;
            return from;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onError(Throwable fault) {
        Objects.requireNonNull(fault);
        end();
        socket.close(CloseCode.INTERNAL_ERROR, "");
    }

    @Override
    public void onComplete() {
        lock.lock();
        try {
            subscription = null;
        } finally {
            lock.unlock();
        }
        leaveIfDone();
    }

    /** After the end of the source a message may still wait for the drain. */
    private void leaveIfDone() {
        boolean done;
        lock.lock();
        try {
            done = subscription == null && kept == null;
        } finally {
            lock.unlock();
        }
        if (done) {
            owner.remove(this);
        }
    }
}
