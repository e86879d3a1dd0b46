package io.duplex.protocol;

import io.duplex.BufferSource.Lease;
import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Role;
import io.duplex.Violation;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.extension.DeflateParameters;
import io.duplex.extension.MessageDeflater;
import io.duplex.extension.MessageInflater;
import io.duplex.extension.PermessageDeflate;
import io.duplex.frame.FrameDecoder;
import io.duplex.frame.Masking;
import io.duplex.frame.Opcode;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The WebSocket protocol of one connection, for either side, from the end of the opening handshake on (RFC 6455 §5 to §8,
 * RFC 7692). Bytes in, at most one event out; what it sends goes to an {@link Outgoing}. It does no I/O, knows no time and
 * never throws for what a peer sent. Confined to one thread at a time.
 *
 * <p>The host calls {@link #receive} until it returns {@code null}, then acts on {@link #transportIntent}:
 *
 * <pre>{@code
 * for (Event event; (event = protocol.receive(in)) != null; ) {
 *     dispatch(event, protocol.payload());
 * }
 * }</pre>
 *
 * <p>Not calling it is back-pressure. The engine answers Pings and Close frames, unmasks, validates and enforces the limits
 * before the host sees an event.
 *
 * <table>
 * <caption>States; {@code CONNECTING} is the opening handshake's</caption>
 * <tr><th>state</th><th>on</th><th>sends</th><th>next state</th></tr>
 * <tr><td>OPEN</td><td>{@link #close}</td><td>Close</td><td>CLOSING, awaiting the peer's Close</td></tr>
 * <tr><td>OPEN</td><td>Close received</td><td>Close, same code</td><td>CLOSING, done</td></tr>
 * <tr><td>OPEN</td><td>a violation</td><td>Close with its code</td><td>CLOSING, done; input is discarded</td></tr>
 * <tr><td>CLOSING</td><td>Close received</td><td></td><td>CLOSING, done; input is discarded</td></tr>
 * <tr><td>any</td><td>{@link #receiveEof}</td><td></td><td>CLOSED</td></tr>
 * </table>
 */
public final class WebSocketProtocol implements Protocol {
    /** Payload bytes that a control frame may have (RFC 6455 §5.5). */
    public static final int MAX_CONTROL_BYTES = 125;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Role role;
    private final Workspace workspace;
    private final FrameDecoder decoder;
    private final IncomingMessage message;
    private final FrameWriter writer;

    /** Whether the header of a frame has been read whose payload has not ended. */
    private boolean inPayload;

    /** The payload of a control frame that came in pieces. */
    private @Nullable Lease splitControl;

    /** What the Pong for the latest Ping is to say that could not be answered; {@code null} if there is none. */
    private byte @Nullable [] owedPong;

    /** Whether {@link #payload} lends something for the last event; the loan ends with the next call of {@link #receive}. */
    private boolean lending;
    /** The last event that something was lent for. */
    private @Nullable Event lent;
    /** Whether it is the workspace's view that was lent, as most often, and not {@link #payload}. */
    private boolean viewed;

    private ByteBuffer payload = NOTHING;

    private int payloadFrom;
    private int payloadTo;

    /** The message of parts that is being sent, {@code null} between messages. */
    private @Nullable SentParts sending;

    /** {@code null} as long as the connection is open. */
    private @Nullable ClosingHandshake closing;

    /**
     * Creates the engine of a connection whose opening handshake has been completed.
     *
     * @param compression what was agreed on permessage-deflate; {@code null} if it is not in use
     * @param compressionOptions level and threshold for what is sent
     */
    public WebSocketProtocol(
            Role role,
            Limits limits,
            Delivery delivery,
            @Nullable DeflateParameters compression,
            PermessageDeflate compressionOptions,
            Workspace workspace,
            Outgoing outgoing) {
        this.role = role;
        this.workspace = workspace;
        boolean inParts = delivery == Delivery.PARTS;
        this.decoder = new FrameDecoder(
                role, compression != null, IncomingMessage.maxFrameBytes(limits, inParts, compression != null));
        MessageInflater inflater = null;
        MessageDeflater deflater = null;
        if (compression != null) {
            inflater = new MessageInflater(compression, role, workspace.zlib());
            deflater = new MessageDeflater(compression, role, compressionOptions, workspace.zlib());
        }
        this.message = new IncomingMessage(limits, inParts, workspace, inflater);
        this.writer = new FrameWriter(role, workspace, outgoing, deflater, compressionOptions.thresholdBytes());
    }

    // Receiving

    @Override
    public @Nullable Event receive(ByteBuffer in) {
        endLoan();
        if (closing != null && closing.isInputOver()) {
            in.position(in.limit());
            return null;
        }
        try {
            return next(in);
        } catch (OutOfMemoryError none) {
            return fail(Violation.NO_MEMORY);
        }
    }

    @Override
    public boolean loseInput() {
        if (closing != null && closing.isInputOver()) {
            return false;
        }
        fail(Violation.NO_MEMORY);
        return true;
    }

    @Override
    public int growOlder(int shortage) {
        return message.growOlder(shortage);
    }

    private @Nullable Event next(ByteBuffer in) {
        Event event = outcome(message.goOn());
        while (event == null) {
            if (!inPayload) {
                if (!decoder.readHeader(in)) {
                    Violation fault = decoder.violation();
                    return fault == null ? null : fail(fault);
                }
                Violation fault = beginFrame();
                if (fault != null) {
                    return fail(fault);
                }
            }
            if (!in.hasRemaining() && decoder.payloadRemaining() > 0) {
                return null;
            }
            event = decoder.opcode().isControl() ? receiveControl(in) : receiveData(in);
        }
        return event;
    }

    private @Nullable Violation beginFrame() {
        inPayload = true;
        return decoder.opcode().isControl()
                ? null
                : message.beginFrame(decoder.opcode(), decoder.isCompressed(), decoder.payloadLength());
    }

    private @Nullable Event receiveData(ByteBuffer in) {
        int from = in.position();
        int to = takePayload(in);
        return outcome(message.add(in, from, to, decoder.payloadRemaining(), decoder.isFin()));
    }

    private @Nullable Event outcome(@Nullable Event event) {
        if (event != null) {
            return lend(event, message.payload());
        }
        Violation fault = message.violation();
        return fault == null ? null : fail(fault);
    }

    /** Takes what is there of the frame's payload, unmasked; returns where it ends in {@code in}. */
    private int takePayload(ByteBuffer in) {
        int from = in.position();
        int bytes = Math.min(in.limit() - from, decoder.payloadRemaining());
        int to = from + bytes;
        if (role == Role.SERVER) {
            Masking.apply(in, from, to, decoder.maskingKey(), decoder.payloadConsumed());
        }
        decoder.consumed(bytes);
        in.position(to);
        inPayload = decoder.payloadRemaining() > 0;
        return to;
    }

    /** Stores a reference only if it has to: with G1 each store in an object that outlived a collection costs a fence. */
    private Event lend(Event event, ByteBuffer content) {
        viewed = workspace.isView(content);
        if (!viewed) {
            payload = content;
        }
        payloadFrom = content.position();
        payloadTo = content.limit();
        if (lent != event) {
            lent = event;
        }
        lending = true;
        return event;
    }

    /** Takes back what the last event lent. */
    private void endLoan() {
        if (lending) {
            lending = false;
            if (!viewed) {
                payload = NOTHING;
            }
            message.endLoan();
            releaseSplitControl();
        }
    }

    private void releaseSplitControl() {
        Lease held = splitControl;
        if (held != null) {
            splitControl = null;
            held.release();
        }
    }

    // Control frames

    private @Nullable Event receiveControl(ByteBuffer in) {
        int from = in.position();
        int to = takePayload(in);
        if (splitControl == null && !inPayload) {
            return endControl(in, from, to);
        }
        Lease lease = splitControl;
        if (lease == null) {
            lease = workspace.acquire(MAX_CONTROL_BYTES);
            splitControl = lease;
        }
        ByteBuffer pieces = lease.bytes();
        int length = decoder.payloadConsumed();
        pieces.clear();
        pieces.put(length - (to - from), in, from, to - from);
        return inPayload ? null : endControl(pieces, 0, length);
    }

    private Event endControl(ByteBuffer buffer, int from, int to) {
        Opcode opcode = decoder.opcode();
        if (opcode == Opcode.CLOSE) {
            return receiveClose(buffer, from, to);
        }
        if (opcode == Opcode.PONG) {
            return lend(Event.PONG, workspace.view(buffer, from, to));
        }
        answerPing(workspace.view(buffer, from, to));
        return lend(Event.PING, workspace.view(buffer, from, to));
    }

    /**
     * A peer that does not read could have Pongs pile up without end: it gets one for its latest Ping when it reads again, as
     * RFC 6455 §5.5.3 allows.
     */
    private void answerPing(ByteBuffer payload) {
        if (writer.isCongested()) {
            owedPong = new byte[payload.remaining()];
            payload.get(owedPong);
        } else {
            owedPong = null;
            writer.control(Opcode.PONG, payload);
        }
    }

    @Override
    public void sendOwedPong() {
        byte[] payload = owedPong;
        if (payload != null && closing == null) {
            owedPong = null;
            writer.control(Opcode.PONG, ByteBuffer.wrap(payload));
        }
    }

    private Event receiveClose(ByteBuffer buffer, int from, int to) {
        Violation fault = CloseFrame.check(buffer, from, to);
        if (fault != null) {
            return fail(fault);
        }
        CloseStatus status = CloseFrame.parse(buffer, from, to);
        closing().received = status;
        answerClose(CloseStatus.of(status.code()));
        endInput();
        return lend(Event.CLOSE_RECEIVED, NOTHING);
    }

    /** Fails the connection (RFC 6455 §7.1.7). */
    private Event fail(Violation fault) {
        closing().violation = fault;
        answerClose(new CloseStatus(fault.closeCode(), fault.description()));
        endInput();
        return lend(Event.FAILED, NOTHING);
    }

    private void answerClose(CloseStatus status) {
        if (closing().sent == null) {
            sendClose(status);
        }
    }

    /** Nothing more will be read: gives back what an unfinished message holds. */
    private void endInput() {
        message.close();
        releaseSplitControl();
    }

    @Override
    public void receiveEof() {
        closing().transportEnded = true;
        endLoan();
        endInput();
        endOutput();
    }

    // Sending

    @Override
    public void sendText(String text) {
        requireBetweenMessages();
        writer.message(Opcode.TEXT, ByteBuffer.wrap(Utf8Encoder.encode(text)));
    }

    @Override
    public void sendText(ByteBuffer utf8) {
        requireBetweenMessages();
        if (!isLentText(utf8) && !Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        writer.message(Opcode.TEXT, utf8);
    }

    @Override
    public boolean isLentText(ByteBuffer utf8) {
        return isLent(Event.TEXT, utf8);
    }

    @Override
    public boolean isLentTextPart(ByteBuffer utf8) {
        return isLent(Event.TEXT_PART, utf8);
    }

    @SuppressWarnings("ReferenceEquality") // the very buffer that was lent, not one that looks like it
    private boolean isLent(Event event, ByteBuffer bytes) {
        return lending
                && lent == event
                && bytes == payload()
                && bytes.position() == payloadFrom
                && bytes.limit() == payloadTo;
    }

    @Override
    public long textStateBefore() {
        return message.textStateBefore();
    }

    @Override
    public long textStateAfter() {
        return message.textStateAfter();
    }

    @Override
    public void sendValidText(ByteBuffer utf8) {
        requireBetweenMessages();
        writer.message(Opcode.TEXT, utf8);
    }

    @Override
    public void sendShared(SharedMessage message) {
        requireBetweenMessages();
        writer.shared(message);
    }

    @Override
    public void sendBinary(ByteBuffer message) {
        requireBetweenMessages();
        writer.message(Opcode.BINARY, message);
    }

    /**
     * Sends a part of a text message, which is consumed, as a frame of its own. A part that is refused leaves the message as
     * it was.
     *
     * @throws IllegalArgumentException if the parts so far are not UTF-8, or the last one ends inside a character
     * @throws IllegalStateException if a binary message of parts is under way, or the connection is not open
     */
    public void sendTextPart(ByteBuffer utf8, boolean last) {
        sendPart(Opcode.TEXT, utf8, last, true);
    }

    @Override
    public void sendValidTextPart(ByteBuffer utf8, boolean last) {
        sendPart(Opcode.TEXT, utf8, last, false);
    }

    @Override
    public void sendBinaryPart(ByteBuffer part, boolean last) {
        sendPart(Opcode.BINARY, part, last, false);
    }

    private void sendPart(Opcode opcode, ByteBuffer part, boolean last, boolean unchecked) {
        requireOpen();
        SentParts message = sending;
        if (message == null) {
            message = new SentParts(opcode, writer.compresses(part, last));
        }
        message.requireKind(opcode);
        if (unchecked) {
            message.checkText(part, last);
        }
        sending = last ? null : message;
        writer.fragment(message, part, last);
    }

    @Override
    public void sendPing(ByteBuffer content) {
        sendControl(Opcode.PING, content);
    }

    @Override
    public void sendPong(ByteBuffer content) {
        sendControl(Opcode.PONG, content);
    }

    private void sendControl(Opcode opcode, ByteBuffer content) {
        requireOpen();
        if (content.remaining() > MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException(
                    "control frame payload is " + content.remaining() + " bytes, limit " + MAX_CONTROL_BYTES);
        }
        writer.control(opcode, content);
    }

    @Override
    public void close(CloseStatus status) {
        if (!CloseCode.isValidInFrame(status.code()) && !status.equals(CloseStatus.NO_STATUS)) {
            throw new IllegalArgumentException("close code " + status.code() + " must not be sent");
        }
        if (closing == null) {
            sendClose(status);
        }
    }

    private void sendClose(CloseStatus status) {
        closing().sent = status;
        writer.control(Opcode.CLOSE, CloseFrame.format(status));
        endOutput();
    }

    /** No message will be sent any more (RFC 6455 §5.5.1). */
    private void endOutput() {
        sending = null;
        writer.endMessages();
    }

    private void requireOpen() {
        if (closing != null) {
            throw new IllegalStateException("connection is " + closing.state());
        }
    }

    private void requireBetweenMessages() {
        requireOpen();
        if (sending != null) {
            throw new IllegalStateException("a message of parts is under way");
        }
    }

    // State

    private ClosingHandshake closing() {
        ClosingHandshake present = closing;
        if (present == null) {
            present = new ClosingHandshake();
            closing = present;
        }
        return present;
    }

    @Override
    public ByteBuffer payload() {
        if (!lending) {
            return NOTHING;
        }
        return viewed ? workspace.lastView() : payload;
    }

    @Override
    public boolean isLastPart() {
        return message.isLast();
    }

    @Override
    public ReadyState state() {
        return closing == null ? ReadyState.OPEN : closing.state();
    }

    @Override
    public boolean isSendingParts() {
        return sending != null;
    }

    @Override
    public boolean isInflating() {
        return message.isInflating();
    }

    @Override
    public void keepInput() {
        endLoan();
        message.keepInput();
    }

    @Override
    public boolean isCompressed() {
        return writer.isCompressing();
    }

    @Override
    public @Nullable CloseStatus closeSent() {
        return closing == null ? null : closing.sent;
    }

    @Override
    public @Nullable CloseStatus closeReceived() {
        return closing == null ? null : closing.received;
    }

    @Override
    public @Nullable Violation violation() {
        return closing == null ? null : closing.violation;
    }

    @Override
    public TransportIntent transportIntent() {
        return closing == null ? TransportIntent.KEEP_OPEN : closing.intent(role);
    }
}
