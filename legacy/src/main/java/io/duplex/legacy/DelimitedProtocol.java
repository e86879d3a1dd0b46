package io.duplex.legacy;

import io.duplex.CloseStatus;
import io.duplex.Limits;
import io.duplex.ReadyState;
import io.duplex.Violation;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.message.MessageAssembler;
import io.duplex.message.Utf8Encoder;
import io.duplex.message.Utf8Validator;
import io.duplex.protocol.Event;
import io.duplex.protocol.Outgoing;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.SharedMessage;
import io.duplex.protocol.TransportIntent;
import io.duplex.protocol.Workspace;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The framing of hixie-75 and hixie-76, for a server: text between 0x00 and 0xFF, and nothing else. Confined to one thread at a
 * time.
 *
 * <pre>
 * 00 utf-8... FF         a text message
 * 01..7F octets... FF    read and dropped
 * 80..FF length octets   read and dropped; the length in groups of seven bits, the highest first, each but the last with bit 80
 * FF 00                  hixie-76: the closing handshake
 * </pre>
 *
 * <p>UTF-8 that is not valid is replaced by U+FFFD, as these drafts want it. A limit that is exceeded ends the connection without
 * a word, as there are no codes. A message is always whole, also where the handler wants parts: one part then.
 */
final class DelimitedProtocol implements Protocol {
    private static final int TEXT = 0x00;
    private static final int CLOSE = 0xFF;
    private static final byte DELIMITER = (byte) 0xFF;

    /** Marks a frame with a length, and in a length a group that is not the last. */
    private static final int HIGH_BIT = 0x80;

    private static final int GROUP_BITS = 7;
    private static final int MAX_GROUPS = 9;
    /** Up to here it is cheaper to copy a message than to write it in three pieces. */
    private static final int SMALL_BYTES = 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private enum Phase {
        TYPE,
        TEXT,
        DROPPED_TEXT,
        LENGTH,
        DROPPED
    }

    private final boolean hasClosingHandshake;
    private final Limits limits;
    private final boolean inParts;
    private final Outgoing outgoing;
    private final MessageAssembler assembler;

    private Phase phase = Phase.TYPE;
    private int type;
    /** In {@link Phase#LENGTH} what was read of it; then what is left to drop, or what was dropped of a text. */
    private long length;

    private int groups;

    private boolean lent;
    private ByteBuffer payload = NOTHING;
    private int payloadFrom;
    private int payloadTo;

    private ReadyState state = ReadyState.OPEN;
    private @Nullable CloseStatus closeSent;
    private @Nullable CloseStatus closeReceived;
    private @Nullable Violation violation;

    /** Creates the engine of a connection whose opening handshake has been completed. */
    DelimitedProtocol(
            boolean hasClosingHandshake, Limits limits, Delivery delivery, Workspace workspace, Outgoing outgoing) {
        this.hasClosingHandshake = hasClosingHandshake;
        this.limits = limits;
        this.inParts = delivery == Delivery.PARTS;
        this.outgoing = outgoing;
        this.assembler = new MessageAssembler(workspace::acquire);
    }

    @Override
    public boolean isTextOnly() {
        return true;
    }

    // Receiving

    @Override
    public @Nullable Event receive(ByteBuffer in) {
        endLoan();
        if (isInputOver()) {
            in.position(in.limit());
            return null;
        }
        try {
            return next(in);
        } catch (OutOfMemoryError none) {
            return fail(Violation.NO_MEMORY);
        }
    }

    private @Nullable Event next(ByteBuffer in) {
        Event event = null;
        while (event == null && in.hasRemaining()) {
            event = switch (phase) {
                case TYPE -> begin(in.get() & 0xFF);
                case TEXT -> text(in);
                case DROPPED_TEXT -> dropText(in);
                case LENGTH -> group(in.get() & 0xFF);
                case DROPPED -> drop(in);
            };
        }
        return event;
    }

    private @Nullable Event begin(int frameType) {
        type = frameType;
        length = 0;
        groups = 0;
        if (frameType == TEXT) {
            phase = Phase.TEXT;
        } else {
            phase = frameType < HIGH_BIT ? Phase.DROPPED_TEXT : Phase.LENGTH;
        }
        return null;
    }

    private @Nullable Event text(ByteBuffer in) {
        int from = in.position();
        int to = delimiter(in);
        boolean ends = to < in.limit();
        if (to - from > limits.maxMessageBytes() - assembler.length()) {
            return fail(Violation.MESSAGE_TOO_BIG);
        }
        in.position(ends ? to + 1 : to);
        boolean began = assembler.length() > 0;
        if (from < to && (began || !ends)) {
            assembler.append(in, from, to, 0, ends, limits.maxMessageBytes());
        }
        if (!ends) {
            return null;
        }
        phase = Phase.TYPE;
        return deliver(began ? assembler.content() : in.duplicate().limit(to).position(from));
    }

    /** Where the next delimiter stands, which UTF-8 never has; the limit if there is none. */
    private static int delimiter(ByteBuffer in) {
        int at = in.position();
        while (at < in.limit() && in.get(at) != DELIMITER) {
            at++;
        }
        return at;
    }

