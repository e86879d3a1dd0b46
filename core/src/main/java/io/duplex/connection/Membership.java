package io.duplex.connection;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One connection as a subscriber: the topics that it has joined, and what they brought in this turn of the loop, which leaves
 * at its end. Confined to the event loop.
 */
final class Membership {
    /** Messages that a turn may gather before they are sent: one turn can publish without end. */
    static final int MAX_BROUGHT = 256;

    private final Connection connection;
    private final SendQueue sending;
    private final Loop loop;
    private final Set<String> topics = new HashSet<>(2);
    private final List<Outbound> brought = new ArrayList<>(0);

    Membership(Connection connection, SendQueue sending, Loop loop) {
        this.connection = connection;
        this.sending = sending;
        this.loop = loop;
    }

    @SuppressWarnings("ReferenceEquality") // one connection, not an equal one
    boolean isOf(Object other) {
        return connection == other;
    }

    void join(String topic) {
        if (topics.add(topic)) {
            loop.topics().subscribe(topic, this);
        }
    }

    void leave(String topic) {
        if (topics.remove(topic)) {
            loop.topics().unsubscribe(topic, this);
        }
    }

    void leaveAll() {
        topics.forEach(topic -> loop.topics().unsubscribe(topic, this));
        topics.clear();
    }

    /** Takes a topic's message for the end of the turn; returns whether it is the first one. */
    boolean bring(Outbound message) {
        sending.flushMail();
        if (brought.size() == MAX_BROUGHT) {
            sendBrought();
        }
        brought.add(message);
        return brought.size() == 1;
    }

    /** Sends what topics brought, in order. */
    void sendBrought() {
        for (int i = 0; i < brought.size(); i++) {
            Outbound message = brought.get(i);
            sending.relay(message, loop.view(message));
        }
        brought.clear();
    }
}
