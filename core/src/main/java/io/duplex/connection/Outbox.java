package io.duplex.connection;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has accepted but cannot give to its engine yet: mail from other threads, until the event loop comes for
 * it, and messages that wait for the end of a message of parts. Thread-safe, but for the latter, which are the loop's.
 */
final class Outbox {
    private final Queue<Outbound> mail = new ConcurrentLinkedQueue<>();
    private final Queue<Outbound> held = new ArrayDeque<>(0);
    private final PartsGuard parts = new PartsGuard();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean collected = new AtomicBoolean(true);

    /** Checks parts where they are sent. */
    PartsGuard parts() {
        return parts;
    }

    /** Bytes of all that waits here, framing included. */
    long bytes() {
        return bytes.get();
    }

    /** Adds mail; returns whether the loop must be told to come. */
    boolean post(Outbound outbound) {
        bytes.addAndGet(outbound.frameBytes());
        mail.add(outbound);
        return collected.get() && collected.compareAndSet(true, false);
    }

    /** The loop has come: from now on it must be told again. To be called before {@link #pollMail}. */
    void collect() {
        collected.set(true);
    }

    boolean hasMail() {
        return !mail.isEmpty();
    }

    @Nullable Outbound pollMail() {
        return taken(mail.poll());
    }

    /** Has a message wait for the end of a message of parts. */
    void hold(Outbound outbound) {
        bytes.addAndGet(outbound.frameBytes());
        held.add(outbound);
    }

    boolean isHolding() {
        return !held.isEmpty();
    }

    @Nullable Outbound pollHeld() {
        return taken(held.poll());
    }

    private @Nullable Outbound taken(@Nullable Outbound first) {
        if (first != null) {
            bytes.addAndGet(-first.frameBytes());
        }
        return first;
    }
}
