package io.duplex.connection;

import io.duplex.Limits;
import io.duplex.SendPolicy;

/** From where the queue of a connection is full: by its own limits, or beside what all connections hold. Thread-safe. */
final class SendBounds {
    private final Limits limits;
    private final SendBudget budget;
    private final int ownBytes;

    SendBounds(Limits limits, SendBudget budget) {
        this.limits = limits;
        this.budget = budget;
        this.ownBytes = limits.sendPolicy().maxBytes(limits.maxQueueBytes());
    }

    /** Whether it is that of connections with {@code other}. */
    boolean isOf(Limits other) {
        return limits == other;
    }

    SendBudget budget() {
        return budget;
    }

    /** From where the queue is full by the socket's own policy. */
    int ownBytes() {
        return ownBytes;
    }

    /** From where it is full whatever the policy. */
    int mostBytes() {
        return limits.maxQueueBytes();
    }

    /** From where it is full for {@code message}. */
    int bytesFor(Outbound message) {
        SendPolicy brought = message.policy;
        return brought == null ? ownBytes : brought.maxBytes(limits.maxQueueBytes());
    }

    /** Whether {@code waiting} bytes are too much for more to be added. */
    boolean isOver(long waiting, int most) {
        return waiting >= most || budget.isOver(waiting);
    }

    /** Whether so many messages wait in front of the engine that no more may. */
    boolean isOver(int messages) {
        return messages >= limits.maxQueueMessages();
    }

    /** Whether a new message is worth more than what waits. */
    static boolean makesRoom(SendPolicy rule) {
        return rule.kind() == SendPolicy.Kind.DROP_OLDEST || rule.kind() == SendPolicy.Kind.LATEST_ONLY;
    }

    /** What makes the queue full: the name of a limit, or the memory that all connections share. */
    String reached(long waiting, int messages) {
        if (isOver(messages)) {
            return "maxQueueMessages";
        }
        return budget.isOver(waiting) ? "the process's memory for sending" : "maxQueueBytes";
    }
}
