package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.FlowWebSocket;
import io.duplex.Handshake;
import io.duplex.Message;
import io.duplex.WebSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;

/** The Reactive Streams face of one connection. Thread-safe. */
final class FlowSocket implements FlowWebSocket {
    private final Connection socket;
    private final MessagePublisher publisher;
    /** Those that have a subscription. */
    private final List<MessageSender> senders = new CopyOnWriteArrayList<>();

    FlowSocket(Connection socket) {
        this.socket = socket;
        this.publisher = new MessagePublisher(socket);
    }

    MessagePublisher publisher() {
        return publisher;
    }

    /** The backlog of sends is gone. */
    void drained() {
        senders.forEach(MessageSender::drained);
    }

    /** The connection has ended. */
    void ended(CloseOutcome how) {
        publisher.ended(how);
        senders.forEach(MessageSender::cancel);
    }

    /** A sender has a subscription, and is to hear of drains and of the end. */
    void add(MessageSender sender) {
        senders.add(sender);
    }

    void remove(MessageSender sender) {
        senders.remove(sender);
    }

    @Override
    public Handshake handshake() {
        return socket.handshake();
    }

    @Override
    public WebSocket socket() {
        return socket;
    }

    @Override
    public Flow.Publisher<Message> messages() {
        return publisher;
    }

    @Override
    public Flow.Subscriber<Message> sender() {
        return new MessageSender(this, socket);
    }
}
