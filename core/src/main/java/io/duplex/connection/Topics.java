package io.duplex.connection;

import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import io.duplex.topic.TopicBus;
import io.duplex.topic.TopicMessage;
import io.duplex.topic.TopicTree;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The topics of one server, over all its event loops, and by the bus over those of other nodes. Thread-safe.
 *
 * <p>Each loop keeps its own members. What is published on a loop is given to its members at once, to leave at the end of the
 * turn; to other loops it goes by their {@link Loop#post}.
 */
public final class Topics {
    private final CopyOnWriteArrayList<Loop> loops = new CopyOnWriteArrayList<>();
    private final TopicTree<SendPolicy> policies = new TopicTree<>();
    private final TopicBus bus;
    private final String node = UUID.randomUUID().toString();
    /** {@code null} if there is no bus to be told. */
    private final @Nullable Interest topicInterest;
    /** {@code null} if there is no bus to be told. */
    private final @Nullable Interest patternInterest;

    /** A name that is unique to the messages of a topic among the keys of a backlog. */
    private record TopicKey(String topic) {}

    /** Creates topics that no loop takes part in yet, without policies of their own, of this node alone. */
    public Topics() {
        this(TopicBus.NONE, Map.of());
    }

    /**
     * Creates topics that no loop takes part in yet.
     *
     * @param bus joins them with those of other nodes
     * @param policies the policies of topics; those named with wildcards ({@link TopicTree}) are for all that match and have
     *     none under their own name. All others are under their sockets' policies
     * @throws IllegalArgumentException if one is no pattern though it has wildcards
     */
    public Topics(TopicBus bus, Map<String, SendPolicy> policies) {
        this.bus = bus;
        boolean alone = bus == TopicBus.NONE;
        this.topicInterest = alone ? null : new Interest(bus::subscribed, bus::unsubscribed);
        this.patternInterest = alone ? null : new Interest(bus::subscribedPattern, bus::unsubscribedPattern);
        policies.forEach((name, policy) -> {
            if (TopicTree.isPattern(name)) {
                this.policies.subscribePattern(TopicTree.requirePattern(name), policy);
            } else {
                this.policies.subscribe(name, policy);
            }
        });
    }

    /** Adds the topics of {@code loop}, once. */
    public void add(Loop loop) {
        loops.addIfAbsent(loop);
    }

    /**
     * Joins the other nodes.
     *
     * @throws RuntimeException if the bus cannot
     */
    public void start() {
        bus.start(this::arrived);
    }

    /** Leaves the other nodes. */
    public void close() {
        bus.close();
    }

    // Publishing

    /** Publishes on behalf of no socket, to all members; as {@link io.duplex.WebSocket#publish(String, String)}. */
    public SendStatus publish(String topic, String text) {
        return publish(topic, true, Utf8Encoder.encode(text), null, null);
    }

    /** As {@link #publish(String, String)}, binary; consumes {@code payload}. */
    public SendStatus publish(String topic, ByteBuffer payload) {
        return publish(topic, false, Outbound.copy(payload), null, null);
    }

    /**
     * As {@link #publish(String, String)}; consumes {@code utf8}.
     *
     * @throws IllegalArgumentException if the bytes are not valid UTF-8
     */
    public SendStatus publishText(String topic, ByteBuffer utf8) {
        if (!Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        return publish(topic, true, Outbound.copy(utf8), null, null);
    }

    /**
     * Hands a message to every member of {@code topic} here and to the bus.
     *
     * @param from the connection that publishes; {@code null} if none does
     * @param except the connection that does not get it; {@code null} if all do
     */
    SendStatus publish(
            String topic, boolean text, byte[] bytes, @Nullable Connection from, @Nullable Connection except) {
        SendStatus status = spread(topic, message(topic, text, bytes), from, except);
        return topicInterest == null
                ? status
                : worse(status, bus.publish(new TopicMessage(topic, text, ByteBuffer.wrap(bytes), node)));
    }

    /** Takes what the bus brings. */
    private SendStatus arrived(TopicMessage message) {
        if (message.origin().equals(node)) {
            return SendStatus.SENT;
        }
        String topic = message.topic();
        return spread(topic, message(topic, message.isText(), Outbound.copy(message.payload())), null, null);
    }

    private Outbound message(String topic, boolean text, byte[] bytes) {
        SendPolicy policy = policy(topic);
        boolean latestOnly = policy != null && policy.kind() == SendPolicy.Kind.LATEST_ONLY;
        return Outbound.published(text, bytes, policy, latestOnly ? new TopicKey(topic) : null);
    }

    private @Nullable SendPolicy policy(String topic) {
        return policies.size() == 0 ? null : policies.first(topic);
    }

    private SendStatus spread(String topic, Outbound message, @Nullable Connection from, @Nullable Connection except) {
        for (Loop loop : loops) {
            if (loop.isFull()) {
                return SendStatus.REFUSED;
            }
        }
        Publication publication = new Publication(topic, message, except);
        SendStatus status = SendStatus.SENT;
        boolean inTurn = false;
        Loop behind = null;
        for (Loop loop : loops) {
            if (from != null && from.isOn(loop)) {
                loop.deliver(publication);
                inTurn = true;
            } else if (loop.post(publication) == SendStatus.QUEUED) {
                status = SendStatus.QUEUED;
                behind = loop;
            }
        }
        if (from != null && inTurn) {
            from.onPublished(behind);
        }
        return status;
    }

    private static SendStatus worse(SendStatus one, SendStatus other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    // Interest

    /** A loop has its first member of a topic. */
    void joined(String topic) {
        if (topicInterest != null) {
            topicInterest.joined(topic);
        }
    }

    /** A loop has lost its last member of a topic. */
    void left(String topic) {
        if (topicInterest != null) {
            topicInterest.left(topic);
        }
    }

    /** As {@link #joined}, for a pattern. */
    void joinedPattern(String pattern) {
        if (patternInterest != null) {
            patternInterest.joined(pattern);
        }
    }

    /** As {@link #left}, for a pattern. */
    void leftPattern(String pattern) {
        if (patternInterest != null) {
            patternInterest.left(pattern);
        }
    }
}
