package io.duplex.connection;

import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.WebSocketException;
import io.duplex.connection.Outbound.Kind;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.SharedMessage;
import io.duplex.protocol.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * What one connection sends, in order: straight to the engine where it can, through an {@link Outbox} where it must wait. The
 * sending methods and {@link #bufferedAmount} are thread-safe, all else is confined to the event loop.
 *
 * <p>Order: mail from other threads and what topics brought in this turn are accepted messages. Before the loop sends itself,
 * they go out; before a topic brings something, the mail does. So what happened before goes out before. Only what another
 * thread publishes and then sends to a member itself may change places: the two come to the loop on different ways.
 *
 * <p>While the transport is congested, messages that may be dropped, replaced or shared wait in front of the engine: what it
 * has taken is compressed and framed, and part of the stream for good. All others go to the transport, up to the bound. Behind
 * a message that waits every message does. Control frames and parts never wait.
 *
 * <p>It is long because order is one rule over all ways in: mail, topics, parts and what waits.
 */
final class SendQueue {
    /** Mail beyond this is a backlog: other threads send faster than the loop comes for it. */
    static final int MAIL_BACKLOG_BYTES = 64 << 10;

    /** What a backlog gives in one turn: other connections have theirs, and the transport is not to be filled up again. */
    static final int DRAIN_BYTES = 32 << 10;

    private static final AtomicReferenceFieldUpdater<SendQueue, @Nullable Outbox> OUTBOX =
            AtomicReferenceFieldUpdater.newUpdater(SendQueue.class, Outbox.class, "outbox");

    private final Connection connection;
    private final Protocol protocol;
    private final Transport transport;
    private final Limits limits;
    private final SendBounds bounds;
    /** Whether what the socket itself sends waits in front of the engine. */
    private final boolean holds;

    /** {@code null} until something waits. */
    private volatile @Nullable Outbox outbox;
    /** Whether a send was not answered with {@link SendStatus#SENT} since the backlog was last gone. */
    private volatile boolean drainOwed;
    /**
     * The same for a part of a message. What waits for the end of that message is no backlog to whoever sends the parts: to
     * wait for each other would never end.
     */
    private volatile boolean partDrainOwed;

    /** {@code null} until the connection has ended. */
    private volatile @Nullable CloseOutcome outcome;

    /** Whether the outbox holds a message: plain, for it is asked with each message. */
    private boolean waiting;

    private boolean drainScheduled;
    /** Promises for what this turn has given to the engine; {@code null} if there are none. */
    private @Nullable List<CompletableFuture<Void>> given;

    SendQueue(Connection connection, Protocol protocol, Transport transport, Limits limits, SendBounds bounds) {
        this.connection = connection;
        this.protocol = protocol;
        this.transport = transport;
        this.limits = limits;
        this.bounds = bounds;
        this.holds = limits.sendPolicy().kind() != SendPolicy.Kind.CLOSE;
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
            requireText(utf8);
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

    /** While the transport is congested it waits here, where it takes one reference. */
    SendStatus shared(SharedMessage message) {
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        if (!isClear() || transport.isCongested()) {
            return submit(Outbound.of(message));
        }
        protocol.sendShared(message);
        return sent();
    }

    /** The bytes of a text that is to be kept: as {@link Outbound#copy}. */
    byte[] copyText(ByteBuffer utf8) {
        if (!transport.isInLoop() || !protocol.isLentText(utf8)) {
            requireText(utf8);
        }
        return Outbound.copy(utf8);
    }

    private static void requireText(ByteBuffer utf8) {
        if (!Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
    }

    /** Sends what replaces an earlier message with an equal key, if that still waits. */
    SendStatus latest(String key, Kind kind, byte[] bytes) {
        if (connection.readyState() != ReadyState.OPEN) {
            return SendStatus.REFUSED;
        }
        if (!transport.isInLoop() && outbox().mailBytes() >= bounds.ownBytes()) {
            return refuse(limits.sendPolicy());
        }
        return submit(Outbound.latest(kind, bytes, key));
    }

    CompletableFuture<Void> async(Kind kind, byte[] bytes) {
        Promises promises = outbox().promises();
        CompletableFuture<Void> promise = promises.create();
        CloseOutcome end = outcome;
        if (end != null) {
            // The end may have come before the promise was there, and not have seen it.
            promises.end(end);
            return promise;
        }
        if (hasRoom()) {
            submit(Outbound.promised(kind, bytes, promise));
        } else if (connection.readyState() == ReadyState.OPEN) {
            promises.fail(promise, dropped());
        }
        return promise;
    }

    SendStatus textPart(ByteBuffer utf8, boolean last) {
        PartsGuard parts = outbox().parts();
        if (!transport.isInLoop()
                || !protocol.isLentTextPart(utf8)
                || !parts.passText(protocol.textStateBefore(), protocol.textStateAfter(), last)) {
            parts.checkText(utf8, last);
        }
        return part(Kind.TEXT_PART, utf8, last);
    }

    SendStatus binaryPart(ByteBuffer payload, boolean last) {
        outbox().parts().checkBinary(last);
        return part(Kind.BINARY_PART, payload, last);
    }

    private SendStatus part(Kind kind, ByteBuffer payload, boolean last) {
        if (connection.readyState() != ReadyState.OPEN) {
            return SendStatus.REFUSED;
        }
        if (bounds.isOver(waitingBytes(), bounds.mostBytes())) {
            connection.overflow(SendPolicy.close());
            return SendStatus.REFUSED;
        }
        if (!transport.isInLoop()) {
            SendStatus status = partSent(transport.isCongested() || outbox().mailBytes() > MAIL_BACKLOG_BYTES);
            post(Outbound.copyOf(kind, payload, last));
            return status;
        }
        flush();
        return connection.takesMessages() ? givePart(kind, payload, last) : SendStatus.REFUSED;
    }

    SendStatus control(Kind kind, ByteBuffer payload) {
        if (payload.remaining() > WebSocketProtocol.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("control frame payload is " + payload.remaining() + " bytes, limit "
                    + WebSocketProtocol.MAX_CONTROL_BYTES);
        }
        if (holds ? !hasRoomForControl() : !hasRoom()) {
            return SendStatus.REFUSED;
        }
        return submit(Outbound.copyOf(kind, payload, true));
    }

    /** Where a full queue is no reason to close, it is none to refuse a Ping either, which does not wait behind it. */
    private boolean hasRoomForControl() {
        return connection.readyState() == ReadyState.OPEN
                && transport.pendingBytes() + transport.overheadBytes() + outbox().mailBytes() < bounds.mostBytes();
    }

    private SendStatus submit(Outbound outbound) {
        if (transport.isInLoop()) {
            flush();
            return admit(outbound, true);
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

    /** Whether another message is accepted; if not, and the connection is open, the policy has been applied. */
    private boolean hasRoom() {
        if (connection.readyState() != ReadyState.OPEN) {
            return false;
        }
        return !bounds.isOver(waitingBytes() + transport.overheadBytes(), bounds.ownBytes()) || isTakenWhenFull();
    }

    /** The queue is full: whether the message is taken all the same, for others to make room for it. */
    private boolean isTakenWhenFull() {
        // Mail is out of reach until the loop comes for it, and must not grow without bound if it does not come.
        if (SendBounds.makesRoom(limits.sendPolicy())
                && (transport.isInLoop() || outbox().mailBytes() < bounds.ownBytes())) {
            return true;
        }
        refuse(limits.sendPolicy());
        return false;
    }

    /** Leaves a message out, or closes the connection for it. */
    private SendStatus refuse(SendPolicy rule) {
        if (rule.kind() == SendPolicy.Kind.CLOSE) {
            connection.overflow(rule);
        } else {
            drop(null);
            oweDrain();
        }
        return SendStatus.REFUSED;
    }

    private void oweDrain() {
        if (!drainOwed) {
            drainOwed = true;
            // A full queue need not be a congested transport, which would tell by itself.
            transport.execute(() -> transport.whenFlushed(connection::onSent));
        }
    }

    /** Whether a message would be left out now; if so, the handler will be told of the drain. */
    boolean isToDrainFirst() {
        boolean dropped = limits.sendPolicy().kind() == SendPolicy.Kind.DROP_NEWEST
                && connection.readyState() == ReadyState.OPEN
                && bounds.isOver(waitingBytes() + transport.overheadBytes(), bounds.ownBytes());
        if (dropped) {
            oweDrain();
        }
        return dropped;
    }

    /** Counts a message that is left out, and has the application told. */
    private void drop(@Nullable Outbound message) {
        Outbox box = outbox();
        if (box.countDropped()) {
            transport.execute(() -> connection.onDropped(box.takeDropped()));
        }
        if (message != null && message.sent != null) {
            CompletableFuture<Void> promise = message.sent;
            // Later: what depends on it may send, and must not do so in the midst of this.
            transport.execute(() -> box.promises().fail(promise, dropped()));
        }
    }

    private static WebSocketException dropped() {
        return new WebSocketException("message dropped: the send queue is full", null);
    }

    /** What the bound is about: all that was accepted, but for what leaves with this turn. */
    private long waitingBytes() {
        Outbox box = outbox;
        return transport.pendingBytes() + (box == null ? 0 : box.bytes());
    }

    /** What makes the queue full. */
    String limitReached() {
        Outbox box = outbox;
        return bounds.reached(waitingBytes(), box == null ? 0 : box.heldMessages());
    }

    long bufferedAmount() {
        return waitingBytes() + transport.gatheredBytes();
    }

    long droppedMessages() {
        Outbox box = outbox;
        return box == null ? 0 : box.dropped();
    }

    private Outbox outbox() {
        Outbox present = outbox;
        if (present != null) {
            return present;
        }
        OUTBOX.compareAndSet(this, null, new Outbox(limits.sendPolicy(), bounds.budget()));
        return outbox();
    }

    // The event loop

    /** Whether the caller may give its message to the engine now, before all others. */
    private boolean isClear() {
        if (!transport.isInLoop()) {
            return false;
        }
        flush();
        return connection.takesMessages()
                && !protocol.isSendingParts()
                && !waiting
                && !(holds && transport.isCongested());
    }

    /** Whether messages wait here. */
    boolean isWaiting() {
        return waiting;
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
                admit(mail, true);
            }
        }
    }

    /** Sends what a topic brought, if there is a form for it. */
    void relay(Outbound message) {
        if (message.kind != Kind.TEXT && protocol.isTextOnly()) {
            drop(message);
        } else {
            admit(message, false);
        }
    }

    /**
     * Sends something, or has it wait.
     *
     * @param accepted whether a full queue has been asked about, so that it must not be refused
     */
    private SendStatus admit(Outbound outbound, boolean accepted) {
        if (!connection.takesMessages()) {
            return SendStatus.REFUSED;
        }
        if (outbound.kind.isMessage()) {
            if (isToWait(outbound)) {
                return hold(outbound, accepted);
            }
            if (!accepted
                    && bounds.isOver(waitingBytes() + transport.overheadBytes(), bounds.bytesFor(outbound))
                    && !SendBounds.makesRoom(outbox().policy(outbound))) {
                return leaveOut(outbound);
            }
        } else if (outbound.kind.isPart()) {
            return givePart(outbound.kind, outbound.payload(), outbound.last);
        }
        transmit(outbound);
        return sent();
    }

    /** Gives the engine a part that the guard has let through, behind all messages that waited when its message began. */
    private SendStatus givePart(Kind kind, ByteBuffer payload, boolean last) {
        if (!protocol.isSendingParts()) {
            sendAllHeld();
        }
        if (kind == Kind.TEXT_PART) {
            protocol.sendValidTextPart(payload, last);
        } else {
            protocol.sendBinaryPart(payload, last);
        }
        if (last && waiting) {
            scheduleDrain();
        }
        return partSent(transport.isCongested());
    }

    private SendStatus partSent(boolean backlogged) {
        if (backlogged) {
            partDrainOwed = true;
            return SendStatus.QUEUED;
        }
        return SendStatus.SENT;
    }

    private boolean isToWait(Outbound message) {
        if (protocol.isSendingParts() || waiting) {
            return true;
        }
        return (holds || message.shared != null || message.key != null) && transport.isCongested();
    }

    private SendStatus leaveOut(Outbound message) {
        SendPolicy rule = outbox().policy(message);
        if (rule.kind() == SendPolicy.Kind.DROP_NEWEST || rule.kind() == SendPolicy.Kind.DROP_OLDEST) {
            drop(message);
        } else {
            connection.overflow(rule);
        }
        return SendStatus.REFUSED;
    }

    /** Has a message wait for room in the network, or for the end of a message of parts. */
    private SendStatus hold(Outbound message, boolean accepted) {
        Outbox box = outbox();
        drainOwed = true;
        Outbound outdated = box.likeOf(message);
        if (outdated != null) {
            if (message.frameBytes() > outdated.frameBytes() && isFull(box, bounds.bytesFor(message))) {
                return leaveOut(message);
            }
            box.replace(message);
            drop(outdated);
            return SendStatus.QUEUED;
        }
        SendPolicy rule = box.policy(message);
        if (!accepted || SendBounds.makesRoom(rule) || message.key != null || bounds.isOver(box.heldMessages())) {
            int most = bounds.bytesFor(message);
            if (rule.kind() == SendPolicy.Kind.DROP_OLDEST) {
                for (Outbound old; isFull(box, most) && (old = box.dropOldest()) != null; ) {
                    drop(old);
                }
                waiting = box.isWaiting();
                most = bounds.mostBytes();
            }
            if (isFull(box, most)) {
                return leaveOut(message);
            }
        }
        box.hold(message);
        waiting = true;
        return SendStatus.QUEUED;
    }

    /** Whether the queue is full from {@code bytes} on: the mail, which comes later, does not count. */
    private boolean isFull(Outbox box, int bytes) {
        return bounds.isOver(transport.pendingBytes() + transport.overheadBytes() + box.backlogBytes(), bytes)
                || bounds.isOver(box.heldMessages());
    }

    private void transmit(Outbound outbound) {
        switch (outbound.kind) {
            case TEXT, BINARY -> transmitMessage(outbound);
            case TEXT_PART, BINARY_PART -> givePart(outbound.kind, outbound.payload(), outbound.last);
            case PING -> protocol.sendPing(outbound.payload());
            case PONG -> protocol.sendPong(outbound.payload());
            case CLOSE -> connection.closeNow(outbound.status);
        }
    }

    private void transmitMessage(Outbound message) {
        if (message.shared != null) {
            protocol.sendShared(message.shared);
        } else if (message.kind == Kind.TEXT) {
            protocol.sendValidText(message.payload());
        } else {
            protocol.sendBinary(message.payload());
        }
        if (message.sent != null) {
            if (given == null) {
                given = new ArrayList<>();
                transport.execute(this::promiseGiven);
            }
            given.add(message.sent);
        }
    }

    /** The turn that gave messages with promises is over. */
    private void promiseGiven() {
        List<CompletableFuture<Void>> turn = given;
        given = null;
        if (turn != null) {
            Promises promises = outbox().promises();
            transport.whenFlushed(() -> turn.forEach(promises::keep));
        }
    }

    // The backlog

    /** Gives the engine of what waits as much as the network has room for, some of it in later turns. */
    void drain() {
        for (long bytes = 0; waiting && !transport.isCongested() && !protocol.isSendingParts(); ) {
            if (bytes >= DRAIN_BYTES) {
                scheduleDrain();
                return;
            }
            bytes += transmitHeld();
        }
    }

    /** Gives the engine the first message that waits; returns its length. */
    private long transmitHeld() {
        Outbox box = outbox();
        Outbound next = box.pollHeld();
        waiting = box.isWaiting();
        if (next == null) {
            return 0;
        }
        transmit(next);
        return next.frameBytes();
    }

    private void scheduleDrain() {
        if (!drainScheduled) {
            drainScheduled = true;
            transport.execute(() -> {
                drainScheduled = false;
                connection.onSent();
            });
        }
    }

    /** What is about to be sent cannot wait: all that waits goes before it. */
    private void sendAllHeld() {
        while (waiting) {
            transmitHeld();
        }
    }

    /** No message will be sent any more. */
    void discardHeld() {
        // Their promises fail at the connection's end.
        while (waiting) {
            outbox().pollHeld();
            waiting = outbox().isWaiting();
        }
    }

    /** The connection has ended: breaks the promises that were not kept. */
    void end(CloseOutcome how) {
        outcome = how;
        Outbox box = outbox;
        if (box != null) {
            box.discardMail();
            box.promises().end(how);
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
        if (transport.isCongested()) {
            return false;
        }
        boolean drained = false;
        if (partDrainOwed) {
            partDrainOwed = false;
            drained = true;
        }
        if (drainOwed && !waiting) {
            drainOwed = false;
            drained = true;
        }
        return drained;
    }

    private boolean isBacklogged() {
        return transport.isCongested() || waiting;
    }
}
