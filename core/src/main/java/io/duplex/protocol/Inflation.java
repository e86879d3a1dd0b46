package io.duplex.protocol;

import io.duplex.Violation;
import io.duplex.extension.MessageInflater;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Inflates the compressed messages that one connection receives, up to the limit and never a byte further (RFC 7692 §6.2,
 * RFC 6455 §10.4). Where the network cut the input makes no difference to the result. Confined to one thread at a time.
 */
final class Inflation {
    /** Compressed, data that does not shrink grows: by a stored block's header for each flush, every 256 bytes at worst. */
    private static final int GROWTH_SHIFT = 4;

    private static final int MIN_GROWTH = 64;

    private final MessageInflater inflater;
    private final long maxMessageBytes;
    private final Violation tooBig;
    private boolean pending;
    private boolean last;
    private long inflatedBytes;
    private @Nullable Violation violation;

    /**
     * Creates what inflates for one connection.
     *
     * @param maxMessageBytes the longest message that is taken, inflated
     * @param tooBig what a longer one breaks
     */
    Inflation(MessageInflater inflater, long maxMessageBytes, Violation tooBig) {
        this.inflater = inflater;
        this.maxMessageBytes = maxMessageBytes;
        this.tooBig = tooBig;
    }

    /** A new message begins. */
    void begin() {
        inflatedBytes = 0;
    }

    /**
     * Takes the next octets of the message, which {@link #next} reads where they stand.
     *
     * @param messageEnds whether no more follow
     */
    void input(ByteBuffer compressed, boolean messageEnds) {
        inflater.input(compressed, messageEnds);
        pending = true;
        last = messageEnds;
    }

    /** Copies what is left of the last input: the caller's buffer is about to hold something else. */
    void keepInput(Workspace workspace) {
        if (pending) {
            inflater.keepInput(workspace::acquire);
        }
    }

    /** Whether the last input may have more to give. */
    boolean isPending() {
        return pending;
    }

    /** Whether the message ends with the last input. */
    boolean isLast() {
        return last;
    }

    /**
     * Inflates into {@code out}, from its position on, which is moved.
     *
     * @param out has room, unless the message is at its limit
     * @return the number of bytes; 0 if the input is used up, or if {@link #violation()} says what is wrong
     */
    int next(ByteBuffer out) {
        long left = maxMessageBytes - inflatedBytes;
        int bytes = 0;
        if (left > 0) {
            bytes = inflate(out.limit((int) Math.min(out.position() + left, out.limit())));
        } else if (inflate(ByteBuffer.allocate(1)) > 0) {
            violation = tooBig;
        }
        inflatedBytes += bytes;
        pending = bytes > 0;
        return bytes;
    }

    private int inflate(ByteBuffer out) {
        int start = out.position();
        try {
            inflater.inflate(out);
        } catch (DataFormatException e) {
            // What came out before the fault counts first. To inflate on is to meet the fault again.
            if (out.position() == start) {
                violation = Violation.INVALID_DEFLATE_DATA;
            }
        }
        return out.position() - start;
    }

    /** The rule that the message breaks; {@code null} if none. */
    @Nullable Violation violation() {
        return violation;
    }

    /** Nothing more will be inflated: gives back all that is held. */
    void close() {
        pending = false;
        inflater.end();
    }

    /** The most octets that a message of at most {@code maxMessageBytes} may take in compressed form. */
    static long maxCompressedBytes(long maxMessageBytes) {
        long growth = (maxMessageBytes >> GROWTH_SHIFT) + MIN_GROWTH;
        return maxMessageBytes + Math.min(growth, Long.MAX_VALUE - maxMessageBytes);
    }
}
