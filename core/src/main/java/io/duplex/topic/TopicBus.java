package io.duplex.topic;

import io.duplex.SendStatus;

/**
 * Carries what is published on one node to the subscribers on others, over whatever joins them. The default, {@link #NONE},
 * joins nothing: all subscribers are on this node, which serves them without a bus.
 *
 * <p>What it has to keep to:
 *
 * <ul>
 *   <li>At most once: a message may be lost, and must not come twice.
 *   <li>Messages of one topic and origin come in the order in which they were published.
 *   <li>It need not keep a node's own messages from it: the node knows them by {@link TopicMessage#origin} and drops them.
 *   <li>No call waits for the network. What cannot be sent at once is queued up to a bound, and beyond it refused.
 *   <li>It is thread-safe: {@link #publish} comes from all event loops at once.
 *   <li>It throws for nothing that happens on the network. What {@link #publish} does throw is thrown to who published; what
 *       {@link #subscribed} and its sisters throw is logged, and the subscription stands on this node.
 * </ul>
 *
 * <p>A bus with a channel for each topic learns by {@link #subscribed} and its sisters which ones this node needs; one with a
 * single channel for all need not care.
 */
public interface TopicBus extends AutoCloseable {
    /** Joins nothing. */
    TopicBus NONE = new TopicBus() {
        @Override
        public void start(Inlet inlet) {}

        @Override
        public SendStatus publish(TopicMessage message) {
            return SendStatus.SENT;
        }

        @Override
        public void close() {}
    };

    /** Where a bus hands in what comes from other nodes. Thread-safe. */
    @FunctionalInterface
    interface Inlet {
        /**
         * Hands {@code message} to the subscribers on this node. Never blocks. What one thread hands in arrives in the order of
         * its calls.
         *
         * @return {@code SENT}; {@code QUEUED} if the event loops are behind, so that the bus should read on later; {@code
         *     REFUSED} if they are so far behind that the message is lost
         */
        SendStatus deliver(TopicMessage message);
    }

    /**
     * Joins the other nodes; called once, before all else and before the node listens.
     *
     * @throws RuntimeException if it cannot: then the server does not start
     */
    void start(Inlet inlet);

    /**
     * Hands a message of this node to the others.
     *
     * @return {@code SENT}; {@code QUEUED} if the bus is behind and the publisher should slow down; {@code REFUSED} if it is
     *     so far behind, or cut off, that the message is lost to the other nodes
     */
    SendStatus publish(TopicMessage message);

    /** The first subscriber on this node has joined {@code topic}. Calls about one topic never overlap and come in order. */
    default void subscribed(String topic) {}

    /** The last subscriber on this node has left {@code topic}. */
    default void unsubscribed(String topic) {}

    /** As {@link #subscribed}, for a pattern with the wildcards {@code *} and {@code >} of Duplex. */
    default void subscribedPattern(String pattern) {}

    /** As {@link #unsubscribed}, for a pattern. */
    default void unsubscribedPattern(String pattern) {}

    /** Leaves the other nodes and gives back all it holds; called once, last, after the node's connections have ended. */
    @Override
    void close();
}
