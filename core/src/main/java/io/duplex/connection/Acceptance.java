package io.duplex.connection;

import io.duplex.WebSocketHandler.Delivery;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.protocol.Protocol;

/**
 * How a server accepts one opening handshake: what it answers, what the client has yet to send for it, and what is spoken from
 * then on. Confined to the event loop of its connection.
 */
public interface Acceptance {
    /** The acceptance of RFC 6455, with the extra fields of {@code answer}. */
    static Acceptance of(Answer.Accepted answer) {
        return new StandardAcceptance(answer);
    }

    /** What was agreed on. */
    Agreement agreement();

    /**
     * The response, which leaves at once: before the proof has come, for which a proxy may wait with it.
     *
     * @param extraFields fields that the application adds, such as Set-Cookie; they take the place of earlier ones
     * @throws IllegalArgumentException as {@link Answer#requireFree}
     */
    byte[] response(HeaderFields extraFields);

    /** Octets that the client sends behind the head of its request, and that are no frames; 0 for none. */
    default int proofBytes() {
        return 0;
    }

    /**
     * What is sent behind the response once the proof has come.
     *
     * @param proof {@link #proofBytes} octets
     */
    default byte[] prove(byte[] proof) {
        return proof;
    }

    /**
     * What is spoken from then on; called once.
     *
     * @param delivery how the handler wants its messages
     */
    Protocol protocol(ConnectionSettings settings, Delivery delivery, Loop loop, Transport transport);
}
