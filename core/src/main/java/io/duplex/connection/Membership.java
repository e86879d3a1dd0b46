package io.duplex.connection;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

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
    private final Topics topics;
    private final Set<String> joined = new HashSet<>(2);
    /** {@code null} until the first pattern is joined. */
    private @Nullable Set<String> joinedPatterns;

    private final List<Outbound> brought = new ArrayList<>(0);
    /** How many of them have been sent. */
    private int sent;

    Membership(Connection connection, SendQueue sending, Loop loop, Topics topics) {
        this.connection = connection;
        this.sending = sending;
        this.loop = loop;
        this.topics = topics;
    }

    @SuppressWarnings("ReferenceEquality") // one connection, not an equal one
    boolean isOf(@Nullable Connection other) {
        return connection == other;
    }

    /** Whether what it is sent is compressed. */
    boolean isCompressed() {
        return connection.isCompressed();
    }

    void join(String topic) {
        if (joined.add(topic) && loop.topics().subscribe(topic, this)) {
            tellBus(Topics::joined, topic);
        }
    }

    void leave(String topic) {
        if (joined.remove(topic) && loop.topics().unsubscribe(topic, this)) {
            tellBus(Topics::left, topic);
        }
    }

    void joinPattern(String pattern) {
        Set<String> patterns = joinedPatterns;
        if (patterns == null) {
            patterns = new HashSet<>(2);
            joinedPatterns = patterns;
        }
        if (patterns.add(pattern) && loop.topics().subscribePattern(pattern, this)) {
            tellBus(Topics::joinedPattern, pattern);
        }
    }

    void leavePattern(String pattern) {
        if (joinedPatterns != null
                && joinedPatterns.remove(pattern)
                && loop.topics().unsubscribePattern(pattern, this)) {
            tellBus(Topics::leftPattern, pattern);
        }
    }

    /** What a bus throws must not keep others from being told, nor the connection from ending. */
    private void tellBus(BiConsumer<Topics, String> what, String name) {
        try {
            what.accept(topics, name);
        } catch (Throwable fault) {
            connection.report(fault);
        }
    }

    void leaveAll() {
        List.copyOf(joined).forEach(this::leave);
        if (joinedPatterns != null) {
            List.copyOf(joinedPatterns).forEach(this::leavePattern);
        }
    }

    /** Whether {@code message}, which is being delivered, has been brought already, as several patterns match it. */
    @SuppressWarnings("ReferenceEquality") // one message, not an equal one
    boolean has(Outbound message) {
        return !brought.isEmpty() && brought.get(brought.size() - 1) == message;
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

    /** Sends what topics brought, in order; returns how many bytes that were. */
    long sendBrought() {
        long bytes = 0;
        if (!brought.isEmpty()) {
            try {
                // A callback that sending leads to may come here again: it goes on from where this one is.
                while (sent < brought.size()) {
                    Outbound next = brought.get(sent++);
                    bytes += next.frameBytes();
                    sending.relay(next);
                }
            } finally {
                // What has been sent must not be sent again, whatever became of the rest.
                brought.clear();
                sent = 0;
            }
        }
        return bytes;
    }

    /** Ends the connection, to which something could not be sent. */
    void fail(Throwable fault) {
        connection.failSending(fault);
    }
}
