package io.duplex.protocol;

import io.duplex.Limits;
import io.duplex.Violation;
import io.duplex.extension.MessageInflater;
import io.duplex.frame.Opcode;
import io.duplex.message.MessageAssembler;
import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The message that a connection is receiving, and after it the next one: joins fragments (RFC 6455 §5.4, §6.2), inflates
 * (RFC 7692 §6.2), validates text (RFC 6455 §8.1) and keeps to the limits (RFC 6455 §10.4). A message that lies whole in the
 * input stays there. Confined to one thread at a time.
 */
final class IncomingMessage {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Limits limits;
    private final boolean inParts;
    private final Workspace workspace;
    private final @Nullable Inflation inflation;

    /** Whether a message has begun that has not ended. */
    private boolean begun;
    /** Whether it is one of text. */
    private boolean text;

    private boolean compressed;
    private int fragments;
    /** Payload bytes of the frames so far, as sent; the one under way counts in full. */
    private long announcedBytes;
    /** Holds what cannot stay in the input: an unfinished message, or inflated bytes. */
    private @Nullable MessageAssembler assembler;

    /** Whether what was returned last is the workspace's view, and not {@link #payload}. */
    private boolean viewed;

    private ByteBuffer payload = NOTHING;
    /** Where in a character the text stood before what was returned last, and behind it. */
    private byte textStateBefore;

    private byte textStateAfter;
    private boolean last;
    private @Nullable Violation violation;

    /**
     * Creates what receives the messages of one connection.
     *
     * @param inParts whether messages are handed out as they come
     * @param inflater inflates them; {@code null} without permessage-deflate
     */
    IncomingMessage(Limits limits, boolean inParts, Workspace workspace, @Nullable MessageInflater inflater) {
        this.limits = limits;
        this.inParts = inParts;
        this.workspace = workspace;
        this.inflation = inflater == null ? null : new Inflation(inflater, maxBytes(limits, inParts), tooBig());
    }

    private static long maxBytes(Limits limits, boolean inParts) {
        return inParts ? limits.maxStreamBytes() : limits.maxMessageBytes();
    }

    /** Names the limit that stands in the way. */
    private Violation tooBig() {
        return maxBytes(limits, inParts) == limits.maxMessageBytes()
                ? Violation.MESSAGE_TOO_BIG
                : Violation.STREAM_TOO_BIG;
    }

    /**
     * The longest frame that is taken. Where a whole message may stand in one frame, so may its compressed form, which can be
     * a little longer.
     */
    static int maxFrameBytes(Limits limits, boolean inParts, boolean compression) {
        if (limits.maxFrameBytes() < limits.maxMessageBytes()) {
            return limits.maxFrameBytes();
        }
        long most = maxBytes(limits, inParts);
        most = Math.max(limits.maxFrameBytes(), compression ? Inflation.maxCompressedBytes(most) : most);
        return (int) Math.min(most, Integer.MAX_VALUE);
    }

    /**
     * The header of a data frame has come.
     *
     * @param markedCompressed whether RSV1 is set
     * @return the rule that it breaks; {@code null} if none
     */
    @Nullable Violation beginFrame(Opcode opcode, boolean markedCompressed, int payloadLength) {
        if (opcode == Opcode.CONTINUATION) {
            if (!begun) {
                return Violation.UNEXPECTED_CONTINUATION;
            }
            fragments++;
            if (fragments > limits.maxFragments()) {
                return Violation.TOO_MANY_FRAGMENTS;
            }
        } else {
            if (begun) {
                return Violation.INTERLEAVED_MESSAGE;
            }
            begin(opcode, markedCompressed);
        }
        long mostBytes = maxBytes(limits, inParts);
        if (payloadLength > (compressed ? Inflation.maxCompressedBytes(mostBytes) : mostBytes) - announcedBytes) {
            return tooBig();
        }
        announcedBytes += payloadLength;
        return null;
    }

    private void begin(Opcode opcode, boolean markedCompressed) {
        begun = true;
        text = opcode == Opcode.TEXT;
        compressed = markedCompressed;
        fragments = 1;
        announcedBytes = 0;
        if (inflation != null) {
            inflation.begin();
        }
    }

    /**
     * Takes payload, unmasked, from {@code in[from, to)}.
     *
     * @param announced payload bytes of the frame that are still to come
     * @param fin whether the frame is the message's last
     * @return a message or a part of one; {@code null} if there is none, or if {@link #violation()} says what is wrong
     */
    @Nullable Event add(ByteBuffer in, int from, int to, int announced, boolean fin) {
        boolean ends = fin && announced == 0;
        if (from == to && !ends) {
            return null;
        }
        if (inflation != null && compressed) {
            inflation.input(workspace.view(in, from, to), ends);
            return inflate(inflation);
        }
        if (ends && assembler == null) {
            textStateBefore = Utf8Validator.COMPLETE;
            textStateAfter = Utf8Validator.COMPLETE;
            return text && !Utf8Validator.isValid(in, from, to)
                    ? fail(Violation.INVALID_UTF8)
                    : end(workspace.view(in, from, to));
        }
        if (text && !isValidText(in, from, to, ends)) {
            return fail(Violation.INVALID_UTF8);
        }
        if (inParts) {
            ByteBuffer part = workspace.view(in, from, to);
            return ends ? end(part) : part(part);
        }
        if (from < to) {
            pieces().append(in, from, to, announced, fin, limits.maxMessageBytes());
        }
        return ends ? end(pieces().content()) : null;
    }

