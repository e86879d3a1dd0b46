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
import io.duplex.message.MessageAssembler;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
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
public final class WebSocketProtocol {
    /** Payload bytes that a control frame may have (RFC 6455 §5.5). */
    public static final int MAX_CONTROL_BYTES = 125;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Role role;
    private final Limits limits;
    private final boolean inParts;
    private final Workspace workspace;
    private final FrameDecoder decoder;
    private final FrameWriter writer;
    private final @Nullable MessageInflater inflater;
    private final @Nullable MessageDeflater deflater;

    private ReadyState state = ReadyState.OPEN;
    private @Nullable CloseStatus closeSent;
    private @Nullable CloseStatus closeReceived;
    private @Nullable Violation violation;

    /** Whether the header of a frame has been read whose payload has not ended. */
    private boolean inPayload;
    /** Kind of the message under way, {@code null} between messages. */
    private @Nullable Opcode receiving;

    private boolean receivingCompressed;
    private int fragments;
    private int receivedBytes;
    /** Holds what cannot stay in the input: an unfinished message, or inflated bytes. */
    private @Nullable MessageAssembler assembler;

    private @Nullable Lease splitControl;
    /** Whether the inflater has output left for the input that it was given. */
    private boolean inflating;

    private boolean inflatingLast;

    /** What the last event lent; it ends with the next call of {@link #receive}. */
    private ByteBuffer payload = NOTHING;

    private int payloadFrom;
    private int payloadTo;
    private @Nullable Event lent;
    private boolean lastPart;

    /** Kind of the message of parts that is being sent, {@code null} between messages. */
    private @Nullable Opcode sending;

