package io.duplex.polling;

import io.duplex.polling.session.Refusal;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;

/** What one side of a session has received from the other, by number: each packet once. Confined to the session's loop. */
final class Reception {
    private final Session session;
    private long last;

    Reception(Session session) {
        this.session = session;
    }

    /** The number of the last packet that came; 0 before the first. */
    long last() {
        return last;
    }

    /** A block that says what was received. */
    ByteBuffer acknowledgement() {
        return Block.empty(last, session.packets().last() + 1);
    }

    /**
     * The other side has all packets up to that one.
     *
     * @throws Refusal if it cannot have that packet
     */
    void acknowledge(long number) {
        if (number > session.packets().last()) {
            throw new Refusal(400, "acknowledges what was not sent");
        }
        session.acknowledge(number);
    }

    /**
     * Takes what is new of a block.
     *
     * @return false if there is a gap before it, so that none of it was taken
     * @throws Refusal if it acknowledges what was not sent
     */
    boolean take(Block block) {
        if (block.first() > last + 1) {
            return false;
        }
        acknowledge(block.ack());
        long blockLast = block.first() + block.count() - 1;
        if (blockLast > last) {
            ByteBuffer packets = block.packetsFrom(last + 1);
            last = blockLast;
            session.receive(packets);
        } else {
            session.heard();
        }
        return true;
    }
}
