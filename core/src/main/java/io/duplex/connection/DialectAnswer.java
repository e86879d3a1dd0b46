package io.duplex.connection;

import io.duplex.handshake.Answer;
import io.duplex.handshake.RequestHead;

/** What a {@link Dialect} has decided. */
public sealed interface DialectAnswer {
    /** The answer of RFC 6455 to {@code request}. */
    static DialectAnswer of(RequestHead request, Answer answer) {
        if (answer instanceof Answer.Accepted accepted) {
            return new Accepted(request, Acceptance.of(accepted));
        }
        return new Refused((Answer.Refused) answer);
    }

    /**
     * The connection is established once the response was sent, and the proof has come.
     *
     * @param request what the application is told of the request
     * @param acceptance the rest
     */
    record Accepted(RequestHead request, Acceptance acceptance) implements DialectAnswer {}

    /**
     * The host sends the answer and closes.
     *
     * @param answer the answer
     */
    record Refused(Answer.Refused answer) implements DialectAnswer {}
}
