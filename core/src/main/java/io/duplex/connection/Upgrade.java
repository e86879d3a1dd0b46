package io.duplex.connection;

import io.duplex.Handshake;
import io.duplex.WebSocketHandler;
import io.duplex.handshake.Answer;

/** What an {@link UpgradeHandler} has decided. */
public sealed interface Upgrade {
    /**
     * The host sends the answer and makes a {@link Connection} of the rest.
     *
     * @param answer the answer
     * @param handshake what the connection is told of it
     * @param handler of this connection alone; its callbacks run on the event loop
     */
    record Accepted(Answer.Accepted answer, Handshake handshake, WebSocketHandler handler) implements Upgrade {}

    /**
     * The host sends the answer and closes.
     *
     * @param answer the answer
     */
    record Refused(Answer.Refused answer) implements Upgrade {}
}
