package io.duplex.engineio;

import io.duplex.connection.HttpExchange;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Session;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A request that is held until there is something to answer. Confined to the session's loop. */
final class PollCarrier implements Carrier {
    private static final int MOST_BYTES = 256 << 10;
    /** The heartbeat answers it long before. */
    private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

    private final EngineSession owner;
    private final HttpExchange exchange;
    private boolean answered;

    PollCarrier(EngineSession owner, HttpExchange exchange) {
        this.owner = owner;
        this.exchange = exchange;
    }

    boolean isAnswered() {
        return answered;
    }

    void begin() {
        Session session = owner.session();
        exchange.whenClosed(() -> session.loop().execute(() -> session.lose("a poll was cut")));
        session.attach(this, LONG_NANOS);
    }

    @Override
    public void onPackets() {
        if (answered) {
            return;
        }
        answered = true; // what is taken is acknowledged, which may be the session's end
        List<EnginePacket> packets = owner.take(MOST_BYTES);
        if (packets.isEmpty()) {
            answered = false;
        } else if (packets.stream().allMatch(Payload::fits)) {
            packets.replaceAll(PollCarrier::withoutBody);
            respond(packets);
        } else {
            Answers.refuse(exchange, EngineFault.BAD_REQUEST);
            owner.session().lose("a text has U+001E, which polling cannot carry");
        }
    }

    /** A Close says nothing here; its code is for a WebSocket. */
    private static EnginePacket withoutBody(EnginePacket packet) {
        return packet.type() == PacketType.CLOSE ? new EnginePacket(PacketType.CLOSE) : packet;
    }

    /** Answers without anything, so that the client goes on. */
    void release() {
        answer(List.of(new EnginePacket(PacketType.NOOP)));
    }

    private void answer(List<EnginePacket> packets) {
        if (answered) {
            return;
        }
        answered = true;
        respond(packets);
    }

    private void respond(List<EnginePacket> packets) {
        owner.session().detach(this);
        Answers.text(exchange, Payload.encode(packets));
    }

    @Override
    public void onReplaced() {
        release();
    }

    @Override
    public void onGone() {
        answer(List.of(new EnginePacket(PacketType.CLOSE)));
    }

    @Override
    public long onTime() {
        return LONG_NANOS;
    }
}