    private Event deliver(ByteBuffer content) {
        ByteBuffer text = content;
        if (!Utf8Validator.isValid(content, content.position(), content.limit())) {
            // U+FFFD takes three bytes, and what it stands for often one.
            text = StandardCharsets.UTF_8.encode(
                    StandardCharsets.UTF_8.decode(content.duplicate()).toString());
            if (text.remaining() > limits.maxMessageBytes()) {
                return fail(Violation.MESSAGE_TOO_BIG);
            }
        }
        payload = text;
        payloadFrom = text.position();
        payloadTo = text.limit();
        lent = true;
        return inParts ? Event.TEXT_PART : Event.TEXT;
    }

    private @Nullable Event dropText(ByteBuffer in) {
        int from = in.position();
        int to = delimiter(in);
        boolean ends = to < in.limit();
        length += to - from;
        if (length > limits.maxMessageBytes()) {
            return fail(Violation.MESSAGE_TOO_BIG);
        }
        in.position(ends ? to + 1 : to);
        if (ends) {
            phase = Phase.TYPE;
        }
        return null;
    }

    private @Nullable Event group(int group) {
        groups++;
        length = length << GROUP_BITS | group & ~HIGH_BIT;
        if (groups > MAX_GROUPS || length > limits.maxFrameBytes()) {
            return fail(Violation.FRAME_TOO_BIG);
        }
        if ((group & HIGH_BIT) != 0) {
            return null;
        }
        if (type == CLOSE && length == 0 && hasClosingHandshake) {
            return receiveClose();
        }
        phase = length == 0 ? Phase.TYPE : Phase.DROPPED;
        return null;
    }

    private @Nullable Event drop(ByteBuffer in) {
        int bytes = (int) Math.min(in.remaining(), length);
        in.position(in.position() + bytes);
        length -= bytes;
        if (length == 0) {
            phase = Phase.TYPE;
        }
        return null;
    }

    private Event receiveClose() {
        closeReceived = CloseStatus.NO_STATUS;
        beginClose();
        return Event.CLOSE_RECEIVED;
    }

    private Event fail(Violation fault) {
        violation = fault;
        beginClose();
        assembler.clear(0);
        return Event.FAILED;
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
        return assembler.growOlder(shortage);
    }

    @Override
    public void receiveEof() {
        state = ReadyState.CLOSED;
        endLoan();
        assembler.clear(0);
    }

    private boolean isInputOver() {
        return closeReceived != null || violation != null || state == ReadyState.CLOSED;
    }

    /** Takes back what the last event lent. */
    private void endLoan() {
        if (lent) {
            lent = false;
            payload = NOTHING;
            assembler.clear(0);
        }
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
    @SuppressWarnings("ReferenceEquality") // the very buffer that was lent, not one that looks like it
    public boolean isLentText(ByteBuffer utf8) {
        return lent && !inParts && utf8 == payload && utf8.position() == payloadFrom && utf8.limit() == payloadTo;
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
        sendValidText(utf8);
    }

    @Override
    public void sendValidText(ByteBuffer utf8) {
        if (state != ReadyState.OPEN) {
            throw new IllegalStateException("connection is " + state);
        }
        int bytes = utf8.remaining();
        if (bytes <= SMALL_BYTES) {
            outgoing.room(bytes + 2).put((byte) TEXT).put(utf8).put(DELIMITER);
        } else {
            outgoing.room(1).put((byte) TEXT);
            outgoing.write(utf8);
            outgoing.room(1).put(DELIMITER);
        }
    }

    @Override
    public void sendShared(SharedMessage message) {
        if (!message.isText()) {
            throw textOnly();
        }
        sendValidText(message.bytes());
    }

    private static UnsupportedOperationException textOnly() {
        return new UnsupportedOperationException("hixie framing has whole text messages and nothing else");
    }

    @Override
    public void sendBinary(ByteBuffer message) {
        throw textOnly();
    }

    @Override
    public void sendValidTextPart(ByteBuffer utf8, boolean last) {
        throw textOnly();
    }

    @Override
    public void sendBinaryPart(ByteBuffer part, boolean last) {
        throw textOnly();
    }

    @Override
    public boolean isSendingParts() {
        return false;
    }

    @Override
    public void sendPing(ByteBuffer content) {
        throw textOnly();
    }

    @Override
    public void sendPong(ByteBuffer content) {
        throw textOnly();
    }

    /** Closes; neither code nor reason leaves, as there is no place for them. */
    @Override
    public void close(CloseStatus status) {
        if (state == ReadyState.OPEN) {
            beginClose();
        }
    }

    private void beginClose() {
        if (state == ReadyState.OPEN) {
            state = ReadyState.CLOSING;
            if (hasClosingHandshake) {
                closeSent = CloseStatus.NO_STATUS;
                outgoing.room(2).put((byte) CLOSE).put((byte) 0);
            }
        }
    }

    // State

    @Override
    public ReadyState state() {
        return state;
    }

    @Override
    public @Nullable CloseStatus closeSent() {
        return closeSent;
    }

    @Override
    public @Nullable CloseStatus closeReceived() {
        return closeReceived;
    }

    @Override
    public @Nullable Violation violation() {
        return violation;
    }

    @Override
    public TransportIntent transportIntent() {
        if (state == ReadyState.OPEN) {
            return TransportIntent.KEEP_OPEN;
        }
        return isInputOver() || !hasClosingHandshake ? TransportIntent.CLOSE : TransportIntent.AWAIT_PEER_CLOSE;
    }
}
