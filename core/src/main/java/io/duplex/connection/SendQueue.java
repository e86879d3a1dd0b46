package io.duplex.connection;

import io.duplex.CloseStatus;
import io.duplex.ReadyState;
import io.duplex.SendStatus;
import io.duplex.connection.Outbound.Kind;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import io.duplex.protocol.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * What one connection sends, in order: straight to the engine where it can, through an {@link Outbox} where it must wait. The
 * sending methods and {@link #bufferedAmount} are thread-safe, all else is confined to the event loop.
 *
 * <p>Order: mail from other threads and what topics brought in this turn are accepted messages. Before the loop sends itself,
 * they go out; before a topic brings something, the mail does. So what happened before goes out before. Only what another
 * thread publishes and then sends to a member itself may change places: the two come to the loop on different ways.
 */
final class SendQueue {
    /** Mail beyond this is a backlog: other threads send faster than the loop comes for it. */
    static final int MAIL_BACKLOG_BYTES = 64 << 10;

    private static final AtomicReferenceFieldUpdater<SendQueue, @Nullable Outbox> OUTBOX =
            AtomicReferenceFieldUpdater.newUpdater(SendQueue.class, Outbox.class, "outbox");

    private final Connection connection;
    private final WebSocketProtocol protocol;
    private final Transport transport;
    private final int maxBytes;

    /** {@code null} until something waits. */
    private volatile @Nullable Outbox outbox;
    /** Whether a send was answered with {@link SendStatus#QUEUED} since the backlog was last gone. */
    private volatile boolean drainOwed;

    SendQueue(Connection connection, WebSocketProtocol protocol, Transport transport, int maxBytes) {
        this.connection = connection;
        this.protocol = protocol;
        this.transport = transport;
        this.maxBytes = maxBytes;
    }

    // Any thread

    SendStatus text(String text) {
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        if (!isClear()) {
            return submit(Outbound.of(Kind.TEXT, Utf8Encoder.encode(text)));
        }
        protocol.sendText(text);
        return sent();
    }

    SendStatus text(ByteBuffer utf8) {
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        if (!isClear()) {
            if (!Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
                throw new IllegalArgumentException("text is not valid UTF-8");
            }
            return submit(Outbound.copyOf(Kind.TEXT, utf8, true));
        }
        protocol.sendText(utf8);
        return sent();
    }

    SendStatus binary(ByteBuffer payload) {
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        if (!isClear()) {
            return submit(Outbound.copyOf(Kind.BINARY, payload, true));
        }
        protocol.sendBinary(payload);
        return sent();
    }

    SendStatus textPart(ByteBuffer utf8, boolean last) {
        outbox().parts().checkText(utf8, last);
        return submitCopy(Kind.TEXT_PART, utf8, last);
    }

    SendStatus binaryPart(ByteBuffer payload, boolean last) {
        outbox().parts().checkBinary(last);
        return submitCopy(Kind.BINARY_PART, payload, last);
    }

    SendStatus control(Kind kind, ByteBuffer payload) {
        if (payload.remaining() > WebSocketProtocol.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("control frame payload is " + payload.remaining() + " bytes, limit "
                    + WebSocketProtocol.MAX_CONTROL_BYTES);
        }
        return submitCopy(kind, payload, true);
    }

    private SendStatus submitCopy(Kind kind, ByteBuffer payload, boolean last) {
        return hasRoom() ? submit(Outbound.copyOf(kind, payload, last)) : SendStatus.REFUSED;
    }

    private SendStatus submit(Outbound outbound) {
        if (transport.isInLoop()) {
            flush();
            return transmit(outbound, outbound.payload());
        }
        boolean backlogged = transport.isCongested() || outbox().bytes() > MAIL_BACKLOG_BYTES;
        if (backlogged) {
            drainOwed = true;
        }
        post(outbound);
        return backlogged ? SendStatus.QUEUED : SendStatus.SENT;
    }

    /** Has the loop close the connection, after what was sent before. */
    void postClose(CloseStatus status) {
        post(Outbound.close(status));
    }

    private void post(Outbound outbound) {
        if (outbox().post(outbound)) {
            transport.execute(this::onMail);
        }
    }

    /** Whether another message is accepted; if the queue is full, this is the end of the connection. */
    private boolean hasRoom() {
        if (connection.readyState() != ReadyState.OPEN) {
            return false;
        }
        if (bufferedAmount() < maxBytes) {
            return true;
        }
        connection.overflow();
        return false;
    }

    long bufferedAmount() {
        Outbox box = outbox;
        return transport.pendingBytes() + (box == null ? 0 : box.bytes());
    }

    private Outbox outbox() {
        Outbox present = outbox;
        if (present != null) {
            return present;
        }
        OUTBOX.compareAndSet(this, null, new Outbox());
        return outbox();
    }

    // The event loop

    /** Whether the caller may give its message to the engine now, before all others. */
    private boolean isClear() {
        if (!transport.isInLoop()) {
            return false;
        }
        flush();
        return connection.isOpen() && !protocol.isSendingParts();
    }

    private void onMail() {
        outbox().collect();
        flush();
        connection.onSent();
    }

    /** Gives the engine what was accepted before. */
    void flush() {
        connection.sendBrought();
        flushMail();
    }

    /** Gives the engine what was accepted before, if there is mail; what topics brought may wait. */
    void flushMail() {
        Outbox box = outbox;
        if (box != null && box.hasMail()) {
            connection.sendBrought();
            for (Outbound mail; (mail = box.pollMail()) != null; ) {
                transmit(mail, mail.payload());
            }
        }
    }

    /** Sends what a topic brought. */
    void relay(Outbound message, ByteBuffer payload) {
        if (connection.isOpen() && bufferedAmount() >= maxBytes) {
            connection.overflow();
        }
        transmit(message, payload);
    }

    private SendStatus transmit(Outbound outbound, ByteBuffer payload) {
        if (!connection.isOpen()) {
            return SendStatus.REFUSED;
        }
        if (protocol.isSendingParts() && !outbound.kind.isPart() && !outbound.kind.isControl()) {
            outbox().hold(outbound);
            return sent();
        }
        switch (outbound.kind) {
            case TEXT -> protocol.sendValidText(payload);
            case BINARY -> protocol.sendBinary(payload);
            case TEXT_PART -> protocol.sendTextPart(payload, outbound.last);
            case BINARY_PART -> protocol.sendBinaryPart(payload, outbound.last);
            case PING -> protocol.sendPing(payload);
            case PONG -> protocol.sendPong(payload);
            case CLOSE -> connection.closeNow(outbound.status);
        }
        if (outbound.kind.isPart() && outbound.last) {
            sendHeld();
        }
        return sent();
    }

    /** A message of parts has ended: what waited for that goes out. */
    private void sendHeld() {
        Outbox box = outbox();
        if (box.isHolding()) {
            for (Outbound held; (held = box.pollHeld()) != null; ) {
                transmit(held, held.payload());
            }
            transport.execute(connection::onSent);
        }
    }

    private SendStatus sent() {
        if (isBacklogged()) {
            drainOwed = true;
            return SendStatus.QUEUED;
        }
        return SendStatus.SENT;
    }

    /** Whether the handler is to be told that the backlog is gone; true once for any number of messages. */
    boolean takeDrained() {
        if (drainOwed && !isBacklogged()) {
            drainOwed = false;
            return true;
        }
        return false;
    }

    private boolean isBacklogged() {
        Outbox box = outbox;
        return transport.isCongested() || box != null && box.isHolding();
    }
}
