package io.duplex.connection;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseOutcome.ClosedBy;
import io.duplex.CloseStatus;
import io.duplex.Handshake;
import io.duplex.Limits;
import io.duplex.ProtocolException;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.SendPolicy;
import io.duplex.SendStatus;
import io.duplex.Timeouts;
import io.duplex.Violation;
import io.duplex.WebSocket;
import io.duplex.WebSocketException;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Outbound.Kind;
import io.duplex.extension.DeflateParameters;
import io.duplex.message.Utf8Encoder;
import io.duplex.protocol.Event;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.SharedMessage;
import io.duplex.protocol.WebSocketProtocol;
import io.duplex.topic.TopicTree;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection: drives the engine over a {@link Transport} and calls the handler. The methods of
 * {@link WebSocket} are thread-safe; those named {@code on...} are the host's, and confined to the event loop.
 *
 * <p>All that touches the engine runs on the event loop. What other threads send waits in a {@link SendQueue}; the loop, when
 * it sends itself, empties it first, so that what happened before goes out before.
 *
 * <p>Whatever a callback asks for takes effect when it returns: while one runs, no other is called and no input is taken.
 *
 * <p>It is long for the many calls of {@link WebSocket} that it passes on, and because receiving, sending and closing meet here:
 * which of them goes before which is one rule, that of {@link #settle}. What each does by itself is elsewhere.
 *
 * <p>Not final, so that a host may listen to its socket in the same object: each object that a message goes through is a line of
 * memory, which is in no cache where there are thousands of connections. A subclass adds, and overrides nothing: what goes before
 * which is decided here.
 */
public class Connection implements WebSocket {
    private static final CloseStatus HANDLER_FAULT = new CloseStatus(CloseCode.INTERNAL_ERROR, "internal error");

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Handshake handshake;
    private final WebSocketHandler handler;
    private final ConnectionSettings settings;
    private final Loop loop;
    private final Transport transport;
    private final Protocol protocol;
    private final boolean textOnly;
    private final SendQueue sending;
    private final Intake intake;
    private final Deadlines deadlines;

    private volatile ReadyState readyState = ReadyState.OPEN;
    /** Set by whichever thread begins to close, before the loop knows. */
    private volatile boolean closeAsked;

    /** The last sign of life. */
    private long heardNanos;
    /** Whether {@link #deadlines} have yet to learn of it. They ask: to tell them would touch two objects more for each read. */
    private boolean heard;

    private boolean inCallback;
    private boolean inputEnded;
    private boolean transportClosing;
    private boolean closed;
    /** {@code null} until the first topic is joined. */
    private @Nullable Membership membership;
    /** {@code null} while the connection lives. */
    private @Nullable Ending ending;
    /** What our Close frame will say once what waits before it has gone; {@code null} if none waits. */
    private @Nullable CloseStatus closeWaiting;

    /**
     * Creates a connection that speaks WebSocket; {@link #onOpen} is next.
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
        this(
                new WebSocketProtocol(
                        role,
                        settings.limits(),
                        handler.delivery(),
                        compression,
                        settings.compression(),
                        loop.workspace(),
                        transport),
                role,
                handshake,
                handler,
                settings,
                loop,
                transport);
    }

    /**
     * Creates a connection that speaks {@code protocol}, which sends to {@code transport}; {@link #onOpen} is next.
     *
     * @param protocol keeps to the limits of {@code settings} and to {@link WebSocketHandler#delivery}. One that is
     *     {@linkplain Protocol#isTextOnly text only} has no keepalive, and drops what topics bring that is binary
     */
    @SuppressWarnings("this-escape") // they keep it, and call nothing of it yet
    public Connection(
            Protocol protocol,
            Role role,
            Handshake handshake,
            WebSocketHandler handler,
            ConnectionSettings settings,
            Loop loop,
            Transport transport) {
        this.handshake = handshake;
        this.handler = handler;
        this.settings = settings;
        this.loop = loop;
        this.transport = transport;
        this.protocol = protocol;
        this.textOnly = protocol.isTextOnly();
        this.sending = new SendQueue(this, protocol, transport, settings.limits(), loop.sendBounds(settings.limits()));
        RateGate rates = RateGate.of(settings.limits().rates(), loop.coarseNanos());
        Timeouts timeouts = settings.timeouts();
        if (textOnly) {
            timeouts = timeouts.toBuilder().pingInterval(Duration.ZERO).build();
        }
        this.deadlines = new Deadlines(this, loop, transport, timeouts, rates);
        this.intake = new Intake(this, role, loop, transport, deadlines, rates);
    }

    // The host's side

    /** The event loop that it lives on. Thread-safe. */
    public Loop loop() {
        return loop;
    }

    /** The opening handshake is done. */
    public final void onOpen() {
        deadlines.schedule();
        call(() -> handler.onOpen(this));
        settle();
    }

    /**
     * Bytes have come. Takes all of them: what the handler does not want yet is copied.
     *
     * @param in a buffer that may be written to, and is the host's again on return
     */
    public final void onReadable(ByteBuffer in) {
        noteLife();
        intake.count(in);
        intake.beginTurn(in, protocol.isCompressed());
        if (!intake.isKeeping()) {
            pull(in);
        }
        if (in.hasRemaining()) {
            intake.keep(in);
        }
        intake.endTurn();
        settle();
    }

    /** The peer has ended its side of TCP: nothing more will come. */
    public final void onEof() {
        inputEnded = true;
        settle();
    }

    /** The backlog that made {@link Transport#isCongested} true is gone. */
    public final void onWritable() {
        noteLife();
        onSent();
    }

    /**
     * Memory for what was received is short. To be told each second that it is.
     *
     * @param shortage which one it is: the same number until it is over, and another one then
     */
    public final void onShortage(int shortage) {
        if (intake.isHeldTooLong(protocol, shortage)) {
            intake.release();
            loseInput();
            settle();
        }
    }

    /**
     * The transport connection is gone. Comes last, and once.
     *
     * @param failure what ended it; {@code null} if it was closed in the ordinary way
     * @return what the handler was told
     */
    public final CloseOutcome onTransportClosed(@Nullable Throwable failure) {
        closed = true;
        transportClosing = true;
        readyState = ReadyState.CLOSED;
        deadlines.cancel();
        protocol.receiveEof();
        intake.release();
        if (membership != null) {
            membership.leaveAll();
        }
        sending.discardHeld();
        CloseOutcome outcome = Ending.outcome(ending, protocol.closeReceived(), protocol.closeSent(), failure);
        sending.end(outcome);
        inCallback = true;
        try {
            handler.onClose(this, outcome);
        } catch (Throwable fault) {
            report(fault);
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
        while (!intake.isHeld()) {
            if (transportClosing) {
                in.position(in.limit());
                return;
            }
            Event event = protocol.receive(in);
            if (event == null) {
                return;
            }
            intake.count(event, protocol);
            if (protocol.isCompressed()) {
                intake.countInflated(protocol.payload().remaining());
            }
            inCallback = true;
            try {
                dispatch(event);
            } catch (Throwable fault) {
                failHandler(fault);
            } finally {
                inCallback = false;
            }
            intake.countTime(protocol.isCompressed());
        }
        try {
            protocol.keepInput();
        } catch (OutOfMemoryError none) {
            // What the engine has yet to inflate is about to be overwritten.
            blame(ClosedBy.LIMIT, Violation.NO_MEMORY.description(), none);
            cutTransport();
        }
    }

    /** Tells the handler; drops what comes once this side has begun to close, as browsers do. */
    private void dispatch(Event event) {
        if (event == Event.CLOSE_RECEIVED) {
            blame(ClosedBy.PEER, "closed by the peer", null);
        } else if (event == Event.FAILED) {
            failProtocol();
        } else if (takesMessages()) {
            if (event == Event.PONG && !protocol.payload().hasRemaining()) {
                deadlines.ponged(); // the keepalive's Ping is empty
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

    private void pullKept() {
        ByteBuffer due = intake.due();
        if (due != null) {
            pull(due);
            if (!due.hasRemaining()) {
                intake.release();
            }
        } else if (protocol.isInflating()) {
            pull(NOTHING);
        }
    }

    /** Whether something that was read has yet to be taken. */
    private boolean isKeeping() {
        return intake.isKeeping() || protocol.isInflating();
    }

    /**
     * Ends each turn: reads on if it may, and brings the transport, the timer and the state that other threads see up to
     * date. Within a callback it leaves this to the turn that the callback is part of.
     */
    void settle() {
        if (inCallback || closed) {
            return;
        }
        pullKept();
        if (inputEnded && !isKeeping() && protocol.state() != ReadyState.CLOSED) {
            blame(ClosedBy.NETWORK, Ending.NO_CLOSE_FRAME, null);
            protocol.receiveEof();
        }
        syncReadyState();
        switch (protocol.transportIntent()) {
            case KEEP_OPEN -> {}
            case AWAIT_PEER_CLOSE -> deadlines.beginClose();
            case CLOSE -> closeTransport();
        }
        intake.syncReading();
    }

    /** As {@link #settle}, for what another connection's callback may call: its event lies where input would be taken to. */
    private void settleCall() {
        if (!isKeeping()) {
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
            sending.discardHeld();
        }
    }

    /** Goes on with what waited for others to have their turn. */
    void goOn() {
        intake.goOn();
        settle();
    }

    /**
     * The same, for one whose turn took too long.
     *
     * @return how long its next read may take, in nanoseconds: as the last one, unless it had something to go on with
     */
    long goOnLasting() {
        long nanos = isKeeping() ? 0 : intake.lastedNanos();
        goOn();
        return nanos;
    }

    /** Whether messages leave. */
    boolean isOpen() {
        return protocol.state() == ReadyState.OPEN && !transportClosing;
    }

    /** Whether messages are accepted, from either side: as long as this side has not begun to close. */
    boolean takesMessages() {
        return isOpen() && closeWaiting == null;
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

    /** There is no memory for what was read: what comes next would begin in the midst of something. */
    void loseInput() {
        if (protocol.loseInput()) {
            call(this::failProtocol);
        }
    }

    private void failProtocol() {
        Violation violation = Objects.requireNonNull(protocol.violation());
        ProtocolException error = new ProtocolException(violation);
        blame(violation.isLimit() ? ClosedBy.LIMIT : ClosedBy.PROTOCOL, violation.description(), error);
        tellError(error);
    }

    private void failHandler(Throwable fault) {
        report(fault);
        endWith(ClosedBy.HANDLER, "handler threw " + fault.getClass().getName(), fault, HANDLER_FAULT);
        tellError(new WebSocketException("handler threw", fault));
    }

    /** Has the host log what somebody else's code threw. A log that throws in turn must not keep this from what it has to do. */
    void report(Throwable fault) {
        try {
            settings.faults().accept(this, fault);
        } catch (Throwable second) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, second);
        }
    }

    private void tellError(WebSocketException error) {
        syncReadyState();
        try {
            handler.onError(this, error);
        } catch (Throwable fault) {
            report(fault);
        }
    }

    /**
     * Ends the connection as if a callback had thrown {@code fault}: for handlers that do their work on other threads.
     * Thread-safe.
     */
    public void fail(Throwable fault) {
        transport.execute(() -> {
            if (closed) {
                report(fault);
            } else {
                inCallback = true;
                try {
                    failHandler(fault);
                } finally {
                    inCallback = false;
                }
                settle();
            }
        });
    }

    /** Fails the connection for a limit of what is made of parts, as the engine does for its own. Thread-safe. */
    void fail(Violation limit) {
        transport.execute(() -> {
            if (takesMessages()) {
                ProtocolException error = new ProtocolException(limit);
                CloseStatus status = new CloseStatus(limit.closeCode(), limit.description());
                inCallback = true;
                try {
                    endWith(ClosedBy.LIMIT, limit.description(), error, status);
                    tellError(error);
                } finally {
                    inCallback = false;
                }
                settle();
            }
        });
    }

    // Time

    private void noteLife() {
        heardNanos = loop.coarseNanos();
        heard = true;
    }

    /** Whether the peer has given a sign of life since this was last asked; {@link #heardNanos} says when. */
    boolean takeHeard() {
        boolean news = heard;
        heard = false;
        return news;
    }

    /** When the peer last gave a sign of life. */
    long heardNanos() {
        return heardNanos;
    }

    /** Whether it is by this side's choice that nothing comes. */
    boolean isSilenced() {
        return intake.isSilenced();
    }

    void sendKeepalive() {
        if (isOpen()) {
            protocol.sendPing(ByteBuffer.allocate(0));
        }
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
        requireMoreThanText();
        return sending.binary(payload);
    }

    @Override
    public SendStatus sendText(ByteBuffer utf8) {
        return sending.text(utf8);
    }

    /**
     * Sends a message that other connections send, too: it is compressed once for all of them, by the options of the one that
     * needs it first. Otherwise as {@link #send(ByteBuffer)}; it may be sent any number of times.
     */
    public SendStatus send(SharedMessage message) {
        if (!message.isText()) {
            requireMoreThanText();
        }
        return sending.shared(message);
    }

    @Override
    public CompletableFuture<Void> sendAsync(String text) {
        return sending.async(Kind.TEXT, Utf8Encoder.encode(text));
    }

    @Override
    public CompletableFuture<Void> sendAsync(ByteBuffer payload) {
        requireMoreThanText();
        return sending.async(Kind.BINARY, Outbound.copy(payload));
    }

    @Override
    public CompletableFuture<Void> sendTextAsync(ByteBuffer utf8) {
        return sending.async(Kind.TEXT, sending.copyText(utf8));
    }

    @Override
    public SendStatus sendLatest(String key, String text) {
        return sending.latest(key, Kind.TEXT, Utf8Encoder.encode(text));
    }

    @Override
    public SendStatus sendLatest(String key, ByteBuffer payload) {
        requireMoreThanText();
        return sending.latest(key, Kind.BINARY, Outbound.copy(payload));
    }

    @Override
    public SendStatus sendLatestText(String key, ByteBuffer utf8) {
        return sending.latest(key, Kind.TEXT, sending.copyText(utf8));
    }

    @Override
    public SendStatus sendTextPart(ByteBuffer utf8, boolean last) {
        requireMoreThanText();
        return sending.textPart(utf8, last);
    }

    @Override
    public SendStatus sendBinaryPart(ByteBuffer payload, boolean last) {
        requireMoreThanText();
        return sending.binaryPart(payload, last);
    }

    @Override
    public SendStatus ping(ByteBuffer payload) {
        requireMoreThanText();
        return sending.control(Kind.PING, payload);
    }

    @Override
    public SendStatus pong(ByteBuffer payload) {
        requireMoreThanText();
        return sending.control(Kind.PONG, payload);
    }

    /** At the caller, whose fault it is, and not on the loop. */
    private void requireMoreThanText() {
        if (textOnly) {
            throw new UnsupportedOperationException("this connection carries whole text messages and nothing else");
        }
    }

    /** There may be room in the network for what waits. */
    void onSent() {
        if (isOpen()) {
            if (!transport.isCongested()) {
                protocol.sendOwedPong();
            }
            sending.drain();
            if (closeWaiting != null && !sending.isWaiting()) {
                protocol.close(closeWaiting);
            }
        }
        if (takesMessages() && sending.takeDrained()) {
            call(() -> handler.onDrain(this));
        }
        settle();
    }

    /** Cuts, as nobody knows how much of a message has left. */
    void failSending(Throwable fault) {
        report(fault);
        blame(ClosedBy.NETWORK, "sending threw " + fault.getClass().getName(), fault);
        cutTransport();
    }

    /** Whether a message would be left out now; if so, the drain will be told. Thread-safe. */
    boolean isToDrainFirst() {
        return sending.isToDrainFirst();
    }

    /** Messages were left out. */
    void onDropped(long messages) {
        if (!closed) {
            call(() -> handler.onDropped(this, messages));
            settle();
        }
    }

    /** The queue is full. What waits already is more than is allowed, so that nothing goes before the Close frame. */
    void overflow(SendPolicy rule) {
        if (!transport.isInLoop()) {
            // First: who sends on and on must not fill the loop with tasks.
            closeAsked = true;
            transport.execute(() -> overflow(rule));
        } else if (takesMessages()) {
            blame(ClosedBy.LIMIT, "send queue is over " + sending.limitReached(), null);
            protocol.close(new CloseStatus(rule.closeCode(), "send queue is full"));
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
        close(status);
    }

    @Override
    public void closeWithoutStatus() {
        close(CloseStatus.NO_STATUS);
    }

    private void close(CloseStatus status) {
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
        if (takesMessages()) {
            sending.flush(); // which may end it
        }
        if (!takesMessages()) {
            return;
        }
        blame(by, why, cause);
        if (sending.isWaiting() && !protocol.isSendingParts()) {
            closeWaiting = status;
            closeAsked = true;
            deadlines.beginClose();
        } else {
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
        inMembership(member -> member.join(topic));
    }

    @Override
    public void unsubscribe(String topic) {
        inMembership(member -> member.leave(topic));
    }

    @Override
    public void subscribePattern(String pattern) {
        TopicTree.requirePattern(pattern);
        inMembership(member -> member.joinPattern(pattern));
    }

    @Override
    public void unsubscribePattern(String pattern) {
        inMembership(member -> member.leavePattern(pattern));
    }

    private void inMembership(Consumer<Membership> change) {
        if (!transport.isInLoop()) {
            loop.post(() -> inMembership(change));
        } else if (!closed) {
            Membership member = membership;
            if (member == null) {
                member = new Membership(this, sending, loop, settings.topics());
                membership = member;
            }
            change.accept(member);
        }
    }

    /** It has published, within a turn of its loop; {@code behind} is another that is behind with it. */
    void onPublished(@Nullable Loop behind) {
        intake.onPublished(behind);
    }

    void sendBrought() {
        if (membership != null) {
            membership.sendBrought();
        }
    }

    @Override
    public SendStatus publish(String topic, String text) {
        return settings.topics().publish(topic, true, Utf8Encoder.encode(text), this, this);
    }

    @Override
    public SendStatus publish(String topic, ByteBuffer payload) {
        return settings.topics().publish(topic, false, Outbound.copy(payload), this, this);
    }

    @Override
    public SendStatus publishText(String topic, ByteBuffer utf8) {
        return settings.topics().publish(topic, true, sending.copyText(utf8), this, this);
    }

    @Override
    public SendStatus broadcast(String topic, String text) {
        return settings.topics().publish(topic, true, Utf8Encoder.encode(text), this, null);
    }

    @Override
    public SendStatus broadcast(String topic, ByteBuffer payload) {
        return settings.topics().publish(topic, false, Outbound.copy(payload), this, null);
    }

    @Override
    public SendStatus broadcastText(String topic, ByteBuffer utf8) {
        return settings.topics().publish(topic, true, sending.copyText(utf8), this, null);
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
    public long droppedMessages() {
        return sending.droppedMessages();
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
            intake.pause(wanted);
            settleCall();
        } else {
            transport.execute(() -> setPaused(wanted));
        }
    }

    /** Whether the calling thread is the event loop's. */
    boolean isInLoop() {
        return transport.isInLoop();
    }

    /** What a blocking call would wait for is the loop's to do: waiting there would never end. */
    void requireThreadThatMayWait() {
        if (transport.isInLoop()) {
            throw new IllegalStateException("a blocking call on the connection's event loop");
        }
    }

    /** What its peer can make it hold. Thread-safe. */
    public Limits limits() {
        return settings.limits();
    }

    /** Runs a task on the event loop. Thread-safe. */
    void execute(Runnable task) {
        transport.execute(task);
    }
}
