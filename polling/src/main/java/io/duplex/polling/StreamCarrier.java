package io.duplex.polling;

import io.duplex.connection.HttpExchange;
import io.duplex.connection.ResponseStream;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.PacketQueue;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** A stream of server-sent events. Confined to the session's loop. */
final class StreamCarrier implements Carrier {
    /** Between comments, for proxies that end what is silent. */
    static final long COMMENT_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** What may be under way without an acknowledgement. */
    static final int WINDOW_BYTES = 256 << 10;

    /** Bytes that the operating system has not taken, beyond which more wait. */
    private static final int STREAM_BACKLOG_BYTES = 64 << 10;

    private final Conversation conversation;
    private final ResponseStream stream;
    private final long maxBytes;
    private long written;
    /** The number of the last packet that was written. */
    private long sent;

    private boolean awaitsFlush;
    private boolean ended;

    private StreamCarrier(Conversation conversation, ResponseStream stream, long maxBytes) {
        this.conversation = conversation;
        this.stream = stream;
        this.maxBytes = maxBytes;
        this.sent = conversation.session().packets().acknowledged();
    }

    /**
     * Begins a stream.
     *
     * @param opening what goes first
     * @param maxBytes where to end it, so that a client need not keep it for ever
     */
    static void open(Conversation conversation, HttpExchange exchange, ByteBuffer opening, long maxBytes) {
        ResponseStream stream =
                exchange.stream(200, Answers.fields(conversation.owner().origin(), Answers.EVENTS));
        stream.write(opening);
        StreamCarrier carrier = new StreamCarrier(conversation, stream, maxBytes);
        Session session = conversation.session();
        session.attach(carrier, COMMENT_NANOS);
        exchange.whenClosed(() -> session.loop().execute(carrier::leave));
    }

    private void leave() {
        if (!ended) {
            ended = true;
            conversation.session().detach(this);
        }
    }

    @Override
    public void onPackets() {
        PacketQueue packets = conversation.session().packets();
        sent = Math.max(sent, packets.acknowledged());
        while (!ended && sent < packets.last() && packets.bytesUpTo(sent) < WINDOW_BYTES) {
            if (stream.pendingBytes() > STREAM_BACKLOG_BYTES) {
                awaitFlush();
                return;
            }
            sent++;
            ByteBuffer event = EventText.of(sent, packets.get(sent));
            written += event.remaining();
            stream.write(event);
            if (written >= maxBytes) {
                stream.end();
                leave();
            }
        }
        if (!ended && conversation.session().isOver() && sent == packets.last()) {
            stream.end();
            leave();
        }
    }

    private void awaitFlush() {
        if (!awaitsFlush) {
            awaitsFlush = true;
            Session session = conversation.session();
            stream.whenFlushed(() -> session.loop().execute(() -> {
                awaitsFlush = false;
                if (!session.isGone()) {
                    onPackets();
                }
            }));
        }
    }

    @Override
    public void onReplaced() {
        ended = true;
        stream.end();
    }

    @Override
    public void onGone() {
        ended = true;
        stream.end();
    }

    @Override
    public long onTime() {
        stream.write(EventText.comment());
        return COMMENT_NANOS;
    }
}