    private @Nullable Utf8Validator sendingText;

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
        this.limits = limits;
        this.inParts = delivery == Delivery.PARTS;
        this.workspace = workspace;
        this.decoder = new FrameDecoder(role, compression != null, limits.maxFrameBytes());
        if (compression == null) {
            inflater = null;
            deflater = null;
        } else {
            inflater = new MessageInflater(compression, role, workspace.zlib());
            deflater = new MessageDeflater(compression, role, compressionOptions, workspace.zlib());
        }
        this.writer = new FrameWriter(role, workspace, outgoing, deflater, compressionOptions.thresholdBytes());
    }

    // Receiving

    /**
     * Takes bytes from {@code in}, which is unmasked in place, up to the next event.
     *
     * @param in a buffer that may be written to; all of it is taken if there is no event
     * @return {@code null} if more bytes are needed
     */
    public @Nullable Event receive(ByteBuffer in) {
        endLoan();
        if (inflating) {
            Event event = inflate();
            if (event != null) {
                return event;
            }
        }
        while (closeReceived == null && violation == null) {
            if (!inPayload) {
                if (!decoder.readHeader(in)) {
                    Violation fault = decoder.violation();
                    return fault == null ? null : fail(fault);
                }
                Violation fault = beginFrame();
                if (fault != null) {
                    return fail(fault);
                }
                inPayload = true;
            }
            Event event = decoder.opcode().isControl() ? receiveControl(in) : receiveData(in);
            if (event != null) {
                return event;
            }
            if (inPayload) {
                return null;
            }
        }
        in.position(in.limit());
        return null;
    }

    /** Checks a header against the message under way (RFC 6455 §5.4). */
    private @Nullable Violation beginFrame() {
        Opcode opcode = decoder.opcode();
        if (opcode.isControl()) {
            return null;
        }
        if (opcode == Opcode.CONTINUATION) {
            if (receiving == null) {
                return Violation.UNEXPECTED_CONTINUATION;
            }
            if (++fragments > limits.maxFragments()) {
                return Violation.TOO_MANY_FRAGMENTS;
            }
        } else {
            if (receiving != null) {
                return Violation.INTERLEAVED_MESSAGE;
            }
            receiving = opcode;
            receivingCompressed = decoder.isCompressed();
            fragments = 1;
            receivedBytes = 0;
        }
        boolean tooBig =
                !receivingCompressed && (long) receivedBytes + decoder.payloadLength() > limits.maxMessageBytes();
        return tooBig ? Violation.MESSAGE_TOO_BIG : null;
    }

    private @Nullable Event receiveData(ByteBuffer in) {
        int from = in.position();
        int to = takePayload(in);
        boolean messageEnds = !inPayload && decoder.isFin();
        if (receivingCompressed) {
            return receiveCompressed(in, from, to, messageEnds);
        }
        receivedBytes += to - from;
        if (messageEnds && assembler == null) {
            if (receiving == Opcode.TEXT && !Utf8Validator.isValid(in, from, to)) {
                return fail(Violation.INVALID_UTF8);
            }
            return endMessage(workspace.view(in, from, to));
        }
        MessageAssembler pieces = pieces();
        if (receiving == Opcode.TEXT && !isValidText(pieces, in, from, to, messageEnds)) {
            return fail(Violation.INVALID_UTF8);
        }
        if (!inParts) {
            pieces.append(in, from, to, decoder.payloadRemaining(), limits.maxMessageBytes());
            return messageEnds ? endMessage(pieces.content()) : null;
        }
        if (messageEnds) {
            return endMessage(workspace.view(in, from, to));
        }
        return from == to ? null : lendPart(workspace.view(in, from, to));
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

    private @Nullable Event receiveCompressed(ByteBuffer in, int from, int to, boolean messageEnds) {
        inflater().input(workspace.view(in, from, to), messageEnds);
        inflating = true;
        inflatingLast = messageEnds;
        return inflate();
    }

    /** Takes what the inflater has: all of it where messages are whole, a bounded part where not. */
    private @Nullable Event inflate() {
        MessageAssembler pieces = pieces();
        try {
            for (int bytes; (bytes = inflateSome(pieces)) > 0; ) {
                receivedBytes += bytes;
                if (receivedBytes > limits.maxMessageBytes()) {
                    return fail(Violation.MESSAGE_TOO_BIG);
                }
                int start = pieces.length();
                ByteBuffer buffer = pieces.room(bytes, 0, limits.maxMessageBytes());
                if (receiving == Opcode.TEXT && !pieces.acceptText(buffer, start, start + bytes)) {
                    return fail(Violation.INVALID_UTF8);
                }
                if (inParts) {
                    return lendPart(buffer.limit(bytes).position(0));
                }
                pieces.grown(bytes);
            }
        } catch (DataFormatException e) {
            return fail(Violation.INVALID_DEFLATE_DATA);
        }
        inflating = false;
        if (!inflatingLast) {
            return null;
        }
        if (receiving == Opcode.TEXT && !pieces.isTextComplete()) {
            return fail(Violation.INVALID_UTF8);
        }
        return endMessage(pieces.content());
    }

    /** Inflates behind the message so far, at most one byte beyond the limit, so that a bomb is stopped exactly there. */
    private int inflateSome(MessageAssembler pieces) throws DataFormatException {
        int atMost = (int) Math.min((long) limits.maxMessageBytes() - receivedBytes + 1, Workspace.PART_BYTES);
        ByteBuffer buffer = pieces.room(1, Workspace.PART_BYTES, limits.maxMessageBytes());
        int start = pieces.length();
        buffer.limit(Math.min(buffer.capacity(), start + atMost)).position(start);
        int bytes = inflater().inflate(buffer);
        buffer.clear();
        return bytes;
    }

    private MessageInflater inflater() {
        MessageInflater present = inflater;
        if (present == null) {
            throw new IllegalStateException("compressed message without permessage-deflate");
        }
        return present;
    }

    private MessageAssembler pieces() {
        MessageAssembler present = assembler;
        if (present == null) {
            present = workspace.takeAssembler();
            assembler = present;
        }
        return present;
    }

    private static boolean isValidText(MessageAssembler text, ByteBuffer in, int from, int to, boolean ends) {
        return text.acceptText(in, from, to) && (!ends || text.isTextComplete());
    }

    private Event lendPart(ByteBuffer part) {
        lastPart = false;
        return lend(receiving == Opcode.TEXT ? Event.TEXT_PART : Event.BINARY_PART, part);
    }

    private Event endMessage(ByteBuffer content) {
        boolean text = receiving == Opcode.TEXT;
        receiving = null;
        lastPart = true;
        if (inParts) {
            return lend(text ? Event.TEXT_PART : Event.BINARY_PART, content);
        }
        return lend(text ? Event.TEXT : Event.BINARY, content);
    }

    private Event lend(Event event, ByteBuffer content) {
        payload = content;
        payloadFrom = content.position();
        payloadTo = content.limit();
        lent = event;
        return event;
    }

    /** Takes back what the last event lent. */
    private void endLoan() {
        if (lent == null) {
            return;
        }
        lent = null;
        payload = NOTHING;
        if (receiving == null) {
            releaseAssembler();
        }
        releaseSplitControl();
    }

    private void releaseAssembler() {
        MessageAssembler held = assembler;
        if (held != null) {
            assembler = null;
            workspace.giveBack(held);
        }
    }

    private void releaseSplitControl() {
        Lease held = splitControl;
        if (held != null && !inPayload) {
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
        writer.control(Opcode.PONG, workspace.view(buffer, from, to));
        return lend(Event.PING, workspace.view(buffer, from, to));
    }

    private Event receiveClose(ByteBuffer buffer, int from, int to) {
        Violation fault = CloseFrame.check(buffer, from, to);
        if (fault != null) {
            return fail(fault);
        }
        CloseStatus status = CloseFrame.parse(buffer, from, to);
        closeReceived = status;
        if (closeSent == null) {
            sendClose(CloseStatus.of(status.code()));
        }
        endInput();
        return lend(Event.CLOSE_RECEIVED, NOTHING);
    }

    /** Fails the connection (RFC 6455 §7.1.7). */
    private Event fail(Violation fault) {
        violation = fault;
        if (closeSent == null) {
            sendClose(new CloseStatus(fault.closeCode(), fault.description()));
        }
        endInput();
        return lend(Event.FAILED, NOTHING);
    }

    /** Nothing more will be read: gives back what an unfinished message holds. */
    private void endInput() {
        receiving = null;
        inflating = false;
        inPayload = false;
        releaseAssembler();
        releaseSplitControl();
        moveTo(ReadyState.CLOSING);
        if (inflater != null) {
            inflater.close();
        }
    }

    /** Tells that TCP has ended: no more bytes will come. Gives back all that the engine holds. */
    public void receiveEof() {
        endLoan();
        endInput();
        moveTo(ReadyState.CLOSED);
        if (deflater != null) {
            deflater.close();
        }
    }

    // Sending

    /** Sends a text message. */
    public void sendText(String text) {
        requireBetweenMessages();
        writer.message(Opcode.TEXT, ByteBuffer.wrap(Utf8Encoder.encode(text)));
    }

    /**
     * Sends a text message given as UTF-8, which is consumed. What {@link #payload()} lends is known to be valid and not
     * looked at again.
     *
     * @throws IllegalArgumentException if it is not valid
     */
    public void sendText(ByteBuffer utf8) {
        requireBetweenMessages();
        if (!isLentText(utf8) && !Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        writer.message(Opcode.TEXT, utf8);
    }

    @SuppressWarnings("ReferenceEquality") // the very buffer that was lent, not one that looks like it
    private boolean isLentText(ByteBuffer utf8) {
        return lent == Event.TEXT && utf8 == payload && utf8.position() == payloadFrom && utf8.limit() == payloadTo;
    }

    /** Sends a text message that the caller knows to be valid UTF-8, which is consumed. */
    public void sendValidText(ByteBuffer utf8) {
        requireBetweenMessages();
        writer.message(Opcode.TEXT, utf8);
    }

    /** Sends a binary message, which is consumed. */
    public void sendBinary(ByteBuffer message) {
        requireBetweenMessages();
        writer.message(Opcode.BINARY, message);
    }

    /**
     * Sends a part of a text message, which is consumed, as a frame of its own.
     *
     * @throws IllegalArgumentException if the parts so far are not UTF-8, or the last one ends inside a character
     * @throws IllegalStateException if a binary message of parts is under way
     */
    public void sendTextPart(ByteBuffer utf8, boolean last) {
        requirePartOf(Opcode.TEXT);
        Utf8Validator text = sendingText;
        if (text == null) {
            text = new Utf8Validator();
            sendingText = text;
        }
        if (!text.accept(utf8, utf8.position(), utf8.limit()) || last && !text.isComplete()) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        sendPart(Opcode.TEXT, utf8, last);
    }

    /**
     * Sends a part of a binary message, which is consumed, as a frame of its own.
     *
     * @throws IllegalStateException if a text message of parts is under way
     */
    public void sendBinaryPart(ByteBuffer part, boolean last) {
        requirePartOf(Opcode.BINARY);
        sendPart(Opcode.BINARY, part, last);
    }

    private void sendPart(Opcode opcode, ByteBuffer part, boolean last) {
        boolean first = sending == null;
        sending = last ? null : opcode;
        if (last) {
            sendingText = null;
        }
        writer.fragment(opcode, part, first, last);
    }

    /**
     * Sends a Ping, whose payload is consumed.
     *
     * @throws IllegalArgumentException if it is longer than 125 bytes
     */
    public void sendPing(ByteBuffer content) {
        sendControl(Opcode.PING, content);
    }

    /**
     * Sends a Pong that no Ping asked for; its payload is consumed.
     *
     * @throws IllegalArgumentException if it is longer than 125 bytes
     */
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

    /**
     * Begins the closing handshake (RFC 6455 §7.1.2). Does nothing if it has begun.
     *
     * @param status {@link CloseStatus#NO_STATUS} sends a Close frame without a body
     * @throws IllegalArgumentException if the code may not appear in a Close frame
     */
    public void close(CloseStatus status) {
        requireSendable(status);
        if (state == ReadyState.OPEN) {
            sendClose(status);
        }
    }

    /**
     * Checks a status that is to be sent.
     *
     * @throws IllegalArgumentException if its code may not appear in a Close frame
     */
    public static void requireSendable(CloseStatus status) {
        if (!CloseCode.isValidInFrame(status.code()) && !status.equals(CloseStatus.NO_STATUS)) {
            throw new IllegalArgumentException("close code " + status.code() + " must not be sent");
        }
    }

    private void sendClose(CloseStatus status) {
        closeSent = status;
        sending = null;
        writer.control(Opcode.CLOSE, CloseFrame.format(status));
        moveTo(ReadyState.CLOSING);
    }

    private void requireOpen() {
        if (state != ReadyState.OPEN) {
            throw new IllegalStateException("connection is " + state);
        }
    }

    private void requireBetweenMessages() {
        requireOpen();
        if (sending != null) {
            throw new IllegalStateException("a message of parts is under way");
        }
    }

    private void requirePartOf(Opcode opcode) {
        requireOpen();
        if (sending != null && sending != opcode) {
            throw new IllegalStateException("a message of parts of the other kind is under way");
        }
    }

    // State

    private void moveTo(ReadyState next) {
        if (next.compareTo(state) > 0) {
            state = next;
        }
    }

    /** What the last event is about: its content stands from position to limit, until the next {@link #receive}. */
    public ByteBuffer payload() {
        return payload;
    }

    /** Whether the part that was lent ends its message. */
    public boolean isLastPart() {
        return lastPart;
    }

    /** The state. */
    public ReadyState state() {
        return state;
    }

    /** Whether a message of parts is being sent, so that no other can begin. */
    public boolean isSendingParts() {
        return sending != null;
    }

    /** Whether the last input has more to give: {@link #receive} must be called until {@code null} while it is unchanged. */
    public boolean isInflating() {
        return inflating;
    }

    /** Whether permessage-deflate is in use. */
    public boolean isCompressed() {
        return inflater != null;
    }

    /** What the Close frame that was sent said; {@code null} if none was. */
    public @Nullable CloseStatus closeSent() {
        return closeSent;
    }

    /** What the peer's Close frame said; {@code null} if none came. */
    public @Nullable CloseStatus closeReceived() {
        return closeReceived;
    }

    /** The rule that the peer broke; {@code null} if none. */
    public @Nullable Violation violation() {
        return violation;
    }

    /** What the transport connection is to do (RFC 6455 §7.1.1). */
    public TransportIntent transportIntent() {
        if (violation != null || state == ReadyState.CLOSED) {
            return TransportIntent.CLOSE;
        }
        if (closeReceived != null) {
            return role == Role.SERVER ? TransportIntent.CLOSE : TransportIntent.AWAIT_PEER_CLOSE;
        }
        return closeSent != null ? TransportIntent.AWAIT_PEER_CLOSE : TransportIntent.KEEP_OPEN;
    }
}
