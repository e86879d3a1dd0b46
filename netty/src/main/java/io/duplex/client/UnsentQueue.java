package io.duplex.client;

import io.duplex.Message;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Messages that wait for a connection, in order, up to a number of bytes. Confined to one thread at a time. */
final class UnsentQueue {
    private static final int MESSAGE_OVERHEAD_BYTES = 64;

    private final long maxBytes;
    private final Queue<Message> waiting = new ArrayDeque<>();
    private long waitingBytes;

    /** @param maxBytes 0 to take nothing; as {@link Reconnect#queueBytes} counts them */
    UnsentQueue(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Adds a message, which must not be changed any more; {@code false} if there is no room for it. */
    boolean add(Message message) {
        long bytes = bytes(message);
        if (waitingBytes + bytes > maxBytes) {
            return false;
        }
        waitingBytes += bytes;
        waiting.add(message);
        return true;
    }

    private static long bytes(Message message) {
        if (message instanceof Message.Text text) {
            return 2L * text.data().length() + MESSAGE_OVERHEAD_BYTES;
        } else if (message instanceof Message.Binary binary) {
            return (long) binary.payload().remaining() + MESSAGE_OVERHEAD_BYTES;
        }
        throw new AssertionError(message);
    }

    /**
     * Sends what waits, up to the message that finds or makes a backlog. The rest is to follow when that is gone ({@link
     * io.duplex.WebSocketHandler#onDrain}): the socket's queue must not be filled to the brim with it, as that may be its end
     * ({@link io.duplex.SendPolicy}).
     */
    void sendTo(WebSocket to) {
        for (Message next; (next = waiting.peek()) != null; ) {
            SendStatus status = send(to, next);
            if (status != SendStatus.REFUSED) {
                waiting.remove();
                waitingBytes -= bytes(next);
            }
            if (status != SendStatus.SENT) {
                return;
            }
        }
    }

    /** Sends a message, which is not consumed. */
    static SendStatus send(WebSocket to, Message message) {
        if (message instanceof Message.Text text) {
            return to.send(text.data());
        } else if (message instanceof Message.Binary binary) {
            return to.send(binary.payload().duplicate());
        }
        throw new AssertionError(message);
    }

    /** What waits, the first to be sent first; buffers are views that can only be read. */
    List<Message> messages() {
        return waiting.stream().map(UnsentQueue::readOnly).toList();
    }

    private static Message readOnly(Message message) {
        return message instanceof Message.Binary binary
                ? new Message.Binary(binary.payload().asReadOnlyBuffer())
                : message;
    }
}
