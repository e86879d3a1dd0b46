package io.duplex.polling;

import io.duplex.connection.HttpExchange;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Refusal;
import io.duplex.polling.session.Session;
import java.util.concurrent.TimeUnit;

/** One poll, short or long: held without a thread, answered once. Confined to the session's loop. */
final class PollCarrier implements Carrier {
    /** As good as never: its answer is on its way. */
    private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

    private final Conversation conversation;
    private final HttpExchange exchange;
    private boolean answered;

    private PollCarrier(Conversation conversation, HttpExchange exchange) {
        this.conversation = conversation;
        this.exchange = exchange;
    }

    /** Answers at once, with or without packets. */
    static void answerShort(Conversation conversation, HttpExchange exchange) {
        PollCarrier poll = new PollCarrier(conversation, exchange);
        conversation.session().attach(poll, 0);
        poll.answer();
    }

    /** Answers as soon as there are packets; without any when time is up. */
    static void hold(Conversation conversation, HttpExchange exchange, long holdNanos) {
        PollCarrier poll = new PollCarrier(conversation, exchange);
        conversation.session().attach(poll, holdNanos);
        if (!poll.answered) {
            Session session = conversation.session();
            exchange.whenClosed(() -> session.loop().execute(poll::leave));
        }
    }

    /** The client has left before there was an answer. */
    private void leave() {
        answered = true;
        conversation.session().detach(this);
    }

    private void answer() {
        if (!answered) {
            answered = true;
            Session session = conversation.session();
            session.detach(this);
            Block.Filled block = Block.fill(
                    session.packets(), session.packets().acknowledged(), conversation.received(), Block.FILL_BYTES);
            Answers.block(exchange, 200, block.bytes(), conversation.owner().origin());
        }
    }

    @Override
    public void onPackets() {
        answer();
    }

    @Override
    public void onReplaced() {
        if (!answered) {
            answered = true;
            Answers.block(
                    exchange,
                    200,
                    conversation.acknowledgement(),
                    conversation.owner().origin());
        }
    }

    @Override
    public void onGone() {
        if (!answered) {
            answered = true;
            Answers.refuse(
                    exchange,
                    new Refusal(404, "session has ended"),
                    conversation.owner().origin());
        }
    }

    @Override
    public long onTime() {
        answer();
        return LONG_NANOS;
    }
}
