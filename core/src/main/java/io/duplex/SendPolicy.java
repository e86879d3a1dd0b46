package io.duplex;

/**
 * What becomes of a message for a peer that does not read, once so much waits for it that the queue is full. As part of
 * {@link Limits} it rules all that is sent to a socket; given to a topic, what that topic brings. Immutable and thread-safe.
 *
 * <p>What is dropped is always a whole message that still waits: never a control frame, a part of a message, or anything of
 * which a byte has been given to the network. A message is compressed when it leaves the queue, so that one that is dropped
 * leaves no trace in what the peer decompresses. Each is counted ({@link WebSocket#droppedMessages}) and told
 * ({@link WebSocketHandler#onDropped}).
 */
public final class SendPolicy {
    /** What to do with a message that meets a full queue. */
    public enum Kind {
        /** Close the connection. */
        CLOSE,
        /** Leave the message out. */
        DROP_NEWEST,
        /** Leave the oldest messages out that wait under this policy. */
        DROP_OLDEST,
        /** Have each message take the place of the one before it, full or not. */
        LATEST_ONLY
    }

    private static final SendPolicy CLOSE = close(CloseCode.TRY_AGAIN_LATER);
    private static final SendPolicy DROP_NEWEST = new SendPolicy(Kind.DROP_NEWEST, CloseCode.TRY_AGAIN_LATER, 0);
    private static final SendPolicy DROP_OLDEST = new SendPolicy(Kind.DROP_OLDEST, CloseCode.TRY_AGAIN_LATER, 0);
    private static final SendPolicy LATEST_ONLY = new SendPolicy(Kind.LATEST_ONLY, CloseCode.TRY_AGAIN_LATER, 0);

    private final Kind kind;
    private final int closeCode;
    private final int maxBytes;

    private SendPolicy(Kind kind, int closeCode, int maxBytes) {
        this.kind = kind;
        this.closeCode = closeCode;
        this.maxBytes = maxBytes;
    }

    /** Closes the connection with 1013: who misses a message connects again and starts anew. The default. */
    public static SendPolicy close() {
        return CLOSE;
    }

    /**
     * As {@link #close()} with another code, such as 1008 for clients that should not come back at once.
     *
     * @throws IllegalArgumentException if the code may not appear in a Close frame
     */
    public static SendPolicy close(int code) {
        if (!CloseCode.isValidInFrame(code)) {
            throw new IllegalArgumentException("close code " + code + " must not be sent");
        }
        return new SendPolicy(Kind.CLOSE, code, 0);
    }

    /** Leaves the new message out: {@link SendStatus#REFUSED}. What waits already is worth more. */
    public static SendPolicy dropNewest() {
        return DROP_NEWEST;
    }

    /**
     * Leaves out the oldest messages that wait under this kind of policy, until there is room. If none does, and the rest is
     * {@link Limits#maxQueueBytes} by itself, the new message is left out.
     */
    public static SendPolicy dropOldest() {
        return DROP_OLDEST;
    }

    /**
     * Keeps only the latest of the messages that wait: of the topic, if it is a topic's policy; of the socket, if it is the
     * socket's. It takes the place of the one before it, so that it may overtake others that came between the two. For one
     * value among several on a socket there is {@link WebSocket#sendLatest(String, String)}. If the queue is full and there is
     * no place to take, the connection is closed with 1013.
     */
    public static SendPolicy latestOnly() {
        return LATEST_ONLY;
    }

    /**
     * The same policy with a bound of its own: the queue counts as full from {@code bytes} on. As all that waits for the
     * socket counts, topics that matter less, with a lower bound, leave room for those that matter more.
     *
     * @param bytes positive; no more than {@link Limits#maxQueueBytes} takes effect
     * @throws IllegalArgumentException if it is not positive
     */
    public SendPolicy upTo(int bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes is " + bytes + ", must be positive");
        }
        return new SendPolicy(kind, closeCode, bytes);
    }

    /** What to do with a message that meets a full queue. */
    public Kind kind() {
        return kind;
    }

    /** The close code of a connection that is closed. */
    public int closeCode() {
        return closeCode;
    }

    /**
     * The bytes from which the queue counts as full.
     *
     * @param maxQueueBytes those of {@link Limits}, which {@link #upTo} can only lower
     */
    public int maxBytes(int maxQueueBytes) {
        return maxBytes == 0 ? maxQueueBytes : Math.min(maxBytes, maxQueueBytes);
    }
}
