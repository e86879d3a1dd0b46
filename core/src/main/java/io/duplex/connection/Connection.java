package io.duplex.connection;

import io.duplex.BufferSource.Lease;
import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Handshake;
import io.duplex.ProtocolException;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.SendStatus;
import io.duplex.Violation;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Outbound.Kind;
import io.duplex.extension.DeflateParameters;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import io.duplex.protocol.Event;
import io.duplex.protocol.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection: drives the engine over a {@link Transport} and calls the handler. The methods of
 * {@link WebSocket} are thread-safe; those named {@code on...} are the host's, and confined to the event loop.
 *
 * <p>All that touches the engine runs on the event loop. What other threads send waits in a {@link Mailbox}; the loop, when
 * it sends itself, empties it first, so that what happened before goes out before.
 */
public final class Connection implements WebSocket {
    private static final CloseStatus HANDLER_FAULT = new CloseStatus(CloseCode.INTERNAL_ERROR, "internal error");
    private static final CloseStatus TOO_SLOW = new CloseStatus(CloseCode.TRY_AGAIN_LATER, "send queue is full");
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Handshake handshake;
    private final WebSocketHandler handler;
    private final ConnectionSettings settings;
    private final Loop loop;
    private final Transport transport;
    private final WebSocketProtocol protocol;
    private final Keepalive keepalive;
    private final TimerWheel.Timer timer;

    private volatile ReadyState readyState = ReadyState.OPEN;
    private volatile @Nullable Mailbox mailbox;
    private volatile boolean drainOwed;

    private boolean paused;
    private boolean transportClosing;
    private boolean closed;
    /** Input that was not taken because the handler paused or the peer does not read; {@code null} if none. */
    private @Nullable Lease unread;
    /** Messages that wait for the end of a message of parts; {@code null} if none ever did. */
    private @Nullable Queue<Outbound> waiting;
    /** Messages of topics that leave at the end of the loop's turn; {@code null} if none ever did. */
    private @Nullable List<Outbound> enqueued;

    private @Nullable Set<String> topics;
    private @Nullable PartsGuard partsGuard;

    private @Nullable ClosedBy closedBy;
    private String detail = "";
    private @Nullable Throwable cause;

    /**
     * Creates the connection; {@link #onOpen} is next.
     *
     * @param compression what was agreed on permessage-deflate; {@code null} if it is not in use
     */
    public Connection(
            Role role,
            Handshake handshake,
            @Nullable DeflateParameters compression,
            WebSocketHandler handler,
            ConnectionSettings settings,
            Loop loop,
            Transport transport) {
        this.handshake = handshake;
        this.handler = handler;
        this.settings = settings;
        this.loop = loop;
        this.transport = transport;
        this.protocol = new WebSocketProtocol(
                role,
                settings.limits(),
                handler.delivery(),
                compression,
                settings.compression(),
                loop.workspace(),
                transport);
        this.keepalive = new Keepalive(settings.timeouts(), loop.coarseNanos());
        this.timer = new TimerWheel.Timer(this::onTimer);
    }

    // The host's side

    /** The opening handshake is done. */
    public void onOpen() {
        scheduleTimer();
        try {
            handler.onOpen(this);
        } catch (Throwable fault) {
            failHandler(fault);
        }
        afterTurn();
    }

    /**
     * Bytes have come. Takes all of them: what the handler does not want yet is copied.
     *
     * @param in a buffer that may be written to, and is the host's again on return
     */
    public void onReadable(ByteBuffer in) {
        keepalive.heard(loop.coarseNanos());
        if (unread != null) {
            keep(in);
            pullUnread();
        } else {
            pull(in);
            if (in.hasRemaining()) {
                keep(in);
            }
        }
        afterTurn();
    }

    /** The peer has ended its side of TCP: nothing more will come. */
    public void onEof() {
        if (unread == null) {
            blame(ClosedBy.NETWORK, "connection ended without a Close frame", null);
            protocol.receiveEof();
            closeTransport();
        }
    }

    /** The backlog that made {@link Transport#isCongested} true is gone. */
    public void onWritable() {
        keepalive.heard(loop.coarseNanos());
        resumeReading();
        tellDrained();
        afterTurn();
    }

