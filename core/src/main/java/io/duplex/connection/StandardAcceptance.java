package io.duplex.connection;

import io.duplex.Role;
import io.duplex.WebSocketHandler.Delivery;
import io.duplex.handshake.Agreement;
import io.duplex.handshake.Answer;
import io.duplex.handshake.HeaderFields;
import io.duplex.protocol.Protocol;
import io.duplex.protocol.WebSocketProtocol;

/** The acceptance of RFC 6455 §4.2.2. */
record StandardAcceptance(Answer.Accepted answer) implements Acceptance {
    @Override
    public Agreement agreement() {
        return answer.agreement();
    }

    @Override
    public byte[] response(HeaderFields extraFields) {
        Answer.Accepted whole = extraFields.size() == 0 ? answer : answer.withExtraFields(extraFields);
        return whole.toBytes();
    }

    @Override
    public Protocol protocol(ConnectionSettings settings, Delivery delivery, Loop loop, Transport transport) {
        return new WebSocketProtocol(
                Role.SERVER,
                settings.limits(),
                delivery,
                agreement().deflate(),
                settings.compression(),
                loop.workspace(),
                transport);
    }
}
