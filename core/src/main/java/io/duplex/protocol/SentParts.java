package io.duplex.protocol;

import io.duplex.frame.FrameEncoder;
import io.duplex.frame.Opcode;
import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;

/** A message that is being sent in parts, a frame each (RFC 6455 §5.4, §6.1). Confined to one thread at a time. */
final class SentParts {
    private final Opcode opcode;
    private final boolean compressed;
    private final Utf8Validator text = new Utf8Validator();
    private boolean begun;

    /**
     * Begins a message.
     *
     * @param opcode {@link Opcode#TEXT} or {@link Opcode#BINARY}
     */
    SentParts(Opcode opcode, boolean compressed) {
        this.opcode = opcode;
        this.compressed = compressed;
    }

    /**
     * Requires the next part to be of the message's kind.
     *
     * @throws IllegalStateException if it is of the other
     */
    void requireKind(Opcode kind) {
        if (kind != opcode) {
            throw new IllegalStateException("a message of parts of the other kind is under way");
        }
    }

    /**
     * Checks the next part of a text message. A part that is refused has not been there: another may be given in its place.
     *
     * @throws IllegalArgumentException if the text so far is not UTF-8, or the last part ends inside a character
     */
    void checkText(ByteBuffer part, boolean last) {
        long before = text.state();
        if (!text.accept(part, part.position(), part.limit()) || last && !text.isComplete()) {
            text.restore(before);
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
    }

    /** The first byte of the next fragment: only the first one has the kind, and the mark of compression. */
    int nextFirstByte(boolean last) {
        boolean first = !begun;
        begun = true;
        return FrameEncoder.firstByte(first ? opcode : Opcode.CONTINUATION, last, first && compressed);
    }

    boolean isCompressed() {
        return compressed;
    }
}