    /**
     * The transport connection is gone. Comes last, and once.
     *
     * @param failure what ended it; {@code null} if it was closed in the ordinary way
     */
    public void onTransportClosed(@Nullable Throwable failure) {
        if (closed) {
            return;
        }
        closed = true;
        String message =
                failure == null ? "connection ended without a Close frame" : String.valueOf(failure.getMessage());
        blame(ClosedBy.NETWORK, message, failure);
        loop.timers().cancel(timer);
        protocol.receiveEof();
        releaseUnread();
        leaveTopics();
        syncReadyState();
        try {
            handler.onClose(this, outcome());
        } catch (Throwable fault) {
            settings.faults().accept(this, fault);
        }
    }

    private CloseOutcome outcome() {
        CloseStatus received = protocol.closeReceived();
        CloseStatus sent = protocol.closeSent();
        return new CloseOutcome(
                received == null ? CloseStatus.ABNORMAL : received,
                sent,
                received != null && sent != null,
                closedBy == null ? ClosedBy.NETWORK : closedBy,
                detail,
                cause);
    }

    /** Notes who ended the connection; the first cause counts. */
    private void blame(ClosedBy by, String why, @Nullable Throwable failure) {
        if (closedBy == null) {
            closedBy = by;
            detail = why;
            cause = failure;
        }
    }

    // Receiving

    private void pull(ByteBuffer in) {
        while (!isHeld() || protocol.isInflating()) {
            Event event = protocol.receive(in);
            if (event == null) {
                return;
            }
            try {
                dispatch(event);
            } catch (Throwable fault) {
                failHandler(fault);
            }
        }
    }

    /** Whether messages should wait: the handler paused, or the peer does not read what it caused to be sent. */
    private boolean isHeld() {
        return protocol.state() == ReadyState.OPEN && (paused || transport.isCongested());
    }

    private void dispatch(Event event) {
        switch (event) {
            case TEXT -> handler.onTextBytes(this, protocol.payload());
            case BINARY -> handler.onBinary(this, protocol.payload());
            case TEXT_PART -> handler.onTextPart(this, protocol.payload(), protocol.isLastPart());
            case BINARY_PART -> handler.onBinaryPart(this, protocol.payload(), protocol.isLastPart());
            case PING -> handler.onPing(this, protocol.payload());
            case PONG -> handler.onPong(this, protocol.payload());
            case CLOSE_RECEIVED -> blame(ClosedBy.PEER, "peer closed", null);
            case FAILED -> failProtocol();
        }
    }

    private void failProtocol() {
        Violation violation = protocol.violation();
        if (violation != null) {
            ProtocolException error = new ProtocolException(violation);
            blame(violation.isLimit() ? ClosedBy.LIMIT : ClosedBy.PROTOCOL, violation.description(), error);
            handler.onError(this, error);
        }
    }

    private void failHandler(Throwable fault) {
        settings.faults().accept(this, fault);
        blame(ClosedBy.HANDLER, "handler threw " + fault.getClass().getName(), fault);
        protocol.close(HANDLER_FAULT);
        try {
            handler.onError(this, new WebSocketException("handler threw", fault));
        } catch (Throwable second) {
            settings.faults().accept(this, second);
        }
    }

    private void keep(ByteBuffer in) {
        transport.setReading(false);
        Lease old = unread;
        int kept = old == null ? 0 : old.bytes().remaining();
        if (old != null && old.bytes().capacity() - old.bytes().limit() >= in.remaining()) {
            ByteBuffer bytes = old.bytes();
            int end = bytes.limit();
            bytes.limit(end + in.remaining()).put(end, in, in.position(), in.remaining());
        } else {
            Lease lease = loop.workspace().acquire(kept + in.remaining());
            ByteBuffer bytes = lease.bytes().clear();
            if (old != null) {
                bytes.put(old.bytes());
                old.release();
            }
            bytes.put(in).flip();
            unread = lease;
        }
        in.position(in.limit());
    }

    private void pullUnread() {
        Lease kept = unread;
        if (kept != null) {
            pull(kept.bytes());
            if (!kept.bytes().hasRemaining()) {
                releaseUnread();
            }
        }
    }

