package io.duplex.protocol;

import io.duplex.extension.MessageDeflater;
import io.duplex.message.Utf8Validator;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A whole message for many connections: encoded by who makes it, and compressed once for each window size that is in use, by
 * whichever engine needs it first. Thread-safe.
 *
 * <p>All engines that send one message compress with the same options.
 */
public final class SharedMessage {
    /*
     * The compressed form refers to nothing before the message, so that it is right for every receiver of a window of that
     * size, whether contexts are taken over or not: a sender may always start with an empty window (RFC 7692 §7.2.1). A sender
     * that keeps a context has to give it up, since the receiver's window now has something that its own has not.
     */

    /** Stands for a compressed form that is no shorter than the message. */
    private static final byte[] USELESS = {};

    private final boolean text;
    private final byte[] payload;
    /** By window bits; {@code null} until one is needed. Two loops may make the same form at the same time; either is good. */
    private volatile @Nullable AtomicReferenceArray<byte @Nullable []> compressed;

    /**
     * Creates a message. Text is looked at here, once, and not when it is sent.
     *
     * @param text whether it is text
     * @param payload the message's from now on: it must not be changed
     * @throws IllegalArgumentException if it is text, and not valid UTF-8
     */
    public SharedMessage(boolean text, byte[] payload) {
        this(payload, text);
        if (text && !Utf8Validator.isValid(ByteBuffer.wrap(payload), 0, payload.length)) {
            throw new IllegalArgumentException("text is not valid UTF-8");
        }
    }

    private SharedMessage(byte[] payload, boolean text) {
        this.text = text;
        this.payload = payload;
    }

    /** Creates the same of a payload that the caller knows to be valid UTF-8 if it is text. */
    public static SharedMessage ofValid(boolean text, byte[] payload) {
        return new SharedMessage(payload, text);
    }

    /** Whether it is text. */
    public boolean isText() {
        return text;
    }

    /** Length of the payload in bytes. */
    public int length() {
        return payload.length;
    }

    /** The payload, read-only: valid UTF-8 if it is text. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(payload).asReadOnlyBuffer();
    }

    byte[] payload() {
        return payload;
    }

    /** The octets to send compressed; {@code null} if that makes the message no shorter. */
    byte @Nullable [] compressed(MessageDeflater deflater) {
        AtomicReferenceArray<byte @Nullable []> forms = compressed;
        if (forms == null) {
            forms = new AtomicReferenceArray<>(MessageDeflater.MAX_WINDOW_BITS + 1);
            compressed = forms;
        }
        byte[] octets = forms.get(deflater.windowBits());
        if (octets == null) {
            ByteBuffer made = deflater.compressAlone(ByteBuffer.wrap(payload));
            octets = USELESS;
            if (made.remaining() < payload.length) {
                octets = new byte[made.remaining()];
                made.get(octets);
            }
            forms.set(deflater.windowBits(), octets);
        }
        return octets.length == 0 ? null : octets;
    }
}
