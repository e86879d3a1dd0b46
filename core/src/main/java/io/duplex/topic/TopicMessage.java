package io.duplex.topic;

import java.nio.ByteBuffer;

/**
 * Something published, on its way from one node to others. Immutable and thread-safe.
 *
 * @param topic where it was published; any string
 * @param isText whether the payload is UTF-8 text, known to be valid; else it is binary
 * @param payload the content, read-only, from position to limit; each call of the accessor gives a view of its own
 * @param origin the node where it was published: a name that is unique among the nodes of the bus
 */
public record TopicMessage(String topic, boolean isText, ByteBuffer payload, String origin) {
    /** Makes the payload read-only; its bytes must not be changed any more. */
    public TopicMessage {
        payload = payload.asReadOnlyBuffer();
    }

    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }
}