    private void releaseUnread() {
        Lease kept = unread;
        if (kept != null) {
            unread = null;
            kept.release();
        }
    }

    private void resumeReading() {
        if (!isHeld()) {
            pullUnread();
            if (unread == null) {
                transport.setReading(true);
            }
        }
    }

    /** After each turn: brings the state that other threads see, the transport and the timer up to date. */
    private void afterTurn() {
        syncReadyState();
        switch (protocol.transportIntent()) {
            case KEEP_OPEN -> {
                if (isHeld()) {
                    transport.setReading(false);
                }
            }
            case AWAIT_PEER_CLOSE -> {
                beginCloseTimeout();
                transport.setReading(true);
            }
            case CLOSE -> closeTransport();
        }
    }

    private void closeTransport() {
        if (!transportClosing) {
            transportClosing = true;
            beginCloseTimeout();
            transport.setReading(true);
            transport.close();
        }
    }

    private void beginCloseTimeout() {
        keepalive.beginClose(loop.exactNanos());
        scheduleTimer();
    }

    private void syncReadyState() {
        if (closed) {
            readyState = ReadyState.CLOSED;
        } else if (protocol.state() != ReadyState.OPEN) {
            readyState = ReadyState.CLOSING;
        }
    }

    // Time

    private void scheduleTimer() {
        if (!closed) {
            loop.timers().schedule(timer, keepalive.nextNanos(loop.coarseNanos()));
        }
    }

    private long onTimer(long nowNanos) {
        if (closed) {
            return TimerWheel.Watch.NEVER;
        }
        if (paused && protocol.state() == ReadyState.OPEN) {
            keepalive.heard(nowNanos);
        }
        switch (keepalive.due(nowNanos)) {
            case PING -> protocol.sendPing(NOTHING.duplicate());
            case GIVE_UP -> giveUp();
            case WAIT -> {}
        }
        return closed ? TimerWheel.Watch.NEVER : keepalive.nextNanos(nowNanos);
    }

    private void giveUp() {
        blame(ClosedBy.TIMEOUT, keepalive.expired(), null);
        if (protocol.state() == ReadyState.OPEN) {
            protocol.close(new CloseStatus(CloseCode.GOING_AWAY, keepalive.expired()));
            closeTransport();
            syncReadyState();
        } else {
            transport.abort();
        }
    }

    // Sending

    @Override
    public SendStatus send(String text) {
        if (!transport.isInLoop()) {
            return post(Outbound.of(Kind.TEXT, Utf8Encoder.encode(text)));
        }
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        if (!isClear()) {
            return transmit(Outbound.of(Kind.TEXT, Utf8Encoder.encode(text)));
        }
        protocol.sendText(text);
        return sent();
    }

    @Override
    public SendStatus send(ByteBuffer payload) {
        if (!transport.isInLoop()) {
            return post(Outbound.copyOf(Kind.BINARY, payload, true));
        }
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        if (!isClear()) {
            return transmit(Outbound.copyOf(Kind.BINARY, payload, true));
        }
        protocol.sendBinary(payload);
        return sent();
    }

