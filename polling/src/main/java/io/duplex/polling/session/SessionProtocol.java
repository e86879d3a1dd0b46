package io.duplex.polling.session;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Violation;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.message.MessageAssembler;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import io.duplex.polling.session.Packet.Kind;
import io.duplex.protocol.Event;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.SharedMessage;
import io.duplex.protocol.TransportIntent;
import io.duplex.protocol.WebSocketProtocol;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Messages, control frames and the closing handshake of a session as packets: what it sends is given away one by one, and what
 * it receives are whole packets, each behind its header. It keeps to the limits and answers Pings and Close as RFC 6455 does.
 * A server's peer sends whole messages, a client's in parts, too. Confined to one thread at a time.
 */
final class SessionProtocol implements Protocol {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int CODE_BYTES = 2;

    private final Limits limits;
    private final boolean inParts;
    /** Whether the peer has a Close of its own for ours; if not, ours is the end. */
    private final boolean peerCloses;

    private final Consumer<Packet> outgoing;
    /** How old is what waits elsewhere, as {@link #growOlder}. */
    private final IntUnaryOperator ages;

    /** Where messages of parts are joined; {@code null} if the peer sends none. */
    private final @Nullable MessageAssembler assembler;

    /** The kind of the message of parts that is coming; {@code null} between messages. */
    private @Nullable Kind coming;

    private long comingBytes;
    private boolean lastPart = true;
    /** Whether {@link #payload} lies in the assembler. */
    private boolean joined;
    /** A fault that the packets do not show; {@code null} if there is none. */
    private @Nullable Violation broken;

    private ByteBuffer payload = NOTHING;
    private boolean lentText;
    private int lentFrom;
    private int lentTo;
    /** The kind of the message of parts that is being sent; {@code null} between messages. */
    private @Nullable Kind sending;

    private @Nullable CloseStatus sent;
    private @Nullable CloseStatus received;
    private @Nullable Violation violation;
    private boolean ended;

    /**
     * Creates one at the beginning of a session.
     *
     * @param assembler for messages that come in parts; {@code null} if they must not
     * @param ages how old is what waits elsewhere, as {@link #growOlder}
     */
    SessionProtocol(
            Limits limits,
            Delivery delivery,
            boolean peerCloses,
            @Nullable MessageAssembler assembler,
            Consumer<Packet> outgoing,
            IntUnaryOperator ages) {
        this.limits = limits;
        this.inParts = delivery == Delivery.PARTS;
        this.peerCloses = peerCloses;
        this.assembler = assembler;
        this.outgoing = outgoing;
        this.ages = ages;
    }

    // Receiving

    @Override
    public @Nullable Event receive(ByteBuffer in) {
        endLoan();
        Violation fault = broken;
        if (fault != null && isBroken()) {
            in.position(in.limit());
            return fail(fault);
        }
        Event event = null;
        while (event == null) {
            if (isInputOver()) {
                in.position(in.limit());
            }
            if (!in.hasRemaining()) {
                return null;
            }
            event = packet(in);
        }
        return event;
    }

    /** Has the next {@link #receive} fail the connection. */
    void breakOff(Violation fault) {
        broken = fault;
    }

    /** Whether it has yet to do so. */
    boolean isBroken() {
        return broken != null && !isInputOver();
    }

    private @Nullable Event packet(ByteBuffer in) {
        Kind kind = Kind.of(in.get());
        int length = in.getInt();
        int from = in.position();
        int to = from + length;
        in.position(to);
        if (kind == null) {
            return fail(Violation.RESERVED_OPCODE);
        } else if (kind.isControl()) {
            return control(kind, in, from, to);
        }
        boolean isLast = kind == Kind.TEXT || kind == Kind.BINARY;
        return isLast && coming == null ? message(kind, in, from, to) : part(kind, isLast, in, from, to);
    }

    private Event message(Kind kind, ByteBuffer in, int from, int to) {
        Violation limit = exceeded(to - from, to - from);
        if (limit != null) {
            return fail(limit);
        }
        lastPart = true;
        if (kind == Kind.TEXT) {
            if (!Utf8Validator.isValid(in, from, to)) {
                return fail(Violation.INVALID_UTF8);
            }
            lend(in, from, to);
            lentText = !inParts;
            lentFrom = payload.position();
            lentTo = payload.limit();
            return inParts ? Event.TEXT_PART : Event.TEXT;
        }
        lend(in, from, to);
        return inParts ? Event.BINARY_PART : Event.BINARY;
    }

