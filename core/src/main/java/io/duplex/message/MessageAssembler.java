package io.duplex.message;

import io.duplex.BufferSource;
import io.duplex.BufferSource.Lease;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Collects one message at a time whose bytes come in pieces (RFC 6455 §5.4), in one buffer, and validates text as it grows
 * (RFC 6455 §8.1). Confined to one thread at a time.
 *
 * <p>Memory follows what has arrived: without a byte there is no buffer, and whatever length a frame announces, a buffer is
 * acquired with at most {@value #LEAD} times the bytes that are there, or {@value #MIN_BUFFER_BYTES} if that is more
 * (RFC 6455 §10.4).
 */
public final class MessageAssembler {
    /** How far the buffer may run ahead of its content. */
    static final int LEAD = 8;

    /** The smallest buffer that is acquired. */
    static final int MIN_BUFFER_BYTES = 512;

    /** How much {@link #tail} is glad to give. */
    private static final int TAIL_BYTES = 16 << 10;

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final BufferSource source;
    private final Utf8Validator validator = new Utf8Validator();
    private @Nullable Lease lease;
    private int length;
    private int age;
    /** The shortage in which it grew to that. */
    private int shortage;

    /** Creates an assembler that holds nothing. */
    public MessageAssembler(BufferSource source) {
        this.source = source;
    }

    /** Bytes of the message so far. */
    public int length() {
        return length;
    }

    /**
     * Appends a copy of {@code from[start, end)}, which must not be empty.
     *
     * @param announced bytes that the frame under way will add after these
     * @param fin whether that frame is the message's last
     * @param maxBytes the longest message that is taken
     */
    public void append(ByteBuffer from, int start, int end, int announced, boolean fin, int maxBytes) {
        int bytes = end - start;
        ByteBuffer buffer = room(bytes, announced, fin, maxBytes);
        buffer.put(length, from, start, bytes);
        length += bytes;
    }

    /**
     * Room behind the message, from position to limit, for what is made in place; {@link #grown} then tells how much was.
     *
     * @param maxBytes the longest message that is taken; a message of that length gets no room
     */
    public ByteBuffer tail(int maxBytes) {
        ByteBuffer buffer = room(length < maxBytes ? 1 : 0, TAIL_BYTES, false, maxBytes);
        return buffer.limit(buffer.capacity()).position(length);
    }

    /** Notes that {@code bytes} were written into {@link #tail}. */
    public void grown(int bytes) {
        length += bytes;
    }

    /** A buffer that has room for {@code bytes} more, and for what is expected after them as far as that is cheap. */
    private ByteBuffer room(int bytes, int expected, boolean ends, int maxBytes) {
        Lease old = lease;
        int capacity = old == null ? 0 : old.bytes().capacity();
        int needed = length + bytes;
        if (old != null && needed <= capacity) {
            return old.bytes();
        }
        // Doubled for fragments to come, so that many small ones are not copied again and again.
        long wanted = Math.max((long) needed + expected, ends ? 0 : 2L * capacity);
        long allowed = Math.min((long) LEAD * needed, maxBytes);
        int size = (int) Math.max(needed, Math.max(Math.min(wanted, allowed), MIN_BUFFER_BYTES));
        Lease grown = source.acquire(size);
        ByteBuffer buffer = grown.bytes().clear();
        if (old != null) {
            buffer.put(0, old.bytes(), 0, length);
            old.release();
        }
        lease = grown;
        return buffer;
    }

    /** Validates the next bytes of a text message, wherever they stand; false at the first bad one. */
    public boolean acceptText(ByteBuffer buffer, int start, int end) {
        return validator.accept(buffer, start, end);
    }

    /** Where in a character the text validated so far ends, as {@link Utf8Validator#state} tells. */
    public long textState() {
        return validator.state();
    }

    /** Whether the text validated so far ends at a character's boundary. */
    public boolean isTextComplete() {
        return validator.isComplete();
    }

    /** The message so far: a buffer whose position and limit are its bounds. Valid until {@link #clear}. */
    public ByteBuffer content() {
        Lease held = lease;
        return held == null
                ? EMPTY
                : held.bytes().order(ByteOrder.BIG_ENDIAN).limit(length).position(0);
    }

    /**
     * Counts one more look at the message.
     *
     * @param present which shortage of memory it is
     * @return how many looks there have been in that shortage since the message's beginning; 0 if it takes no memory
     */
    public int growOlder(int present) {
        if (length == 0) {
            return 0;
        }
        if (shortage != present) {
            shortage = present;
            age = 0;
        }
        return ++age;
    }

    /**
     * Forgets the message.
     *
     * @param keepBytes the largest buffer that is kept for the next one; a larger one is given back
     */
    public void clear(int keepBytes) {
        validator.reset();
        length = 0;
        age = 0;
        Lease held = lease;
        if (held != null) {
            held.bytes().clear();
            if (held.bytes().capacity() > keepBytes) {
                held.release();
                lease = null;
            }
        }
    }
}