    @Override
    public SendStatus sendText(ByteBuffer utf8) {
        boolean inLoop = transport.isInLoop();
        if (inLoop && hasRoom() && isClear()) {
            protocol.sendText(utf8);
            return sent();
        }
        if (!Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        Outbound text = Outbound.copyOf(Kind.TEXT, utf8, true);
        return inLoop ? transmit(text) : post(text);
    }

    @Override
    public SendStatus sendTextPart(ByteBuffer utf8, boolean last) {
        partsGuard().checkText(utf8, last);
        return submit(Outbound.copyOf(Kind.TEXT_PART, utf8, last));
    }

    @Override
    public SendStatus sendBinaryPart(ByteBuffer payload, boolean last) {
        partsGuard().checkBinary(last);
        return submit(Outbound.copyOf(Kind.BINARY_PART, payload, last));
    }

    private synchronized PartsGuard partsGuard() {
        PartsGuard guard = partsGuard;
        if (guard == null) {
            guard = new PartsGuard();
            partsGuard = guard;
        }
        return guard;
    }

    @Override
    public SendStatus ping(ByteBuffer payload) {
        return submit(Outbound.copyOf(Kind.PING, requireControl(payload), true));
    }

    @Override
    public SendStatus pong(ByteBuffer payload) {
        return submit(Outbound.copyOf(Kind.PONG, requireControl(payload), true));
    }

    private static ByteBuffer requireControl(ByteBuffer payload) {
        if (payload.remaining() > WebSocketProtocol.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("control frame payload is " + payload.remaining() + " bytes, limit "
                    + WebSocketProtocol.MAX_CONTROL_BYTES);
        }
        return payload;
    }

    @Override
    public void close(int code, String reason) {
        CloseStatus status = new CloseStatus(code, reason);
        WebSocketProtocol.requireSendable(status);
        if (transport.isInLoop()) {
            drainMailbox();
            closeNow(status);
        } else if (readyState == ReadyState.OPEN) {
            readyState = ReadyState.CLOSING;
            deposit(Outbound.close(status));
        }
    }

    private void closeNow(CloseStatus status) {
        if (protocol.state() == ReadyState.OPEN) {
            blame(ClosedBy.SELF, "closed by this side", null);
            sendEnqueued();
            protocol.close(status);
            paused = false;
            resumeReading();
            afterTurn();
        }
    }

    @Override
    public void abort() {
        if (transport.isInLoop()) {
            blame(ClosedBy.SELF, "aborted by this side", null);
            transport.abort();
        } else {
            transport.execute(this::abort);
        }
    }

    private SendStatus submit(Outbound outbound) {
        if (!transport.isInLoop()) {
            return post(outbound);
        }
        if (!hasRoom()) {
            return SendStatus.REFUSED;
        }
        isClear();
        return transmit(outbound);
    }

    /** From another thread. */
    private SendStatus post(Outbound outbound) {
        if (readyState != ReadyState.OPEN) {
            return SendStatus.REFUSED;
        }
        long backlog = bufferedAmount();
        if (backlog >= settings.limits().maxQueueBytes()) {
            transport.execute(this::overflow);
            return SendStatus.REFUSED;
        }
        boolean congested = backlog > 0 && transport.isCongested();
        if (congested) {
            drainOwed = true;
        }
        deposit(outbound);
        return congested ? SendStatus.QUEUED : SendStatus.SENT;
    }

    private void deposit(Outbound outbound) {
        if (mailbox().add(outbound)) {
            transport.execute(this::onMail);
        }
    }

    private Mailbox mailbox() {
        Mailbox present = mailbox;
        return present != null ? present : createMailbox();
    }

    private synchronized Mailbox createMailbox() {
        Mailbox present = mailbox;
        if (present == null) {
            present = new Mailbox();
            mailbox = present;
        }
        return present;
    }

    private void onMail() {
        mailbox().arrived();
        drainMailbox();
        tellDrained();
    }

    private void drainMailbox() {
        Mailbox mail = mailbox;
        if (mail != null) {
            for (Outbound outbound; (outbound = mail.poll()) != null; ) {
                transmit(outbound);
            }
        }
    }

    /** Whether a message may go out now, before all others; empties the queues before it. */
    private boolean isClear() {
        Mailbox mail = mailbox;
        if (mail != null && !mail.isEmpty()) {
            drainMailbox();
        }
        sendEnqueued();
        return protocol.state() == ReadyState.OPEN && !protocol.isSendingParts();
    }

    private boolean hasRoom() {
        if (protocol.state() != ReadyState.OPEN || closed) {
            return false;
        }
        if (transport.pendingBytes() >= settings.limits().maxQueueBytes()) {
            overflow();
            return false;
        }
        return true;
    }

    private void overflow() {
        if (protocol.state() == ReadyState.OPEN) {
            blame(ClosedBy.LIMIT, "send queue is over maxQueueBytes", null);
            protocol.close(TOO_SLOW);
            afterTurn();
        }
    }

    private SendStatus transmit(Outbound outbound) {
        if (protocol.state() != ReadyState.OPEN) {
            return SendStatus.REFUSED;
        }
        if (protocol.isSendingParts() && !outbound.kind.isPart() && !outbound.kind.isControl()) {
            Queue<Outbound> queue = waiting;
            if (queue == null) {
                queue = new ArrayDeque<>();
                waiting = queue;
            }
            queue.add(outbound);
            return sent();
        }
        switch (outbound.kind) {
            case TEXT -> protocol.sendValidText(outbound.payload());
            case BINARY -> protocol.sendBinary(outbound.payload());
            case TEXT_PART -> protocol.sendTextPart(outbound.payload(), outbound.last);
            case BINARY_PART -> protocol.sendBinaryPart(outbound.payload(), outbound.last);
            case PING -> protocol.sendPing(outbound.payload());
            case PONG -> protocol.sendPong(outbound.payload());
            case CLOSE -> closeNow(outbound.status == null ? CloseStatus.NO_STATUS : outbound.status);
        }
        if (outbound.kind.isPart() && outbound.last) {
            sendWaiting();
        }
        return sent();
    }

    private void sendWaiting() {
        Queue<Outbound> queue = waiting;
        if (queue != null) {
            while (!queue.isEmpty() && !protocol.isSendingParts()) {
                transmit(queue.remove());
            }
        }
    }

    private SendStatus sent() {
        if (transport.isCongested()) {
            drainOwed = true;
            return SendStatus.QUEUED;
        }
        return SendStatus.SENT;
    }

    private void tellDrained() {
        if (drainOwed && !transport.isCongested() && protocol.state() == ReadyState.OPEN) {
            drainOwed = false;
            try {
                handler.onDrain(this);
            } catch (Throwable fault) {
                failHandler(fault);
                afterTurn();
            }
        }
    }

    // Topics

    @Override
    public void subscribe(String topic) {
        if (!transport.isInLoop()) {
            transport.execute(() -> subscribe(topic));
        } else if (!closed) {
            Set<String> joined = topics;
            if (joined == null) {
                joined = new LinkedHashSet<>();
                topics = joined;
            }
            joined.add(topic);
            loop.topics().subscribe(topic, this);
        }
    }

    @Override
    public void unsubscribe(String topic) {
        if (!transport.isInLoop()) {
            transport.execute(() -> unsubscribe(topic));
        } else if (topics != null && topics.remove(topic)) {
            loop.topics().unsubscribe(topic, this);
        }
    }

    private void leaveTopics() {
        if (topics != null) {
            topics.forEach(topic -> loop.topics().unsubscribe(topic, this));
            topics = null;
        }
    }

    @Override
    public void publish(String topic, String text) {
        settings.topics().publish(topic, Outbound.of(Kind.TEXT, Utf8Encoder.encode(text)), this);
    }

    @Override
    public void publish(String topic, ByteBuffer payload) {
        settings.topics().publish(topic, Outbound.copyOf(Kind.BINARY, payload, true), this);
    }

    /** Takes a topic's message for the end of the turn; returns whether it is the first one. */
    boolean enqueue(Outbound outbound) {
        List<Outbound> queue = enqueued;
        if (queue == null) {
            queue = new ArrayList<>(4);
            enqueued = queue;
        }
        queue.add(outbound);
        return queue.size() == 1;
    }

    /** Sends what topics brought, in order. */
    void sendEnqueued() {
        List<Outbound> queue = enqueued;
        if (queue == null || queue.isEmpty()) {
            return;
        }
        for (int i = 0; i < queue.size() && hasRoom(); i++) {
            transmit(queue.get(i));
        }
        queue.clear();
    }

    /** Whether this connection lives on {@code other}, and the calling thread is that loop's. */
    boolean isOn(Loop other) {
        return loop == other && transport.isInLoop();
    }

    // What the application sees

    @Override
    public Handshake handshake() {
        return handshake;
    }

    @Override
    public ReadyState readyState() {
        return readyState;
    }

    @Override
    public long bufferedAmount() {
        Mailbox mail = mailbox;
        return transport.pendingBytes() + (mail == null ? 0 : mail.bytes());
    }

    @Override
    public boolean isCompressed() {
        return protocol.isCompressed();
    }

    @Override
    public void pause() {
        if (transport.isInLoop()) {
            paused = true;
            transport.setReading(false);
        } else {
            transport.execute(this::pause);
        }
    }

    @Override
    public void resume() {
        if (transport.isInLoop()) {
            paused = false;
            resumeReading();
            afterTurn();
        } else {
            transport.execute(this::resume);
        }
    }
}
