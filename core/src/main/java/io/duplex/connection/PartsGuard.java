package io.duplex.connection;

import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;

/**
 * Checks messages that are sent in parts where the caller is, so that a fault is thrown there and not met later on the event
 * loop. As there, a part that is refused has not been there. Thread-safe.
 */
final class PartsGuard {
    private final Utf8Validator text = new Utf8Validator();
    private boolean textUnderWay;
    private boolean binaryUnderWay;

    synchronized void checkText(ByteBuffer utf8, boolean last) {
        if (binaryUnderWay) {
            throw new IllegalStateException("a binary message of parts is under way");
        }
        long before = text.state();
        if (!text.accept(utf8, utf8.position(), utf8.limit()) || last && !text.isComplete()) {
            text.restore(before);
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
        textUnderWay = !last;
    }

    /**
     * As {@link #checkText}, for a part that came as a part of valid text: if it goes on there as it does here, it need not be
     * looked at.
     *
     * @param before how the text stood before it, as {@link Utf8Validator#state} tells
     * @param after how it stood behind it
     * @return whether that is so; if not, nothing has been done
     */
    synchronized boolean passText(long before, long after, boolean last) {
        if (binaryUnderWay || before != text.state() || last && after != Utf8Validator.COMPLETE) {
            return false;
        }
        text.restore(after);
        textUnderWay = !last;
        return true;
    }

    synchronized void checkBinary(boolean last) {
        if (textUnderWay) {
            throw new IllegalStateException("a text message of parts is under way");
        }
        binaryUnderWay = !last;
    }
}
