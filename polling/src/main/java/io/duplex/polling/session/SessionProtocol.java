package io.duplex.polling.session;

import io.duplex.CloseCode;
import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Violation;
import io.duplex.WebSocketHandler.Delivery;
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
 * Messages come whole; they are sent whole or in parts. Confined to one thread at a time.
 */
final class SessionProtocol implements Protocol {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int CODE_BYTES = 2;

    private final Limits limits;
    private final boolean inParts;
    /** Whether the peer has a Close of its own for ours; if not, ours is the end. */
    private final boolean peerCloses;

    private final Consumer<Packet> outgoing;
    /** As {@link #growOlder}: it keeps nothing itself. */
    private final IntUnaryOperator ages;

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

    SessionProtocol(
            Limits limits, Delivery delivery, boolean peerCloses, Consumer<Packet> outgoing, IntUnaryOperator ages) {
        this.limits = limits;
        this.inParts = delivery == Delivery.PARTS;
        this.peerCloses = peerCloses;
        this.outgoing = outgoing;
        this.ages = ages;
    }

    // Receiving

    @Override
    public @Nullable Event receive(ByteBuffer in) {
        endLoan();
        if (isInputOver()) {
            in.position(in.limit());
        }
        if (!in.hasRemaining()) {
            return null;
        }
        Kind kind = Kind.of(in.get());
        int length = in.getInt();
        int from = in.position();
        in.position(from + length);
        if (kind == null) {
            return fail(Violation.RESERVED_OPCODE);
        }
        return kind.isControl() ? control(kind, in, from, from + length) : message(kind, in, from, from + length);
    }

    private Event message(Kind kind, ByteBuffer in, int from, int to) {
        Violation limit = exceeded(to - from);
        if (limit != null) {
            return fail(limit);
        }
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
        if (kind != Kind.BINARY) {
            return fail(Violation.RESERVED_OPCODE);
        }
        lend(in, from, to);
        return inParts ? Event.BINARY_PART : Event.BINARY;
    }

    private @Nullable Violation exceeded(int length) {
        if (length > limits.maxFrameBytes()) {
            return Violation.FRAME_TOO_BIG;
        }
        if (inParts) {
            return length > limits.maxStreamBytes() ? Violation.STREAM_TOO_BIG : null;
        }
        return length > limits.maxMessageBytes() ? Violation.MESSAGE_TOO_BIG : null;
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
    }

    private Event fail(Violation fault) {
        endLoan();
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
        return ages.applyAsInt(shortage);
    }

    @Override
    public void receiveEof() {
        ended = true;
        sending = null;
        endLoan();
    }

    @Override
    public ByteBuffer payload() {
        return payload;
    }

    @Override
    public boolean isLastPart() {
        return true;
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