    private boolean isValidText(ByteBuffer in, int from, int to, boolean ends) {
        return isValidText(pieces(), in, from, to) && (!ends || pieces().isTextComplete());
    }

    private boolean isValidText(MessageAssembler pieces, ByteBuffer in, int from, int to) {
        textStateBefore = (byte) pieces.textState();
        boolean valid = pieces.acceptText(in, from, to);
        textStateAfter = (byte) pieces.textState();
        return valid;
    }

    /** Whether the last input has more to give: {@link #goOn} is next. */
    boolean isInflating() {
        return inflation != null && inflation.isPending();
    }

    /** Copies what is left of the last input: the host's buffer is about to hold something else. */
    void keepInput() {
        if (inflation != null) {
            inflation.keepInput(workspace);
        }
    }

    /** Takes what the last input still has to give; returns as {@link #add} does. */
    @Nullable Event goOn() {
        return inflation != null && inflation.isPending() ? inflate(inflation) : null;
    }

    /** Takes what the input inflates to: all of it where messages are whole, a bounded part where not. */
    private @Nullable Event inflate(Inflation inflation) {
        MessageAssembler pieces = pieces();
        while (true) {
            ByteBuffer out = inParts ? workspace.inflatedPart() : pieces.tail(limits.maxMessageBytes());
            int start = out.position();
            int bytes = inflation.next(out);
            if (bytes == 0) {
                break;
            }
            if (text && !isValidText(pieces, out, start, start + bytes)) {
                return fail(Violation.INVALID_UTF8);
            }
            if (inParts) {
                return part(out.flip());
            }
            pieces.grown(bytes);
        }
        Violation fault = inflation.violation();
        if (fault != null) {
            return fail(fault);
        }
        if (!inflation.isLast()) {
            return null;
        }
        textStateBefore = textStateAfter;
        return text && !pieces.isTextComplete() ? fail(Violation.INVALID_UTF8) : end(pieces.content());
    }

    private MessageAssembler pieces() {
        MessageAssembler present = assembler;
        if (present == null) {
            present = workspace.takeAssembler();
            assembler = present;
        }
        return present;
    }

    private @Nullable Event fail(Violation fault) {
        violation = fault;
        return null;
    }

    private Event part(ByteBuffer content) {
        lend(content);
        last = false;
        return text ? Event.TEXT_PART : Event.BINARY_PART;
    }

    private Event end(ByteBuffer content) {
        begun = false;
        lend(content);
        last = true;
        if (inParts) {
            return text ? Event.TEXT_PART : Event.BINARY_PART;
        }
        return text ? Event.TEXT : Event.BINARY;
    }

    /** Most messages are lent by the workspace's view: a reference to it would cost a fence, and keep the memory behind it. */
    private void lend(ByteBuffer content) {
        viewed = workspace.isView(content);
        if (!viewed) {
            payload = content;
        }
    }

    /** The message, or the part of it, that was returned last; until {@link #endLoan} or {@link #close}. */
    ByteBuffer payload() {
        return viewed ? workspace.lastView() : payload;
    }

    /** Where in a character the text stood before the part that was returned last, as {@link Utf8Validator#state} tells. */
    long textStateBefore() {
        return textStateBefore;
    }

    /** Where in a character the text stands behind the part that was returned last. */
    long textStateAfter() {
        return textStateAfter;
    }

    /** Whether that was the end of the message. */
    boolean isLast() {
        return last;
    }

    /** The rule that the message breaks; {@code null} if none. */
    @Nullable Violation violation() {
        return violation;
    }

    /** As {@link Protocol#growOlder}. */
    int growOlder(int shortage) {
        return !begun || assembler == null || inParts ? 0 : assembler.growOlder(shortage);
    }

    /** The message that was returned has been dealt with. */
    void endLoan() {
        if (!begun) {
            release();
        }
    }

    /** Nothing more will be received: gives back what an unfinished message holds. */
    void close() {
        begun = false;
        payload = NOTHING;
        release();
        if (inflation != null) {
            inflation.close();
        }
    }

    private void release() {
        MessageAssembler held = assembler;
        if (held != null) {
            payload = NOTHING;
            assembler = null;
            workspace.giveBack(held);
        }
    }
}
