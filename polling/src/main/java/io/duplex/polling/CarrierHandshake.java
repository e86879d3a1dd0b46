package io.duplex.polling;

import io.duplex.connection.Upgrade;
import io.duplex.connection.UpgradeRequest;
import io.duplex.extension.PermessageDeflate;
import io.duplex.handshake.Answer;
import io.duplex.handshake.CompletedHandshake;
import io.duplex.handshake.HeaderFields;
import io.duplex.handshake.OriginPolicy;
import io.duplex.handshake.RequestHead;
import io.duplex.handshake.ServerHandshake;
import io.duplex.polling.session.Refusal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The opening handshake of a WebSocket connection that is to carry a session: the session's id is one of its subprotocols. */
final class CarrierHandshake {
    static final String PATH_END = "/carrier";

    /** The session's origin decides, which the server has admitted. */
    private final ServerHandshake handshake;

    CarrierHandshake(PermessageDeflate compression) {
        handshake = ServerHandshake.builder()
                .subprotocols(List.of(Polling.CARRIER_PROTOCOL))
                .origins(OriginPolicy.any())
                .deflate(compression)
                .build();
    }

    /**
     * Answers a request for such a connection.
     *
     * @param conversations finds the session of an id, or throws a {@link Refusal}
     * @return {@code null} if it asks for something else
     */
    @Nullable CompletionStage<Upgrade> answer(UpgradeRequest request, Function<String, Conversation> conversations) {
        RequestHead head = request.head();
        List<String> offered = head.fields().tokens("Sec-WebSocket-Protocol");
        if (offered == null
                || !offered.contains(Polling.CARRIER_PROTOCOL)
                || !head.path().endsWith(PATH_END)) {
            return null;
        }
        return CompletableFuture.completedFuture(decide(request, offered, conversations));
    }

    private Upgrade decide(UpgradeRequest request, List<String> offered, Function<String, Conversation> conversations) {
        RequestHead head = request.head();
        Answer answer = handshake.answer(head, request.isSecure());
        if (answer instanceof Answer.Refused refused) {
            return new Upgrade.Refused(refused);
        }
        Answer.Accepted accepted = (Answer.Accepted) answer;
        try {
            Conversation conversation = conversations.apply(idIn(offered));
            conversation.owner().require(head.fields(), false);
            Query query = Query.of(head.query());
            SocketCarrier carrier = new SocketCarrier(conversation, query.number("turn", 0), query.number("after", 0));
            return new Upgrade.Accepted(accepted, completed(request, accepted), carrier);
        } catch (Refusal refusal) {
            return new Upgrade.Refused(Answer.Refused.of(refusal.status(), HeaderFields.EMPTY, refusal.why() + "\n"));
        }
    }

    private static String idIn(List<String> offered) {
        for (String token : offered) {
            if (!token.equals(Polling.CARRIER_PROTOCOL)) {
                return token;
            }
        }
        throw new Refusal(400, "session is missing");
    }

    private static CompletedHandshake completed(UpgradeRequest request, Answer.Accepted accepted) {
        return new CompletedHandshake(
                request.head(),
                accepted.agreement(),
                HeaderFields.EMPTY,
                Map.of(),
                request.remoteAddress(),
                request.isSecure(),
                request.peerCertificates());
    }
}
