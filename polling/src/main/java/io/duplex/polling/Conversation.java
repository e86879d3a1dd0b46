package io.duplex.polling;

import io.duplex.connection.HttpExchange;
import io.duplex.polling.session.Owner;
import io.duplex.polling.session.Refusal;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a client and the server have said to each other in one session: which packets the server has received, and which
 * receiving request is the newest. Confined to the session's loop, but for what is final.
 */
final class Conversation {
    private final String id;
    private final Owner owner;
    private final Session session;

    private final Reception reception;
    private long turn;
    /** A POST that is held as the handler takes nothing; {@code null} if there is none. */
    private @Nullable HttpExchange heldPost;

    Conversation(String id, Owner owner, Session session) {
        this.id = id;
        this.owner = owner;
        this.session = session;
        this.reception = new Reception(session);
    }

    String id() {
        return id;
    }

    Owner owner() {
        return owner;
    }

    Session session() {
        return session;
    }

    /** The number of the last packet that came from the client. */
    long received() {
        return reception.last();
    }

    /** A block that says what was received. */
    ByteBuffer acknowledgement() {
        return reception.acknowledgement();
    }

    /**
     * Begins a receiving request.
     *
     * @param after the last packet that the client has
     * @throws Refusal if a newer request was there before, or the client cannot have that packet
     */
    void begin(long requestTurn, long after) {
        if (requestTurn < turn) {
            throw new Refusal(409, "a newer request receives");
        }
        acknowledge(after);
        turn = requestTurn;
    }

    /** @throws Refusal if the client cannot have that packet */
    void acknowledge(long number) {
        reception.acknowledge(number);
    }

    /**
     * Takes what is new of a block.
     *
     * @return false if there is a gap before it, so that none of it was taken
     * @throws Refusal if it acknowledges what was not sent
     */
    boolean take(Block block) {
        return reception.take(block);
    }

    /**
     * Takes the body of a POST and answers it: at once if it has acknowledgements only, otherwise once the handler takes messages.
     *
     * @throws Refusal if it acknowledges what was not sent
     */
    @SuppressWarnings("ReferenceEquality") // this exchange
    void post(HttpExchange exchange, Block block) {
        // At once: it may be what the session waits for to take messages again.
        acknowledge(block.ack());
        if (block.count() == 0) {
            session.heard();
            Answers.block(exchange, 200, acknowledgement(), owner.origin());
            return;
        }
        HttpExchange before = heldPost;
        heldPost = exchange;
        if (before != null) {
            Answers.block(before, 200, acknowledgement(), owner.origin());
        }
        Runnable taking = () -> {
            if (heldPost != exchange) {
                return; // a later one has taken its place, and it was answered
            }
            heldPost = null;
            try {
                int status = take(block) ? 200 : 409;
                Answers.block(exchange, status, acknowledgement(), owner.origin());
            } catch (Refusal refusal) {
                Answers.refuse(exchange, refusal, owner.origin());
            }
        };
        session.whenReading(taking);
        if (heldPost == exchange) {
            // Its body counts as long as it is there: then the client sends again what was not acknowledged.
            exchange.whenClosed(() -> session.loop().execute(() -> {
                if (heldPost == exchange) {
                    heldPost = null;
                    session.forget(taking);
                }
            }));
        }
    }
}
