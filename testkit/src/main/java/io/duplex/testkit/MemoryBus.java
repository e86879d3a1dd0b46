package io.duplex.testkit;

import io.duplex.SendStatus;
import io.duplex.topic.TopicBus;
import io.duplex.topic.TopicMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Joins the topics of servers in one JVM, as a message broker would those of several machines: to try an application on two
 * nodes without one. Like many brokers it brings a node its own messages too. Thread-safe.
 *
 * <pre>{@code
 * MemoryBus bus = new MemoryBus();
 * WebSocketServer one = WebSocketServer.builder().topicBus(bus.node()).start();
 * WebSocketServer two = WebSocketServer.builder().topicBus(bus.node()).start();
 * }</pre>
 */
public final class MemoryBus {
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private volatile boolean cut;

    /** Creates a bus without nodes. */
    public MemoryBus() {}

    /** The way onto the bus for one more server. */
    public Node node() {
        return new Node();
    }

    /** Loses all that is published, until {@link #mend}: the broker is out of reach. */
    public void cut() {
        cut = true;
    }

    /** Undoes {@link #cut}. */
    public void mend() {
        cut = false;
    }

    /** One server's way onto the bus. Thread-safe. */
    public final class Node implements TopicBus {
        private final Set<String> interest = new TreeSet<>();
        private volatile @Nullable Inlet inlet;

        private Node() {}

        @Override
        public void start(Inlet to) {
            inlet = to;
            nodes.add(this);
        }

        @Override
        public SendStatus publish(TopicMessage message) {
            if (cut) {
                return SendStatus.REFUSED;
            }
            SendStatus worst = SendStatus.SENT;
            for (Node node : nodes) {
                Inlet to = node.inlet;
                if (to != null) {
                    SendStatus status = to.deliver(message);
                    worst = status.compareTo(worst) > 0 ? status : worst;
                }
            }
            return worst;
        }

        /** What the server has subscribers of: topics, and patterns as {@code pattern orders.*}. */
        public List<String> interest() {
            synchronized (interest) {
                return new ArrayList<>(interest);
            }
        }

        private void change(boolean wanted, String name) {
            synchronized (interest) {
                if (!(wanted ? interest.add(name) : interest.remove(name))) {
                    throw new IllegalStateException("'" + name + "' was told twice");
                }
            }
        }

        @Override
        public void subscribed(String topic) {
            change(true, topic);
        }

        @Override
        public void unsubscribed(String topic) {
            change(false, topic);
        }

        @Override
        public void subscribedPattern(String pattern) {
            change(true, "pattern " + pattern);
        }

        @Override
        public void unsubscribedPattern(String pattern) {
            change(false, "pattern " + pattern);
        }

        @Override
        public void close() {
            nodes.remove(this);
            inlet = null;
        }
    }
}
