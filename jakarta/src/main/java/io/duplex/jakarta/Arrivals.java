package io.duplex.jakarta;

import io.duplex.CloseOutcome;
import java.nio.ByteBuffer;

/** What an {@link Inbox} holds. */
final class Arrivals {
    private Arrivals() {}

    /** The connection is open. */
    record Opened() implements Inbox.Item {}

    /** A message or a part of one. */
    static final class Part implements Inbox.Item {
        private final boolean text;
        private final byte[] bytes;
        private final boolean last;

        /**
         * Takes the bytes over.
         *
         * @param text whether of a text
         * @param last whether the message ends with it
         */
        Part(boolean text, byte[] bytes, boolean last) {
            this.text = text;
            this.bytes = bytes;
            this.last = last;
        }

        boolean text() {
            return text;
        }

        byte[] bytes() {
            return bytes;
        }

        boolean last() {
            return last;
        }

        @Override
        public int size() {
            return bytes.length;
        }
    }

    /** A Pong. */
    record Pong(ByteBuffer payload) implements Inbox.Item {
        @Override
        public int size() {
            return payload.remaining();
        }
    }

    /** The connection has failed. */
    record Failed(Throwable fault) implements Inbox.Item {}

    /** This side has begun to close. */
    record Closing() implements Inbox.Item {}

    /** The connection has ended. */
    record Closed(CloseOutcome outcome) implements Inbox.Item {}
}
