package io.duplex;

/**
 * What one peer can make this side hold or do. All but the {@link #rates()} are on by default; each default is safe for
 * thousands of strangers. Immutable and thread-safe.
 */
public final class Limits {
    /** The defaults. */
    public static final Limits DEFAULT = builder().build();

    private final int maxMessageBytes;
    private final long maxStreamBytes;
    private final int maxFrameBytes;
    private final int maxFragments;
    private final int maxQueueBytes;
    private final int maxQueueMessages;
    private final SendPolicy sendPolicy;
    private final int maxHeaderBytes;
    private final int maxHeaderFields;
    private final RateLimits rates;

    private Limits(Builder builder) {
        maxMessageBytes = builder.maxMessageBytes;
        maxStreamBytes = builder.maxStreamBytes == Builder.AS_MESSAGE ? maxMessageBytes : builder.maxStreamBytes;
        maxFrameBytes = builder.maxFrameBytes == Builder.AS_MESSAGE ? maxMessageBytes : builder.maxFrameBytes;
        maxFragments = builder.maxFragments;
        maxQueueBytes = builder.maxQueueBytes;
        maxQueueMessages = builder.maxQueueMessages;
        sendPolicy = builder.sendPolicy;
        maxHeaderBytes = builder.maxHeaderBytes;
        maxHeaderFields = builder.maxHeaderFields;
        rates = builder.rates;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Bytes of a message that is taken whole, inflated. Default 1 MiB; beyond it 1009. Its compressed form may be a sixteenth longer, because
     * data that does not shrink grows.
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * Bytes of a message that is taken in parts ({@link WebSocketHandler.Delivery#PARTS}) or as a stream ({@link
     * BlockingWebSocket#receiveStream}), inflated. Such a message is never held whole, so that this bounds what the application
     * makes of it, not memory. Default: as {@link #maxMessageBytes()}; beyond it 1009.
     */
    public long maxStreamBytes() {
        return maxStreamBytes;
    }

    /**
     * Payload bytes of one frame, as sent; at most 2 GiB - 1. Default: as {@link #maxMessageBytes()}; beyond it 1009. Where it
     * is not below that, a compressed frame may be as long as a compressed message, and one of a message that is taken in parts
     * as long as {@link #maxStreamBytes()} lets it be.
     */
    public int maxFrameBytes() {
        return maxFrameBytes;
    }

    /** Frames of one message. Default 131,072: each costs time, none costs memory of its own. Beyond it 1009. */
    public int maxFragments() {
        return maxFragments;
    }

    /**
     * Bytes that wait for a peer that does not read. Default 4 MiB. A message is accepted as long as the queue is below it,
     * so that the queue holds at most this and one message more. Below 32 KiB it bounds {@link SendPolicy#close()} and
     * {@link SendPolicy#dropNewest()} only: so much goes to the transport, from which nothing is taken back.
     */
    public int maxQueueBytes() {
        return maxQueueBytes;
    }

    /**
     * Messages that wait in the queue itself. Default 16,384. Those of topics are shared by all who wait for them, so that each
     * costs a socket four bytes or eight, however long it is: this bounds what many small ones cost. What a socket under
     * {@link SendPolicy#close()} sends itself goes to the transport at once, and does not count.
     */
    public int maxQueueMessages() {
        return maxQueueMessages;
    }

    /** What becomes of a message that meets a full queue. Default {@link SendPolicy#close()}: nothing is lost unnoticed. */
    public SendPolicy sendPolicy() {
        return sendPolicy;
    }

    /** Bytes of a request or response head. Default 16 KiB; beyond it 431. */
    public int maxHeaderBytes() {
        return maxHeaderBytes;
    }

    /** Fields of a request or response head. Default 100; beyond it 431. */
    public int maxHeaderFields() {
        return maxHeaderFields;
    }

    /** How fast the peer may send. Default {@link RateLimits#NONE}. */
    public RateLimits rates() {
        return rates;
    }

    /** Starts from these limits. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxMessageBytes = maxMessageBytes;
        builder.maxStreamBytes = maxStreamBytes == maxMessageBytes ? Builder.AS_MESSAGE : maxStreamBytes;
        builder.maxFrameBytes = maxFrameBytes == maxMessageBytes ? Builder.AS_MESSAGE : maxFrameBytes;
        builder.maxFragments = maxFragments;
        builder.maxQueueBytes = maxQueueBytes;
        builder.maxQueueMessages = maxQueueMessages;
        builder.sendPolicy = sendPolicy;
        builder.maxHeaderBytes = maxHeaderBytes;
        builder.maxHeaderFields = maxHeaderFields;
        builder.rates = rates;
        return builder;
    }

    /** Builds {@link Limits}. Confined to one thread at a time. */
    public static final class Builder {
        private static final int AS_MESSAGE = -1;
        private int maxMessageBytes = 1 << 20;
        private long maxStreamBytes = AS_MESSAGE;
        private int maxFrameBytes = AS_MESSAGE;
        private int maxFragments = 1 << 17;
        private int maxQueueBytes = 4 << 20;
        private int maxQueueMessages = 16 << 10;
        private SendPolicy sendPolicy = SendPolicy.close();
        private int maxHeaderBytes = 16 << 10;
        private int maxHeaderFields = 100;
        private RateLimits rates = RateLimits.NONE;

        private Builder() {}

        /**
         * Sets {@link Limits#maxMessageBytes()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxMessageBytes(int bytes) {
            maxMessageBytes = positive("maxMessageBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#maxStreamBytes()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxStreamBytes(long bytes) {
            if (bytes <= 0) {
                throw new IllegalArgumentException("maxStreamBytes is " + bytes + ", must be positive");
            }
            maxStreamBytes = bytes;
            return this;
        }

        /**
         * Sets {@link Limits#maxFrameBytes()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxFrameBytes(int bytes) {
            maxFrameBytes = positive("maxFrameBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#maxFragments()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxFragments(int frames) {
            maxFragments = positive("maxFragments", frames);
            return this;
        }

        /**
         * Sets {@link Limits#maxQueueBytes()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxQueueBytes(int bytes) {
            maxQueueBytes = positive("maxQueueBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#maxQueueMessages()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxQueueMessages(int messages) {
            maxQueueMessages = positive("maxQueueMessages", messages);
            return this;
        }

        /** Sets {@link Limits#sendPolicy()}. */
        public Builder sendPolicy(SendPolicy policy) {
            sendPolicy = policy;
            return this;
        }

        /**
         * Sets {@link Limits#maxHeaderBytes()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxHeaderBytes(int bytes) {
            maxHeaderBytes = positive("maxHeaderBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#maxHeaderFields()}.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder maxHeaderFields(int fields) {
            maxHeaderFields = positive("maxHeaderFields", fields);
            return this;
        }

        /** Sets {@link Limits#rates()}. */
        public Builder rates(RateLimits limits) {
            rates = limits;
            return this;
        }

        /** Builds the limits. */
        public Limits build() {
            return new Limits(this);
        }

        private static int positive(String name, int value) {
            if (value <= 0) {
                throw new IllegalArgumentException(name + " is " + value + ", must be positive");
            }
            return value;
        }
    }
}
