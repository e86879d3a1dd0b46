package io.duplex.connection;

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
import io.duplex.protocol.Event;
import io.duplex.protocol.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection: drives the engine over a {@link Transport} and calls the handler. The methods of
 * {@link WebSocket} are thread-safe; those named {@code on...} are the host's, and confined to the event loop.
 *
 * <p>All that touches the engine runs on the event loop. What other threads send waits in an {@link SendQueue}; the loop, when
 * it sends itself, empties it first, so that what happened before goes out before.
 *
 * <p>Whatever a callback asks for takes effect when it returns: while one runs, no other is called and no input is taken.
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
    private final SendQueue sending;
    private final Deadlines deadlines;
    /** {@code null} without rate limits. */
    private final @Nullable RateGate rates;

    private volatile ReadyState readyState = ReadyState.OPEN;
    /** Set by whichever thread begins to close, before the loop knows. */
    private volatile boolean closeAsked;

    private boolean inCallback;
    private boolean paused;
    private boolean reading = true;
    private boolean inputEnded;
    private boolean transportClosing;
    private boolean closed;
    /** {@code null} while nothing is kept. */
    private @Nullable KeptInput kept;
    /** {@code null} until the first topic is joined. */
    private @Nullable Membership membership;
    /** {@code null} while the connection lives. */
    private @Nullable Ending ending;

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
        this.sending =
                new SendQueue(this, protocol, transport, settings.limits().maxQueueBytes());
        this.rates = RateGate.of(settings.limits().rates(), loop.coarseNanos());
        this.deadlines = new Deadlines(this, loop, settings.timeouts(), rates);
    }

    // The host's side

    /** The opening handshake is done. */
    public void onOpen() {
        deadlines.schedule();
        call(() -> handler.onOpen(this));
        settle();
    }

    /**
     * Bytes have come. Takes all of them: what the handler does not want yet is copied.
     *
     * @param in a buffer that may be written to, and is the host's again on return
     */
    public void onReadable(ByteBuffer in) {
        deadlines.heard();
        if (rates != null) {
            rates.bytes(in.remaining(), loop.coarseNanos());
            checkRates(rates);
        }
        if (kept == null) {
            pull(in);
        }
        if (in.hasRemaining()) {
            keep(in);
        }
        settle();
    }

    /** The peer has ended its side of TCP: nothing more will come. */
    public void onEof() {
        inputEnded = true;
        settle();
    }

    /** The backlog that made {@link Transport#isCongested} true is gone. */
    public void onWritable() {
        deadlines.heard();
        onSent();
    }

    /**
     * The transport connection is gone. Comes last, and once.
     *
     * @param failure what ended it; {@code null} if it was closed in the ordinary way
     * @return what the handler was told
     */
    public CloseOutcome onTransportClosed(@Nullable Throwable failure) {
        closed = true;
        transportClosing = true;
        readyState = ReadyState.CLOSED;
        deadlines.cancel();
        protocol.receiveEof();
        releaseKept();
        if (membership != null) {
            membership.leaveAll();
        }
        CloseOutcome outcome = Ending.outcome(ending, protocol.closeReceived(), protocol.closeSent(), failure);
        inCallback = true;
        try {
            handler.onClose(this, outcome);
        } catch (Throwable fault) {
            settings.faults().accept(this, fault);
        } finally {
            inCallback = false;
        }
        return outcome;
    }

    /** Notes who ended the connection; the first cause counts. */
    private void blame(ClosedBy by, String why, @Nullable Throwable failure) {
        if (ending == null) {
            ending = new Ending(by, why, failure);
        }
    }

    // Receiving

    private void pull(ByteBuffer in) {
        while (!isHeld() || protocol.isInflating()) {
            if (transportClosing) {
                in.position(in.limit());
                return;
            }
            Event event = protocol.receive(in);
            if (event == null) {
                return;
            }
            if (rates != null) {
                rates.event(event, protocol.isLastPart(), loop.coarseNanos());
                checkRates(rates);
            }
            inCallback = true;
            try {
                dispatch(event);
            } catch (Throwable fault) {
                failHandler(fault);
            } finally {
                inCallback = false;
            }
        }
    }

    /** Whether messages should wait: the handler paused, or the peer sent too fast or does not read what it caused. */
    private boolean isHeld() {
        return (paused || transport.isCongested() || rates != null && rates.isOver()) && isOpen();
    }

    private void checkRates(RateGate gate) {
        if (gate.isOver() && isOpen()) {
            if (gate.closes()) {
                endWith(ClosedBy.LIMIT, gate.describe(), null, gate.status());
            } else {
                deadlines.schedule();
            }
        }
    }

    /** Tells the handler; drops what comes once this side has begun to close, as browsers do. */
    private void dispatch(Event event) {
        if (event == Event.CLOSE_RECEIVED) {
            blame(ClosedBy.PEER, "closed by the peer", null);
        } else if (event == Event.FAILED) {
            failProtocol();
        } else if (isOpen()) {
            if (event == Event.PONG) {
                deadlines.ponged();
            }
            switch (event) {
                case TEXT -> handler.onTextBytes(this, protocol.payload());
                case BINARY -> handler.onBinary(this, protocol.payload());
                case TEXT_PART -> handler.onTextPart(this, protocol.payload(), protocol.isLastPart());
                case BINARY_PART -> handler.onBinaryPart(this, protocol.payload(), protocol.isLastPart());
                case PING -> handler.onPing(this, protocol.payload());
                case PONG -> handler.onPong(this, protocol.payload());
                case CLOSE_RECEIVED, FAILED -> throw new AssertionError(event);
            }
        }
    }

    private void keep(ByteBuffer in) {
        if (kept == null) {
            kept = new KeptInput(loop.workspace(), in);
        } else {
            kept.append(in);
        }
    }

    private void pullKept() {
        KeptInput input = kept;
        if (input != null) {
            pull(input.bytes());
            if (!input.bytes().hasRemaining()) {
                releaseKept();
            }
        }
    }

    private void releaseKept() {
        KeptInput input = kept;
        if (input != null) {
            kept = null;
            input.release();
        }
    }

    /**
     * Ends each turn: reads on if it may, and brings the transport, the timer and the state that other threads see up to
     * date. Within a callback it leaves this to the turn that the callback is part of.
     */
    void settle() {
        if (inCallback || closed) {
            return;
        }
        if (!isHeld()) {
            pullKept();
        }
        if (inputEnded && kept == null && protocol.state() != ReadyState.CLOSED) {
            blame(ClosedBy.NETWORK, Ending.NO_CLOSE_FRAME, null);
            protocol.receiveEof();
        }
        syncReadyState();
        switch (protocol.transportIntent()) {
            case KEEP_OPEN -> {}
            case AWAIT_PEER_CLOSE -> deadlines.beginClose();
            case CLOSE -> closeTransport();
        }
        boolean wanted = kept == null && !isHeld();
        if (reading != wanted) {
            reading = wanted;
            transport.setReading(wanted);
        }
    }

    /** As {@link #settle}, for what another connection's callback may call: its event lies where input would be taken to. */
    private void settleCall() {
        if (kept == null) {
            settle();
        } else if (!inCallback) {
            transport.execute(this::settle);
        }
    }

    private void closeTransport() {
        if (!transportClosing) {
            transportClosing = true;
            deadlines.beginClose();
            transport.close();
        }
    }

    private void cutTransport() {
        transportClosing = true;
        deadlines.cancel();
        transport.abort();
        syncReadyState();
    }

    private void syncReadyState() {
        if (!isOpen()) {
            readyState = ReadyState.CLOSING;
        }
    }

    /** Whether messages go in and out. */
    boolean isOpen() {
        return protocol.state() == ReadyState.OPEN && !transportClosing;
    }

    // Callbacks

    private void call(Runnable callback) {
        inCallback = true;
        try {
            callback.run();
        } catch (Throwable fault) {
            failHandler(fault);
        } finally {
            inCallback = false;
        }
    }

    private void failProtocol() {
        Violation violation = Objects.requireNonNull(protocol.violation());
        ProtocolException error = new ProtocolException(violation);
        blame(violation.isLimit() ? ClosedBy.LIMIT : ClosedBy.PROTOCOL, violation.description(), error);
        tellError(error);
    }

    private void failHandler(Throwable fault) {
        settings.faults().accept(this, fault);
        endWith(ClosedBy.HANDLER, "handler threw " + fault.getClass().getName(), fault, HANDLER_FAULT);
        tellError(new WebSocketException("handler threw", fault));
    }

    private void tellError(WebSocketException error) {
        syncReadyState();
        try {
            handler.onError(this, error);
        } catch (Throwable fault) {
            settings.faults().accept(this, fault);
        }
    }

    /**
     * Ends the connection as if a callback had thrown {@code fault}: for handlers that do their work on other threads.
     * Thread-safe.
     */
    public void fail(Throwable fault) {
        transport.execute(() -> {
            if (closed) {
                settings.faults().accept(this, fault);
            } else {
                inCallback = true;
                failHandler(fault);
                inCallback = false;
                settle();
            }
        });
    }

    // Time

    /** Whether it is by this side's choice that nothing comes. */
    boolean isSilenced() {
        return (paused || rates != null && rates.isOver()) && isOpen();
    }

    long pendingBytes() {
        return transport.pendingBytes();
    }

    void sendKeepalive() {
        protocol.sendPing(NOTHING.duplicate());
    }

    /** Cuts, as time is up and nobody is there to answer. */
    void cut(String why) {
        ending = ending == null ? new Ending(ClosedBy.TIMEOUT, why, null) : ending.then(why, null);
        cutTransport();
    }

    // Sending

    @Override
    public SendStatus send(String text) {
        return sending.text(text);
    }

    @Override
    public SendStatus send(ByteBuffer payload) {
        return sending.binary(payload);
    }

    @Override
    public SendStatus sendText(ByteBuffer utf8) {
        return sending.text(utf8);
    }

    @Override
    public SendStatus sendTextPart(ByteBuffer utf8, boolean last) {
        return sending.textPart(utf8, last);
    }

    @Override
    public SendStatus sendBinaryPart(ByteBuffer payload, boolean last) {
        return sending.binaryPart(payload, last);
    }

    @Override
    public SendStatus ping(ByteBuffer payload) {
        return sending.control(Kind.PING, payload);
    }

    @Override
    public SendStatus pong(ByteBuffer payload) {
        return sending.control(Kind.PONG, payload);
    }

    /** What had to wait has been given to the transport. */
    void onSent() {
        if (isOpen() && sending.takeDrained()) {
            call(() -> handler.onDrain(this));
        }
        settle();
    }

    /** The queue is full. What waits already is more than is allowed, so that nothing goes before the Close frame. */
    void overflow() {
        if (!transport.isInLoop()) {
            // First: who sends on and on must not fill the loop with tasks.
            closeAsked = true;
            transport.execute(this::overflow);
        } else if (isOpen()) {
            blame(ClosedBy.LIMIT, "send queue is over maxQueueBytes", null);
            protocol.close(TOO_SLOW);
            syncReadyState();
            settleCall();
        }
    }

    @Override
    public void close(int code, String reason) {
        CloseStatus status = new CloseStatus(code, reason);
        if (!CloseCode.isValidInFrame(code)) {
            throw new IllegalArgumentException("close code " + code + " must not be sent");
        }
        if (transport.isInLoop()) {
            closeNow(status);
        } else if (readyState() == ReadyState.OPEN) {
            closeAsked = true;
            sending.postClose(status);
        }
    }

    void closeNow(CloseStatus status) {
        endWith(ClosedBy.SELF, "closed by this side", null, status);
        settleCall();
    }

    /** Begins the closing handshake behind all that was accepted before. */
    void endWith(ClosedBy by, String why, @Nullable Throwable cause, CloseStatus status) {
        if (isOpen()) {
            sending.flush(); // which may end it
        }
        if (isOpen()) {
            blame(by, why, cause);
            protocol.close(status);
            syncReadyState();
        }
    }

    @Override
    public void abort() {
        if (!transport.isInLoop()) {
            closeAsked = true;
            transport.execute(this::abort);
        } else if (!closed) {
            blame(ClosedBy.SELF, "aborted by this side", null);
            cutTransport();
        }
    }

    // Topics

    @Override
    public void subscribe(String topic) {
        if (!transport.isInLoop()) {
            transport.execute(() -> subscribe(topic));
        } else if (!closed) {
            Membership member = membership;
            if (member == null) {
                member = new Membership(this, sending, loop);
                membership = member;
            }
            member.join(topic);
        }
    }

    @Override
    public void unsubscribe(String topic) {
        if (!transport.isInLoop()) {
            transport.execute(() -> unsubscribe(topic));
        } else if (membership != null) {
            membership.leave(topic);
        }
    }

    void sendBrought() {
        if (membership != null) {
            membership.sendBrought();
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
        ReadyState state = readyState;
        return state == ReadyState.OPEN && closeAsked ? ReadyState.CLOSING : state;
    }

    @Override
    public long bufferedAmount() {
        return sending.bufferedAmount();
    }

    @Override
    public @Nullable Duration roundTripTime() {
        return deadlines.roundTripTime();
    }

    @Override
    public boolean isCompressed() {
        return protocol.isCompressed();
    }

    @Override
    public void pause() {
        setPaused(true);
    }

    @Override
    public void resume() {
        setPaused(false);
    }

    private void setPaused(boolean wanted) {
        if (transport.isInLoop()) {
            paused = wanted;
            settleCall();
        } else {
            transport.execute(() -> setPaused(wanted));
        }
    }

    /** Whether the calling thread is the event loop's. */
    boolean isInLoop() {
        return transport.isInLoop();
    }
}