    /** A part of a message, be it the last of several. */
    private @Nullable Event part(Kind kind, boolean isLast, ByteBuffer in, int from, int to) {
        MessageAssembler parts = assembler;
        if (parts == null) {
            return fail(Violation.RESERVED_OPCODE);
        }
        Kind message = kind == Kind.TEXT || kind == Kind.TEXT_PART ? Kind.TEXT : Kind.BINARY;
        if (coming != null && coming != message) {
            return fail(Violation.INTERLEAVED_MESSAGE);
        }
        comingBytes = coming == null ? to - from : comingBytes + to - from;
        coming = isLast ? null : message;
        Violation limit = exceeded(to - from, comingBytes);
        if (limit != null) {
            return fail(limit);
        }
        boolean isText = message == Kind.TEXT;
        if (isText && !(parts.acceptText(in, from, to) && (!isLast || parts.isTextComplete()))) {
            return fail(Violation.INVALID_UTF8);
        }
        if (inParts) {
            lend(in, from, to);
            lastPart = isLast;
            if (isLast) {
                parts.clear(0);
            }
            return isText ? Event.TEXT_PART : Event.BINARY_PART;
        }
        try {
            if (to > from) {
                parts.append(in, from, to, 0, isLast, limits.maxMessageBytes());
            }
        } catch (OutOfMemoryError none) {
            return fail(Violation.NO_MEMORY);
        }
        if (!isLast) {
            return null;
        }
        payload = parts.content();
        joined = true;
        return isText ? Event.TEXT : Event.BINARY;
    }

    private @Nullable Violation exceeded(int length, long messageLength) {
        if (length > limits.maxFrameBytes()) {
            return Violation.FRAME_TOO_BIG;
        }
        if (inParts) {
            return messageLength > limits.maxStreamBytes() ? Violation.STREAM_TOO_BIG : null;
        }
        return messageLength > limits.maxMessageBytes() ? Violation.MESSAGE_TOO_BIG : null;
    }

    private Event control(Kind kind, ByteBuffer in, int from, int to) {
        if (to - from > WebSocketProtocol.MAX_CONTROL_BYTES) {
            return fail(Violation.CONTROL_FRAME_TOO_LONG);
        }
        if (kind == Kind.CLOSE) {
            return receiveClose(in, from, to);
        }
        lend(in, from, to);
        if (kind == Kind.PONG) {
            return Event.PONG;
        }
        if (sent == null) {
            outgoing.accept(Packet.copyOf(Kind.PONG, payload.duplicate()));
        }
        return Event.PING;
    }

    private Event receiveClose(ByteBuffer in, int from, int to) {
        CloseStatus status = CloseStatus.NO_STATUS;
        if (to - from == 1) {
            return fail(Violation.CLOSE_BODY_TOO_SHORT);
        }
        if (to > from) {
            int code = (in.get(from) & 0xFF) << 8 | in.get(from + 1) & 0xFF;
            if (!CloseCode.isValidInFrame(code)) {
                return fail(Violation.INVALID_CLOSE_CODE);
            }
            if (!Utf8Validator.isValid(in, from + CODE_BYTES, to)) {
                return fail(Violation.INVALID_CLOSE_REASON);
            }
            byte[] reason = new byte[to - from - CODE_BYTES];
            in.get(from + CODE_BYTES, reason);
            status = new CloseStatus(code, new String(reason, StandardCharsets.UTF_8));
        }
        received = status;
        if (sent == null) {
            sendClose(CloseStatus.of(status.code()));
        }
        return Event.CLOSE_RECEIVED;
    }

    private void lend(ByteBuffer in, int from, int to) {
        payload = in.duplicate().limit(to).position(from);
    }

    private void endLoan() {
        payload = NOTHING;
        lentText = false;
        if (joined) {
            forgetParts();
        }
    }

    private void forgetParts() {
        joined = false;
        if (assembler != null) {
            assembler.clear(0);
        }
    }

    private Event fail(Violation fault) {
        endLoan();
        forgetParts();
        violation = fault;
        if (sent == null) {
            sendClose(new CloseStatus(fault.closeCode(), fault.description()));
        }
        return Event.FAILED;
    }

    private boolean isInputOver() {
        return received != null || violation != null || ended;
    }

    @Override
    public boolean loseInput() {
        if (isInputOver()) {
            return false;
        }
        fail(Violation.NO_MEMORY);
        return true;
    }

    @Override
    public int growOlder(int shortage) {
        int age = ages.applyAsInt(shortage);
        return assembler == null ? age : Math.max(age, assembler.growOlder(shortage));
    }

