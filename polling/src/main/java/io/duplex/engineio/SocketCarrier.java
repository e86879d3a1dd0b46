package io.duplex.engineio;

import io.duplex.CloseCode;
import io.duplex.CloseOutcome;
import io.duplex.CloseStatus;
import io.duplex.SendStatus;
import io.duplex.WebSocket;
import io.duplex.WebSocketHandler;
import io.duplex.connection.Connection;
import io.duplex.connection.TimerWheel;
import io.duplex.polling.session.Carrier;
import io.duplex.polling.session.Crossing;
import io.duplex.polling.session.Packet;
import io.duplex.polling.session.Session;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection that carries a session, from its beginning or from the middle on. It is the handler of that
 * connection, which may live on another loop; all else is confined to the session's loop.
 */
final class SocketCarrier implements WebSocketHandler, Carrier {
    private static final int MOST_BYTES = 64 << 10;
    private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);
    private static final long UPGRADE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Finds the session that is to be upgraded, or opens one on the connection's loop; {@code null} if there is none. */
    private final Function<WebSocket, @Nullable EngineSession> sessions;

    private final boolean upgrades;

    private @Nullable EngineSession owner;
    private @Nullable WebSocket socket;
    private final TimerWheel.Timer patience = new TimerWheel.Timer(now -> giveUp());
    private final Crossing underWay = new Crossing();
    private boolean probed;
    private boolean carries;
    private boolean awaitsDrain;
    private boolean ended;

    SocketCarrier(boolean upgrades, Function<WebSocket, @Nullable EngineSession> sessions) {
        this.upgrades = upgrades;
        this.sessions = sessions;
    }

    // The connection's loop

    @Override
    public void onOpen(WebSocket opened) {
        EngineSession found = sessions.apply(opened);
        socket = opened;
        owner = found;
        if (found == null) {
            opened.close(CloseCode.POLICY_VIOLATION, "session is unknown");
            return;
        }
        inSession(opened, () -> begin(found, opened));
    }

    private void inSession(WebSocket from, Runnable task) {
        EngineSession found = owner;
        if (found != null) {
            found.session().run(((Connection) from).loop(), task);
        }
    }

    @Override
    public void onTextBytes(WebSocket from, ByteBuffer utf8) {
        ByteBuffer copy = copy(utf8);
        underWay.enter(from, copy.capacity());
        inSession(from, () -> {
            underWay.leave(from, copy.capacity());
            try {
                receive(from, Payload.decodeText(copy));
            } catch (PayloadFault fault) {
                fail(from, fault);
            }
        });
    }

    @Override
    public void onBinary(WebSocket from, ByteBuffer payload) {
        ByteBuffer copy = copy(payload);
        underWay.enter(from, copy.capacity());
        inSession(from, () -> {
            underWay.leave(from, copy.capacity());
            try {
                receive(from, new EnginePacket(PacketType.BINARY, copy));
            } catch (PayloadFault fault) {
                fail(from, fault);
            }
        });
    }

    /** The session's handler may be the slower one: what it has not taken yet lies here. */
    private static ByteBuffer copy(ByteBuffer payload) {
        return ByteBuffer.allocate(payload.remaining()).put(payload).flip();
    }

    @Override
    public void onDrain(WebSocket from) {
        inSession(from, () -> {
            awaitsDrain = false;
            onPackets();
        });
    }

    @Override
    public void onClose(WebSocket from, CloseOutcome outcome) {
        inSession(from, () -> closed(outcome));
    }

    // The session's loop

    private void begin(EngineSession found, WebSocket opened) {
        if (!found.reserve(this)) {
            ended = true;
            opened.close(CloseCode.POLICY_VIOLATION, "session has a WebSocket already, or has ended");
        } else if (!upgrades) {
            carry(found);
        } else {
            found.session().loop().timers().schedule(patience, UPGRADE_NANOS);
        }
    }

    /** The client has not come over in time. */
    private long giveUp() {
        WebSocket opened = socket;
        if (!carries && !ended && opened != null) {
            opened.close(CloseCode.POLICY_VIOLATION, "upgrade took too long");
        }
        return TimerWheel.Watch.NEVER;
    }

    private void carry(EngineSession found) {
        carries = true;
        found.session().attach(this, LONG_NANOS);
    }

    private void receive(WebSocket from, EnginePacket packet) throws PayloadFault {
        EngineSession present = owner;
        if (present == null || ended) {
            return;
        }
        if (carries) {
            present.receive(packet);
        } else if (packet.type() == PacketType.PING && packet.isProbe()) {
            probed = true;
            from.sendText(Payload.encodeText(new EnginePacket(PacketType.PONG, ByteBuffer.wrap(EnginePacket.PROBE))));
            present.beginUpgrade();
        } else if (packet.type() == PacketType.UPGRADE && probed) {
            present.endUpgrade();
            carry(present);
        } else {
            throw new PayloadFault("a packet came before the upgrade");
        }
    }

    private void fail(WebSocket from, PayloadFault fault) {
        EngineSession present = owner;
        from.close(CloseCode.POLICY_VIOLATION, String.valueOf(fault.getMessage()));
        if (present != null && carries) {
            present.session().lose(String.valueOf(fault.getMessage()));
        }
    }

    @Override
    public void onPackets() {
        EngineSession present = owner;
        WebSocket to = socket;
        if (present == null || to == null) {
            return;
        }
        while (!ended && !awaitsDrain) {
            List<EnginePacket> packets = present.take(MOST_BYTES);
            if (packets.isEmpty()) {
                return;
            }
            for (EnginePacket packet : packets) {
                send(to, packet);
            }
        }
    }

    private void send(WebSocket to, EnginePacket packet) {
        if (packet.type() == PacketType.CLOSE) {
            ended = true;
            close(to, packet.data());
            return;
        }
        SendStatus status = packet.type() == PacketType.BINARY
                ? to.send(packet.data().duplicate())
                : to.sendText(Payload.encodeText(packet));
        if (status == SendStatus.QUEUED) {
            awaitsDrain = true;
        }
    }

    private static void close(WebSocket to, ByteBuffer body) {
        CloseStatus status = new Packet(Packet.Kind.CLOSE, body).status();
        if (status.equals(CloseStatus.NO_STATUS)) {
            to.closeWithoutStatus();
        } else {
            to.close(status.code(), status.reason());
        }
    }

    private static void end(Session session, CloseStatus status) {
        if (status.equals(CloseStatus.NO_STATUS)) {
            session.connection().closeWithoutStatus();
        } else {
            session.connection().close(status.code(), status.reason());
        }
        session.loop().execute(() -> session.acknowledge(session.packets().last()));
    }

    private void closed(CloseOutcome outcome) {
        EngineSession present = owner;
        if (present == null) {
            return;
        }
        Session session = present.session();
        boolean carried = carries;
        ended = true;
        session.loop().timers().cancel(patience);
        if (carried && !session.isOver()) {
            if (outcome.clean() && outcome.closedBy() == CloseOutcome.ClosedBy.PEER) {
                present.closed(outcome.status());
            } else if (outcome.closedBy() == CloseOutcome.ClosedBy.SELF && outcome.sent() != null) {
                end(session, outcome.sent()); // the server drains
            } else {
                session.lose("the WebSocket broke: " + outcome.status().code());
            }
        }
        session.detach(this);
        present.release(this);
    }

    @Override
    public void onReplaced() {
        onGone();
    }

    @Override
    public void onGone() {
        WebSocket to = socket;
        if (!ended && to != null) {
            ended = true;
            to.closeWithoutStatus();
        }
    }

    @Override
    public long onTime() {
        return LONG_NANOS;
    }

    @Override
    public void onReading(boolean reading) {
        WebSocket from = socket;
        if (from != null) {
            underWay.hold(from, !reading);
        }
    }
}
