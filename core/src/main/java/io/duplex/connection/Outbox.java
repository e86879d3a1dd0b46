package io.duplex.connection;

import io.duplex.SendPolicy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has accepted but cannot give to its engine yet: mail from other threads, until the event loop comes for
 * it, and behind it the {@link Backlog}. Thread-safe, but for the latter, which is the loop's.
 */
final class Outbox {
    private final Queue<Outbound> mail = new ConcurrentLinkedQueue<>();
    private final Backlog backlog;
    private final SendBudget budget;
    private final PartsGuard parts = new PartsGuard();
    private final Promises promises = new Promises();
    private final AtomicLong mailBytes = new AtomicLong();
    private final AtomicBoolean collected = new AtomicBoolean(true);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong droppedUntold = new AtomicLong();
    private final AtomicLong backlogBytes = new AtomicLong();

    Outbox(SendPolicy policy, SendBudget budget) {
        this.backlog = new Backlog(policy);
        this.budget = budget;
    }

    /** Checks parts where they are sent. */
    PartsGuard parts() {
        return parts;
    }

    /** The futures of messages that have not left. */
    Promises promises() {
        return promises;
    }

    /** Bytes of all that waits here, framing included. */
    long bytes() {
        return mailBytes.get() + backlogBytes.get();
    }

    long mailBytes() {
        return mailBytes.get();
    }

    long backlogBytes() {
        return backlogBytes.get();
    }

    // Mail

    /** Adds mail; returns whether the loop must be told to come. */
    boolean post(Outbound outbound) {
        mailBytes.addAndGet(outbound.frameBytes());
        outbound.takeFrom(budget);
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
        Outbound first = mail.poll();
        if (first != null) {
            mailBytes.addAndGet(-first.frameBytes());
            first.giveBackTo(budget);
        }
        return first;
    }

    /** The connection has ended. What comes even later is taken, and refused, by the loop. */
    void discardMail() {
        while (pollMail() != null) {}
    }

    // Backlog

    SendPolicy policy(Outbound message) {
        return backlog.policy(message);
    }

    boolean isWaiting() {
        return !backlog.isEmpty();
    }

    int heldMessages() {
        return backlog.size();
    }

    /** Has a message wait. */
    void hold(Outbound message) {
        backlogBytes.addAndGet(message.frameBytes());
        message.takeFrom(budget);
        backlog.add(message);
    }

    /** The message with the key of {@code message}; {@code null} if none waits. */
    @Nullable Outbound likeOf(Outbound message) {
        return backlog.likeOf(message);
    }

    /** Puts a message in the place of the one with its key, which there must be. */
    void replace(Outbound message) {
        message.takeFrom(budget);
        Outbound old = backlog.replace(message);
        old.giveBackTo(budget);
        backlogBytes.addAndGet(message.frameBytes() - old.frameBytes());
    }

    @Nullable Outbound pollHeld() {
        return taken(backlog.poll());
    }

    /** Takes out the oldest message that may make room; {@code null} if there is none. */
    @Nullable Outbound dropOldest() {
        return taken(backlog.dropOldest());
    }

    private @Nullable Outbound taken(@Nullable Outbound first) {
        if (first != null) {
            backlogBytes.addAndGet(-first.frameBytes());
            first.giveBackTo(budget);
        }
        return first;
    }

    // What was left out

    /** Counts a message that is left out; returns whether the application must be told. */
    boolean countDropped() {
        dropped.incrementAndGet();
        return droppedUntold.getAndIncrement() == 0;
    }

    long dropped() {
        return dropped.get();
    }

    /** Messages that were left out since the last call. */
    long takeDropped() {
        return droppedUntold.getAndSet(0);
    }
}