    @Override
    public void receiveEof() {
        ended = true;
        sending = null;
        endLoan();
        forgetParts();
    }

    @Override
    public ByteBuffer payload() {
        return payload;
    }

    @Override
    public boolean isLastPart() {
        return lastPart;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the very buffer that was lent
    public boolean isLentText(ByteBuffer utf8) {
        return lentText && utf8 == payload && utf8.position() == lentFrom && utf8.limit() == lentTo;
    }

    // Sending

    @Override
    public void sendText(String text) {
        sendValidText(ByteBuffer.wrap(Utf8Encoder.encode(text)));
    }

    @Override
    public void sendText(ByteBuffer utf8) {
        if (!isLentText(utf8) && !Utf8Validator.isValid(utf8, utf8.position(), utf8.limit())) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        requireBetweenMessages();
        outgoing.accept(Packet.copyOf(Kind.TEXT, utf8));
    }

    @Override
    public void sendValidText(ByteBuffer utf8) {
        requireBetweenMessages();
        outgoing.accept(Packet.copyOf(Kind.TEXT, utf8));
    }

    @Override
    public void sendShared(SharedMessage message) {
        requireBetweenMessages();
        // Shared by all who wait for it, as the message itself is.
        outgoing.accept(new Packet(message.isText() ? Kind.TEXT : Kind.BINARY, message.bytes()));
    }

    @Override
    public void sendBinary(ByteBuffer message) {
        requireBetweenMessages();
        outgoing.accept(Packet.copyOf(Kind.BINARY, message));
    }

    @Override
    public void sendValidTextPart(ByteBuffer utf8, boolean last) {
        sendPart(last ? Kind.TEXT : Kind.TEXT_PART, Kind.TEXT, utf8, last);
    }

    @Override
    public void sendBinaryPart(ByteBuffer part, boolean last) {
        sendPart(last ? Kind.BINARY : Kind.BINARY_PART, Kind.BINARY, part, last);
    }

    private void sendPart(Kind kind, Kind message, ByteBuffer part, boolean last) {
        requireOpen();
        if (sending != null && sending != message) {
            throw new IllegalStateException("a message of parts of the other kind is under way");
        }
        sending = last ? null : message;
        outgoing.accept(Packet.copyOf(kind, part));
    }

    @Override
    public boolean isSendingParts() {
        return sending != null;
    }

    @Override
    public void sendPing(ByteBuffer content) {
        sendControl(Kind.PING, content);
    }

    @Override
    public void sendPong(ByteBuffer content) {
        sendControl(Kind.PONG, content);
    }

    private void sendControl(Kind kind, ByteBuffer content) {
        requireOpen();
        if (content.remaining() > WebSocketProtocol.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("control frame payload is " + content.remaining() + " bytes, limit "
                    + WebSocketProtocol.MAX_CONTROL_BYTES);
        }
        outgoing.accept(Packet.copyOf(kind, content));
    }

    @Override
    public void close(CloseStatus status) {
        if (!CloseCode.isValidInFrame(status.code()) && !status.equals(CloseStatus.NO_STATUS)) {
            throw new IllegalArgumentException("close code " + status.code() + " must not be sent");
        }
        if (sent == null && !ended) {
            sendClose(status);
            if (!peerCloses) {
                received = status;
            }
        }
    }

    private void sendClose(CloseStatus status) {
        sent = status;
        sending = null;
        outgoing.accept(Packet.close(status));
    }

    private void requireOpen() {
        if (state() != ReadyState.OPEN) {
            throw new IllegalStateException("connection is " + state());
        }
    }

    private void requireBetweenMessages() {
        requireOpen();
        if (sending != null) {
            throw new IllegalStateException("a message of parts is under way");
        }
    }

    // State

    @Override
    public ReadyState state() {
        if (ended) {
            return ReadyState.CLOSED;
        }
        return sent == null ? ReadyState.OPEN : ReadyState.CLOSING;
    }

    @Override
    public @Nullable CloseStatus closeSent() {
        return sent;
    }

    @Override
    public @Nullable CloseStatus closeReceived() {
        return received;
    }

    @Override
    public @Nullable Violation violation() {
        return violation;
    }

    @Override
    public TransportIntent transportIntent() {
        if (isInputOver()) {
            return TransportIntent.CLOSE;
        }
        return sent == null ? TransportIntent.KEEP_OPEN : TransportIntent.AWAIT_PEER_CLOSE;
    }
}
