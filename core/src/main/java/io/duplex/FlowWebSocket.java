package io.duplex;

import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * An established connection as Reactive Streams: what comes is published, what is to be sent is subscribed to. Any library that
 * speaks {@link Flow} goes on from here:
 *
 * <pre>{@code
 * socket.messages().subscribe(socket.sender()); // an echo
 * }</pre>
 *
 * <p>Demand is flow control on the network: at most one message that nobody has requested is held, and what TCP had brought
 * with it, at most 256 KiB; nothing more is read, and TCP slows the peer down.
 *
 * <p>Thread-safe.
 */
public interface FlowWebSocket {
    /** The opening handshake that this connection came from. */
    Handshake handshake();

    /** The subprotocol in use; {@code null} if none was agreed. */
    default @Nullable String subprotocol() {
        return handshake().subprotocol();
    }

    /** The same connection for all else: topics, Pings, closing. Its {@link WebSocket#pause} and resume belong to the publisher. */
    WebSocket socket();

    /**
     * The messages that come, for one subscriber; a second one gets an {@link IllegalStateException}. Messages wait for the
     * first. Signals come on the connection's event loop, or on the thread that subscribes or requests: a subscriber must not
     * block.
     *
     * <p>After the last message comes {@code onComplete} if the connection was closed cleanly, {@code onError} with a {@link
     * ConnectionClosedException} if it ended otherwise. As the end comes after the messages before it, so does its signal: not
     * before they were requested. To cancel closes the connection with 1000: nobody else would read from it. A request that is
     * not positive closes it with 1011, after an {@link IllegalArgumentException}; so does a subscriber that throws.
     */
    Flow.Publisher<Message> messages();

    /**
     * A new subscriber that sends what it gets. It requests one message at a time, and none while the peer does not read:
     * whoever publishes is slowed down by whoever receives. It may be given to one publisher; for several there may be several.
     *
     * <p>{@code onComplete} leaves the connection open, as answers may be under way; {@code onError} closes it with 1011, so that
     * the peer does not take what it has for all. When the connection closes, the subscription is cancelled.
     */
    Flow.Subscriber<Message> sender();
}
