package io.duplex;

/**
 * What one peer can make this side hold or do. All but the {@link #rates()} are on by default; each default is safe for
 * thousands of strangers. Immutable and thread-safe.
 */
public final class Limits {
    /** The defaults. */
    public static final Limits DEFAULT = builder().build();

    private final int maxMessageBytes;
    private final int maxFrameBytes;
    private final int maxFragments;
    private final int maxQueueBytes;
    private final int maxHeaderBytes;
    private final int maxHeaderFields;
    private final RateLimits rates;

    private Limits(Builder builder) {
        maxMessageBytes = builder.maxMessageBytes;
        maxFrameBytes = builder.maxFrameBytes == Builder.AS_MESSAGE ? maxMessageBytes : builder.maxFrameBytes;
        maxFragments = builder.maxFragments;
        maxQueueBytes = builder.maxQueueBytes;
        maxHeaderBytes = builder.maxHeaderBytes;
        maxHeaderFields = builder.maxHeaderFields;
        rates = builder.rates;
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Bytes of a whole message, inflated. Default 1 MiB; beyond it 1009. Its compressed form may be a sixteenth longer, because
     * data that does not shrink grows.
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * Payload bytes of one frame, as sent. Default: as {@link #maxMessageBytes()}; beyond it 1009. Where it is not below that,
     * a compressed frame may be as long as a compressed message.
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
     * so that the queue holds at most this and one message more.
     */
    public int maxQueueBytes() {
        return maxQueueBytes;
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

    /** Builds {@link Limits}. Confined to one thread at a time. */
    public static final class Builder {
        private static final int AS_MESSAGE = -1;
        private int maxMessageBytes = 1 << 20;
        private int maxFrameBytes = AS_MESSAGE;
        private int maxFragments = 1 << 17;
        private int maxQueueBytes = 4 << 20;
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
